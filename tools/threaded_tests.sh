#!/usr/bin/env bash
# The tests of modules above the purity line: only they have threads, so only they run under TSan.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t modules < <(sed -nE '/PURE/d; s/^module\((\w+).*/\1/p' src/CMakeLists.txt)
if [[ ${1:-} == --regex ]]; then
  (IFS='|' && echo "${modules[*]}")
else
  printf '%s_test ' "${modules[@]}"
fi
