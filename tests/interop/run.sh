#!/usr/bin/env bash
# Runs unmodified LiveKit clients against $CONCLAVE (default: build/dev/src/conclave). Arguments are test files;
# PATHS=v1 or v0 and BROWSERS=chromium or firefox select. Logs, screenshots: build/interop-artifacts; the longest
# silences: build/interop/report.json.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tools/node_path.sh

export CONCLAVE=${CONCLAVE:-$PWD/build/dev/src/conclave}
[[ -x $CONCLAVE ]] || { echo "$CONCLAVE is missing: make interop builds it" >&2; exit 1; }
for folder in tests/e2e tests/interop; do
  [[ -d $folder/node_modules ]] || { echo "$folder has no packages: make setup installs them" >&2; exit 1; }
done
export ARTIFACTS=$PWD/build/interop-artifacts
rm -rf "$ARTIFACTS" build/interop
mkdir -p "$ARTIFACTS" build/interop
export NODE_ENV=production # keeps the native client from logging every step

files=("$@")
((${#files[@]})) || files=(tests/interop/*.test.mjs)
# Two files at a time: while one waits the other works.
status=0
node --test --test-concurrency=2 --test-timeout=400000 \
  --test-reporter=spec --test-reporter-destination=stdout \
  --test-reporter=./tests/interop/lib/tally.mjs --test-reporter-destination="$ARTIFACTS/tally" \
  "${files[@]}" || status=$?
node tests/interop/lib/report.mjs build/interop/report.json
cat "$ARTIFACTS/tally"
exit "$status"
