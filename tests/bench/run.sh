#!/usr/bin/env bash
# Runs every benchmark of a build: run.sh BUILD. Compare ratios within one run; absolute figures depend on the machine.
set -euo pipefail
for bench in "$1"/tests/bench/bench_*; do
  [ -x "$bench" ] && [ -f "$bench" ] || continue
  echo "== $(basename "$bench")"
  "$bench" --benchmark_min_time=0.2
done
