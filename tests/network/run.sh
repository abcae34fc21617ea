#!/usr/bin/env bash
# Real browsers on bad networks: see README.md. Needs root. Arguments are scenarios; without, all of them.
# The driver lives where the server does: what it asks of the server passes no bad link.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tools/node_path.sh

export CONCLAVE=${CONCLAVE:-$PWD/build/release/src/conclave}
export LINK_EMULATOR=${LINK_EMULATOR:-$PWD/build/release/tests/network/link_emulator}
export ARTIFACTS=$PWD/build/network-artifacts
for program in "$CONCLAVE" "$LINK_EMULATOR"; do
  [[ -x $program ]] || { echo "$program is missing: make network builds it" >&2; exit 1; }
done
for tool in espeak-ng nft certutil; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: make setup installs it" >&2; exit 1; }
done
((EUID == 0)) || { echo "network namespaces need root" >&2; exit 1; }
mkdir -p "$ARTIFACTS" build/bench

# Names of this run alone: several may go on at once.
export SITE=cn$$
finish() {
  local space
  for space in $(ip netns list | awk -v site="$SITE" 'index($1, site) == 1 { print $1 }'); do
    ip netns delete "$space"
    rm -rf "/etc/netns/$space"
  done
}
trap finish EXIT
ip netns add "${SITE}s"
ip -n "${SITE}s" link set lo up
ip -n "${SITE}s" address add 203.0.113.1/32 dev lo
ip netns exec "${SITE}s" "$(command -v node)" tests/network/network.mjs "$@"
