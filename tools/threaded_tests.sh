#!/usr/bin/env bash
# The modules above the purity line: only they have threads, so only they are tested under TSan.
if [[ ${1:-} == --regex ]]; then echo 'net|store|server'; else echo 'net_test store_test server_test'; fi
