#!/usr/bin/env bash
# Two people meet over a bad network: see README.md. Needs root. Usage: run.sh [loss%] [seconds] [seed]
# More of the link in LINK, as link_emulator takes it: LINK="delay=40 jitter=10 rate=1000000".
# WITHOUT_RED="Bruno": that person's browser offers no redundant audio.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tools/node_path.sh

loss=${1:-5} seconds=${2:-120} seed=${3:-1}
export CONCLAVE=${CONCLAVE:-$PWD/build/dev/src/conclave}
emulator=${LINK_EMULATOR:-$PWD/build/dev/tests/network/link_emulator}
for program in "$CONCLAVE" "$emulator"; do
  [[ -x $program ]] || { echo "$program is missing: ninja -C build/dev conclave link_emulator" >&2; exit 1; }
done
command -v espeak-ng >/dev/null || { echo "espeak-ng is missing" >&2; exit 1; }
((EUID == 0)) || { echo "network namespaces need root" >&2; exit 1; }

tag=loss$$
server_net=${tag}s client_net=${tag}c
folder=$(mktemp -d)
emulator_id=""
finish() {
  [[ -z $emulator_id ]] || kill "$emulator_id" 2>/dev/null || true
  wait || true
  ip netns delete "$server_net" 2>/dev/null || true
  ip netns delete "$client_net" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

# add_end NAMESPACE ADDRESS
add_end() {
  ip netns add "$1"
  ip -n "$1" link set lo up
  ip -n "$1" tuntap add dev link0 mode tun
  ip -n "$1" address add "$2/24" dev link0
  ip -n "$1" link set link0 up txqueuelen 1000
  ip -n "$1" route add default dev link0
}
add_end "$server_net" 10.77.0.1
add_end "$client_net" 10.77.0.2

share=$(awk "BEGIN { print $loss / 100 }")
# shellcheck disable=SC2086 # LINK holds several words
"$emulator" "$client_net" link0 "$server_net" link0 loss="$share" delay=20 jitter=5 seed="$seed" every=0 ${LINK:-} \
  >"$folder/link.json" &
emulator_id=$!
# What else this machine does would be taken for the network's doing.
renice -n -15 -p "$emulator_id" >/dev/null

espeak-ng -v en -s 150 -w "$folder/speech.wav" -f tests/loss/speech.txt
status=0
LOSS_SERVER_NET=$server_net LOSS_FOLDER=$folder LOSS_PERCENT=$loss LOSS_SECONDS=$seconds LOSS_SEED=$seed \
  ip netns exec "$client_net" nice -n -10 "$(command -v node)" tests/loss/measure.mjs || status=$?

kill "$emulator_id"
wait "$emulator_id" || true
emulator_id=""
((status)) || node tests/loss/report.mjs build/loss.json "$folder/link.json"
exit "$status"
