#!/usr/bin/env bash
# npm with the project's Node, in one of its folders: npm.sh web test
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/node_path.sh
cd "$1"
shift
exec npm "$@"
