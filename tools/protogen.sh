#!/usr/bin/env bash
# Formats proto/, lints it and makes x/*/*.pb.go from it. It needs no network: the SDK's proto files are copied from
# the Go module cache.
set -euo pipefail
cd "$(dirname "$0")/.."
dir() { go list -m -f '{{.Dir}}' "$1"; }
deps=third_party/proto
rm -rf third_party gen
mkdir -p $deps/google/api $deps/gogoproto $deps/cosmos_proto
trap 'chmod -R u+w third_party; rm -rf third_party gen' EXIT
sdk=$(dir github.com/cosmos/cosmos-sdk)
cp -r "$sdk/proto/amino" "$sdk/proto/cosmos" "$sdk/proto/tendermint" $deps/
cp "$(dir github.com/cosmos/gogoproto)/gogoproto/gogo.proto" $deps/gogoproto/
cp "$(dir github.com/cosmos/cosmos-proto)/proto/cosmos_proto/cosmos.proto" $deps/cosmos_proto/
google=$(dir github.com/grpc-ecosystem/grpc-gateway)/third_party/googleapis/google/api
cp "$google"/{annotations,http}.proto $deps/google/api/
bin=$(mktemp -d)
(cd tools && go build -o "$bin/" github.com/bufbuild/buf/cmd/buf github.com/cosmos/gogoproto/protoc-gen-gocosmos)
export PATH="$bin:$PATH"
buf format proto --write
buf lint proto
buf generate proto --template proto/buf.gen.yaml --output proto
rm -rf "$bin"
cp -r gen/github.com/minga-network/minga/x/* x/
