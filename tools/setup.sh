#!/usr/bin/env bash
# Installs what the project needs on Debian 12 and nothing that is there already. Quick when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

build_packages=(build-essential cmake ninja-build ccache mold gzip python3 git
  clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev shellcheck
  libssl-dev libsodium-dev libsqlite3-dev zlib1g-dev libboost1.81-dev libcurl4-openssl-dev libprotobuf-dev protobuf-compiler
  libutf8proc-dev nlohmann-json3-dev libtomlplusplus-dev libcli11-dev libspdlog-dev libfmt-dev libical-dev
  libgtest-dev libgmock-dev libbenchmark-dev libsrtp2-dev libusrsctp-dev)
# Intel's library is built for its processors alone.
[[ $(dpkg --print-architecture) != amd64 ]] || build_packages+=(libipsec-mb-dev)
test_packages=(coturn chromium firefox-esr iproute2 nftables libnss3-tools socat espeak-ng valgrind)

mapfile -t present < <(dpkg-query -W -f '${Package} ${Status}\n' "${build_packages[@]}" "${test_packages[@]}" 2>/dev/null |
  sed -nE 's/ install ok installed$//p')
mapfile -t missing < <(printf '%s\n' "${build_packages[@]}" "${test_packages[@]}" | grep -vxF -f <(printf '%s\n' "${present[@]}") || true)
# Node from Debian, or whatever is on the machine.
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)

if ((${#missing[@]})); then
  echo "installing: ${missing[*]}"
  sudo=()
  ((EUID == 0)) || sudo=(sudo)
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# Vite needs Node 20; Debian 12 has 18. The npm registry carries Node itself.
node_major=$(node -p 'process.versions.node.split(".")[0]')
if ((node_major < 20)) && [[ ! -x build/node/node_modules/node/bin/node ]]; then
  echo "installing Node 20 into build/node"
  mkdir -p build/node
  npm install --prefix build/node --no-save --silent node@20
fi
# shellcheck source=tools/node_path.sh
source tools/node_path.sh

install_npm() {  # install_npm DIR: when the lock file changed since the last time
  [[ -f $1/package-lock.json ]] || return 0
  local stamp=$1/node_modules/.installed
  if [[ ! -f $stamp ]] || ! cmp -s "$1/package-lock.json" "$stamp"; then
    echo "installing npm packages of $1"
    (cd "$1" && npm ci --silent --no-audit --no-fund)
    cp "$1/package-lock.json" "$stamp"
  fi
}
install_npm web
install_npm tests/e2e
install_npm tests/interop

if git rev-parse --git-dir >/dev/null 2>&1 && [[ $(git config core.hooksPath || true) != .githooks ]]; then
  git config core.hooksPath .githooks
fi
