#!/usr/bin/env bash
# Tests against programs that are not ours: llama.cpp on an exported GGUF file,
# and the npm openai client on the gateway. Needs Node.js and the npm registry.
set -euo pipefail
cd "$(dirname "$0")"
for peer in llamacpp openai; do
  (cd "$peer" && npm install --no-audit --no-fund --loglevel=error)
done
cd ..
MINGA_PEERS=1 go test -count=1 -v -run 'LlamaCpp|NPMOpenAI' ./infer ./gateway
