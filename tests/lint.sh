#!/usr/bin/env bash
# The format check and clang-tidy: lint.sh BUILD, a folder configured with the lint preset. With BASE=REV only over files
# changed since then; everything takes about ten seconds a file and processor. No header is generated, so nothing has
# to be built first.
set -uo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/lint}
[ -f "$build/compile_commands.json" ] || { echo "lint.sh: $build is not configured: run cmake --preset lint" >&2; exit 2; }
if [ -n "${BASE:-}" ]; then files=$(git diff --name-only --diff-filter=d "$BASE" -- '*.cpp' '*.h'); else files=$(git ls-files '*.cpp' '*.h'); fi
[ -n "$files" ] || { echo "nothing to lint"; exit 0; }
status=0
xargs clang-format-19 --dry-run --Werror <<<"$files" || status=1
sources=$(grep '\.cpp$' <<<"$files" | grep -v '^tests/')
if [ -n "$sources" ]; then
  # One file a run: a slow one holds up nobody. The count of warnings in system headers says nothing.
  xargs -P "$(nproc)" -n 1 clang-tidy-19 -p "$build" --quiet <<<"$sources" \
    2> >(grep -vE '^[0-9]+ warnings? (generated|treated as errors?)' >&2) || status=1
fi
[ "$status" -eq 0 ] && echo "lint: no findings" || echo "lint: see the findings above" >&2
exit "$status"
