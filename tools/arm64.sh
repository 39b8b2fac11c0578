#!/usr/bin/env bash
# Compiles what computes for arm64, and trains there to the same bits, under qemu.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOARCH=arm64
go vet ./kernel ./nn/... ./train ./infer ./verify/... ./blob/...
command -v qemu-aarch64 || { apt-get update -q && apt-get install -qy --no-install-recommends qemu-user; }
go test -exec qemu-aarch64 -run NeverChange ./train
