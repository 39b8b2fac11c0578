#!/usr/bin/env bash
# Lists the packages of this module whose files differ from a commit, new files included: tools/changed.sh main
set -euo pipefail
cd "$(dirname "$0")/.."
{
  git diff --name-only "$1" -- '*.go' '*/testdata/*'
  git ls-files --others --exclude-standard -- '*.go' '*/testdata/*'
} | sed 's|/testdata/.*|/x|; s|^|./|; s|/[^/]*$||' | sort -u | while read -r dir; do
  go list "$dir" 2>/dev/null || true # a folder of another module, or without Go code of its own
done
