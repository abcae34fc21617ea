# shellcheck shell=bash
# Sourced: puts the Node of build/node first when setup had to install one.
if [[ -x build/node/node_modules/node/bin/node ]]; then
  PATH="$PWD/build/node/node_modules/node/bin:$PATH"
fi
