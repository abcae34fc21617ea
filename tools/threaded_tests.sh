#!/usr/bin/env bash
# The modules that hand values between threads (mailboxes, the store's queue): their tests run under TSan too. The
# server's threads meet only in those mailboxes.
set -euo pipefail
modules=(net store)
if [[ ${1:-} == --regex ]]; then
  (IFS='|' && echo "${modules[*]}")
else
  printf '%s_test ' "${modules[@]}"
fi
