# One line a target; .ci/run calls the same ones.
.PHONY: build test demo lint gen drift fuzz peers bench

build:            ; go build -o . ./cmd/minga ./cmd/minga-verify
test:             ; go test ./...
demo:             ; go run ./cmd/minga demo
lint:             ; go vet ./... && go tool -modfile=tools/go.mod golangci-lint run ./...
gen:              ; tools/protogen.sh && go generate ./kernel ./blob
drift: gen        ; git diff --exit-code -- x kernel blob
fuzz:             ; tools/fuzz.sh 30s
peers:            ; bench/peers.sh
bench:            ; bench/speed.sh
