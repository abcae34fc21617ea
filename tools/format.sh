#!/usr/bin/env bash
# Formats the C++ sources (all, or the files given); --check only says what would change.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=(-i)
if [[ ${1:-} == --check ]]; then
  mode=(--dry-run --Werror)
  shift
fi
if (($#)); then files=("$@"); else mapfile -t files < <(git ls-files '*.cc' '*.h'); fi
((${#files[@]})) || exit 0
printf '%s\0' "${files[@]}" | xargs -0 -n 16 -P "$(nproc)" clang-format-14 "${mode[@]}"
