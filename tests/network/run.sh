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
# Another server of this machine is reached there; it sees one address and a port for each flow.
if [[ -n ${NETWORK_SERVER:-} ]]; then
  ip link add "${SITE}o" type veth peer name out netns "${SITE}s"
  ip address add 10.78.0.1/24 dev "${SITE}o"
  ip link set "${SITE}o" up
  ip -n "${SITE}s" address add 10.78.0.2/24 dev out
  ip -n "${SITE}s" link set out up
  ip netns exec "${SITE}s" sysctl -q -w net.ipv4.ip_forward=1
  ip netns exec "${SITE}s" nft -f - <<'RULES'
table ip out {
  chain post {
    type nat hook postrouting priority 100
    oifname "out" masquerade
  }
}
RULES
fi
ip netns exec "${SITE}s" "$(command -v node)" tests/network/network.mjs "$@"
