#!/usr/bin/env bash
# Runs fuzz targets, each for some seconds: of every package, or of those that are named.
#   tools/fuzz.sh 300
#   tools/fuzz.sh 30 ./blob ./verify
# TOTAL=120 bounds the seconds of all targets together.
set -euo pipefail
cd "$(dirname "$0")/.."
each=$1
shift
[ $# -gt 0 ] || set -- ./...
targets=$(go list -f '{{.Dir}}' "$@" | while read -r dir; do
  { grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go || true; } 2>/dev/null | sed "s|^func |$dir |"
done)
[ -n "$targets" ] || { echo "no fuzz target in $*"; exit 0; }
share=$((${TOTAL:-1000000} / $(wc -l <<<"$targets")))
each=$((share < 1 ? 1 : share < each ? share : each))
while read -r dir target; do
  printf '== %s %s, %s s\n' "${dir#"$PWD/"}" "$target" "$each"
  go test -ldflags=-w "$dir" -run '^$' -fuzz "^$target\$" -fuzztime "${each}s"
done <<<"$targets"
