#!/usr/bin/env bash
# clang-tidy and the format check: lint.sh BUILD. With BASE=REV only over files changed since then.
set -uo pipefail
cd "$(dirname "$0")/.."
build=$1
if [ -n "${BASE:-}" ]; then files=$(git diff --name-only --diff-filter=d "$BASE" -- '*.cpp' '*.h'); else files=$(git ls-files '*.cpp' '*.h'); fi
[ -n "$files" ] || { echo "nothing to lint"; exit 0; }
status=0
xargs clang-format-19 --dry-run --Werror <<<"$files" || status=1
sources=$(grep '\.cpp$' <<<"$files" | grep -v '^tests/')
[ -z "$sources" ] || xargs -P 2 -n 4 clang-tidy-19 -p "$build" --quiet <<<"$sources" || status=1
exit $status
