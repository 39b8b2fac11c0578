#!/usr/bin/env bash
# Speed beside OpenBLAS (products), PyTorch (training), llama.cpp (generation) and
# GoMLX's pure Go backend (products), each interleaved with ours in one run. Needs,
# from Debian: libopenblas-dev, libopenblas0-openmp, python3-torch; and Node.js with
# the npm registry. On a busy machine, `chrt -r 1 bench/speed.sh` keeps neighbours
# out of the figures.
set -euo pipefail
cd "$(dirname "$0")"
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
(cd openblas && go run .)
(cd torch && go run .)
(cd llamacpp && npm install --no-audit --no-fund --loglevel=error && go run .)
(cd gomlx && go run .)
