# One line a target; .ci/run calls the same ones. quick is for every minute, ci for before a landing.
.PHONY: build test quick demo lint tidy gen drift short race long arm64 vuln fuzz peers bench ci

BASE    = main
TEST    = go test -ldflags=-w
TOOL    = go tool -modfile=tools/go.mod
CHANGED = $$(tools/changed.sh $$(git merge-base HEAD $(BASE)))
CUT     = $$(grep -rl 'testing.Short()' --include=*_test.go . | xargs -n1 dirname | sort -u)
RACY    = ./blob/... ./client ./daemon ./demo/... ./gateway ./p2p/... ./x/...

build:            ; go build -o . ./cmd/minga ./cmd/minga-verify
test:             ; go test ./...
quick:            ; go vet $(CHANGED) && $(TEST) -short $(CHANGED)
demo:             ; go run ./cmd/minga demo
lint:             ; go vet ./... && $(TOOL) golangci-lint run ./...
tidy:             ; go mod tidy -diff
gen:              ; tools/protogen.sh && go generate ./kernel ./blob
drift: gen        ; git diff --exit-code -- proto x kernel blob
short:            ; $(TEST) -short -shuffle=on ./...
race:             ; go test -short -shuffle=on -race $(RACY)
long:             ; $(TEST) -shuffle=on $(CUT)
arm64:            ; tools/arm64.sh
vuln:             ; tools/vuln.sh ./...
fuzz:             ; tools/fuzz.sh 30
peers:            ; bench/peers.sh
bench:            ; bench/speed.sh
ci:               ; .ci/run
