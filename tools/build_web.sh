#!/usr/bin/env bash
# Builds the web client when its sources are newer than the last build.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/node_path.sh
if [[ -f web/dist/index.html ]] &&
   [[ -z $(find web/src web/public web/index.html web/package-lock.json web/vite.config.ts -newer web/dist/index.html -print -quit 2>/dev/null) ]]; then
  exit 0
fi
cd web && npm run --silent build
