#!/usr/bin/env bash
# Builds and runs every test: the release build with the real programs, the sanitizer builds with units and cases.
# The last line counts them all. Time: see docs/testing.md.
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0 failed=0 broken="" without=""

# [without=TESTS] suite PRESET LABELS TARGETS...: build, run ctest, count
suite() {
  local preset=$1 labels=$2 log=build/test-$1.log
  shift 2
  echo "== $preset"
  local begin=$SECONDS
  if ! { cmake --preset "$preset" && cmake --build --preset "$preset" ${@:+--target "$@"}; } >build/build-"$preset".log 2>&1; then
    tail -n 60 build/build-"$preset".log
    echo "== $preset does not build"
    failed=$((failed + 1)); broken="$broken $preset:build"
    return
  fi
  echo "== $preset built in $((SECONDS - begin)) s"
  begin=$SECONDS
  (cd build/"$preset" && ctest -L "$labels" ${without:+-E "$without"} --no-tests=error --output-on-failure --timeout 1200) 2>&1 | tee "$log" | grep -vE '^ *(Start|Test +#?[0-9]+ *$)' || true
  local line total bad
  line=$(grep -E 'tests passed, [0-9]+ tests failed out of [0-9]+' "$log" | tail -n 1)
  if [ -z "$line" ]; then failed=$((failed + 1)); broken="$broken $preset:ctest"; return; fi
  bad=$(sed -E 's/.* ([0-9]+) tests failed.*/\1/' <<<"$line")
  total=$(sed -E 's/.*out of ([0-9]+).*/\1/' <<<"$line")
  passed=$((passed + total - bad)); failed=$((failed + bad))
  [ "$bad" -eq 0 ] || broken="$broken $preset"
  echo "== $preset tested in $((SECONDS - begin)) s"
}

mkdir -p build
suite release 'unit|fuzz|cases|corpus|integration|console|tree'
suite asan 'unit|fuzz|cases|corpus'
# The transport's units time the queues of real sockets, which ThreadSanitizer slows down too much: by hand, see docs/testing.md.
without=unit.transport suite tsan threads unit_core unit_rules unit_server
[ -z "$broken" ] || echo "not good:$broken"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
