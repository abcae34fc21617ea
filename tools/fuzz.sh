#!/usr/bin/env bash
# Runs fuzz targets: all of them for SECONDS_EACH seconds, or T=module_file_fuzz alone. Findings stay in build/findings.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-60}
cmake --preset fuzz >/dev/null
if [[ -n ${T:-} ]]; then
  cmake --build build/fuzz -j "$(nproc)" --target "$T"
  targets=("$T")
else
  cmake --build build/fuzz -j "$(nproc)" --target fuzzers
  mapfile -t targets < <(find build/fuzz/src -maxdepth 1 -type f -executable -name '*_fuzz' -printf '%f\n' | sort)
fi

fuzz_one() {
  local target=$1 seconds=$2 seeds module file new log
  module=$(sed -E 's/_.*//' <<<"$target")
  file=${target#"${module}"_}
  seeds=testdata/corpora/$module/$file
  new=build/corpora/$target
  log=build/findings/$target.log
  mkdir -p "$new" build/findings
  if ! "build/fuzz/src/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
       -artifact_prefix="build/findings/$target-" "$new" "$seeds" >"$log" 2>&1; then
    tail -n 40 "$log"
    echo "FAILED $target"
    return 1
  fi
  printf '%-32s %12s executions\n' "$target" "$(sed -nE 's/stat::number_of_executed_units: *//p' "$log")"
}
export -f fuzz_one
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz_one {} '"$seconds"
