# The few verbs of the project; `make` alone lists them. docs/hacking.md says more about each.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
BUILD = cmake --preset $(1) >/dev/null && cmake --build build/$(1) -j $(JOBS)

.DEFAULT_GOAL := help
.PHONY: help setup web run test unit check lint fuzz ratchet bench network e2e screenshots interop sanitize clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing: Debian packages, npm packages, the pre-commit hook
	@tools/setup.sh

web: setup ## build the web client into web/dist
	@tools/build_web.sh

run: web ## build and serve on https://localhost:8443
	@$(call BUILD,release) --target conclave
	@./build/release/src/conclave serve

test: unit e2e interop ## everything: C++, web client, browsers, other LiveKit clients
	@tools/npm.sh web test --silent

unit: web ## the C++ tests, fuzz corpora included
	@$(call BUILD,dev)
	@ctest --test-dir build/dev --output-on-failure -j $(JOBS)

e2e: web ## browsers and native clients against a running server
	@$(call BUILD,dev) --target conclave
	@tests/e2e/run.sh

screenshots: web ## pictures of every page and state in build/screenshots, index.html shows them all
	@$(call BUILD,dev) --target conclave
	@tests/e2e/screenshots.sh

interop: web ## unmodified LiveKit clients of others against a fresh server
	@$(call BUILD,dev) --target conclave
	@tests/interop/run.sh

check: web ## formatting, style, layering, types, purity, lint
	@tools/format.sh --check
	@python3 tools/tidy.py
	@for d in tools bench; do python3 -m unittest discover --quiet -s $$d -p '*_test.py' || exit 1; done
	@node --test tests/network/lib >/dev/null
	@shellcheck -x tools/*.sh tests/e2e/*.sh tests/interop/*.sh tests/network/*.sh .ci/run .githooks/*
	@tools/npm.sh web run --silent check
	@$(call BUILD,dev)
	@python3 tools/purity.py build/dev
	@python3 tools/lint.py build/dev

lint: web ## clang-tidy over everything, shell included (slow)
	@$(call BUILD,dev)
	@python3 tools/lint.py build/dev --all

sanitize: web ## the C++ tests under ASan and UBSan, those with threads also under TSan
	@$(call BUILD,asan)
	@ctest --test-dir build/asan --output-on-failure -j $(JOBS)
	@$(call BUILD,tsan) --target $$(tools/threaded_tests.sh)
	@ctest --test-dir build/tsan --output-on-failure -j $(JOBS) -R "^($$(tools/threaded_tests.sh --regex))$$"

fuzz: setup ## every fuzz target for SECONDS_EACH seconds (default 60); T=wire_stun_fuzz for one
	@tools/fuzz.sh

ratchet: web ## instructions for each forwarded packet, against what is written down
	@$(call BUILD,release) --target engine_forward
	@bench/ratchet.py

bench: web ## benchmarks of the parts, then of the whole server (docs/benchmarks.md); ENGINE=--quick for less
	@$(call BUILD,release)
	@for b in build/release/src/*_bench; do echo "== $$(basename $$b)"; $$b --benchmark_min_time=0.2; done
	@bench/engine.py $(ENGINE)

network: web ## real browsers on bad networks, as root, 20 minutes (docs/network.md); S="steps outage" for some
	@$(call BUILD,release) --target conclave link_emulator
	@tests/network/run.sh $(S)

clean: ## remove everything that was built
	@rm -rf build web/dist
