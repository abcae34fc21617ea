#!/usr/bin/env bash
# Runs the end-to-end tests against $CONCLAVE (default: build/dev/src/conclave). Arguments are test files.
# Screenshots and server logs go to build/e2e-artifacts.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tools/node_path.sh

export CONCLAVE=${CONCLAVE:-$PWD/build/dev/src/conclave}
[[ -x $CONCLAVE ]] || { echo "$CONCLAVE is missing: make e2e builds it" >&2; exit 1; }
[[ -d tests/e2e/node_modules ]] || { echo "tests/e2e has no packages: make setup installs them" >&2; exit 1; }
rm -rf build/e2e-artifacts
mkdir -p build/e2e-artifacts

files=("$@")
((${#files[@]})) || files=(tests/e2e/*.test.mjs)
# One file at a time: each brings up browsers enough for two cores.
status=0
node --test --test-reporter=spec --test-concurrency=1 --test-timeout=900000 "${files[@]}" || status=$?
node tests/e2e/lib/figures.mjs
exit "$status"
