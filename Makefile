# The commands people type. Everything happens below build/.
SHELL := /bin/bash
.DEFAULT_GOAL := build
CHIENG_SHARED ?= ../shared
export CHIENG_SHARED
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
export CTEST_OUTPUT_ON_FAILURE := 1
DEPS := packaging/setup/deps.sh
# What the demo and the tests attack and look with.
PREPARE := $(DEPS) test && packaging/setup/unpack.sh build/targets && (cd tests/console && npm ci --silent --no-audit --no-fund)

.PHONY: help deps build demo demo-check test bench bench-captures fuzz lint format packages clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 20

deps:  ## install what building needs (Debian 12; asks for sudo where not root)
	@$(DEPS) build

build: deps  ## chieng-agent and chieng-server in build/release
	@cmake --preset release >/dev/null
	@cmake --build --preset release

demo: build  ## a whole Chiêng on this machine, attacked for real; Ctrl-C ends it
	@$(PREPARE)
	@tests/integration/demo.py --build build/release --targets build/targets

demo-check: build  ## the same unattended: exit 0 only when every attack is seen and nothing harmless is
	@$(PREPARE)
	@tests/integration/demo.py --check --build build/release --targets build/targets

test:  ## all tests: units, cases, real programs, console, sanitizers
	@$(DEPS) build && $(PREPARE)
	@tests/run_all.sh

bench: bench-captures  ## benchmarks: units, then whole programs over large captures
	@cmake --preset release >/dev/null && cmake --build --preset release
	@tests/bench/run.sh build/release
	@tests/bench/whole.py --agent build/release/agent/chieng-agent --captures build/bench $(BENCH_FLAGS)

bench-captures:  ## the large captures in build/bench: a mix, HTTP, and today's encrypted traffic, of real servers (root)
	@$(DEPS) build bench
	@packaging/setup/unpack.sh build/targets caddy
	@tests/bench/captures.py --out build/bench --targets build/targets

fuzz:  ## every fuzz target for FUZZ_SECONDS (default 60) each
	@$(DEPS) build lint
	@cmake --preset fuzz >/dev/null && cmake --build --preset fuzz --target fuzz_targets
	@tests/fuzz/run.sh build/fuzz

lint:  ## clang-tidy over what changed since BASE (default: everything), and the format check
	@$(DEPS) build lint
	@cmake --preset lint >/dev/null
	@tests/lint.sh build/lint

format:  ## clang-format over the sources
	@$(DEPS) lint
	@git ls-files '*.cpp' '*.h' | xargs clang-format-19 -i

packages: build  ## chieng-agent and chieng-server as Debian packages in build/packages
	@$(DEPS) package
	@packaging/deb/build.sh build/release build/packages

clean:  ## remove build/
	@rm -rf build
