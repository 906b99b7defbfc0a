#!/usr/bin/env bash
# Runs every libFuzzer target of a build for FUZZ_SECONDS (default 60) each, from its seed corpus: run.sh BUILD
set -uo pipefail
build=$1
here=$(cd "$(dirname "$0")" && pwd)
seconds=${FUZZ_SECONDS:-60}
status=0
count=0
for target in "$build"/tests/fuzz/fuzz_*; do
  [ -x "$target" ] && [ -f "$target" ] || continue
  count=$((count + 1))
  name=$(basename "$target")
  grown="$build/corpus/$name"
  mkdir -p "$grown"
  echo "== $name, $seconds s"
  "$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="$grown/crash-" "$grown" "$here/corpus/${name#fuzz_}" 2>&1 | tail -n 8 || status=1
  [ "${PIPESTATUS[0]}" -eq 0 ] || status=1
done
[ "$count" -gt 0 ] || { echo "run.sh: no fuzz targets in $build: build fuzz_targets with the fuzz preset" >&2; exit 2; }
exit $status
