#!/usr/bin/env bash
# A picture of every page and state into build/screenshots, against $CONCLAVE. Arguments are the stories wanted.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tools/node_path.sh

export CONCLAVE=${CONCLAVE:-$PWD/build/dev/src/conclave} ARTIFACTS=$PWD/build/screenshots
rm -rf "$ARTIFACTS"
mkdir -p "$ARTIFACTS"
exec node tests/e2e/screenshots.mjs "$@"
