# SessionVM. Each target works from a fresh clone alone.

GO          ?= go
BUILD       := build
# The data folder of "make run"; HTTP is where it answers.
DATA        ?= $(BUILD)/chain
HTTP        ?= 127.0.0.1:9652
# Where "make install" puts the plugin, and the plugin protocol that the node speaks.
PLUGIN_DIR  ?= $(HOME)/.lux/plugins
override PLUGIN_DIR := $(patsubst ~/%,$(HOME)/%,$(PLUGIN_DIR))
PROTOCOL    ?= 42
VMID        := speKUgLBX6WRD5cfGeEfLa43LxTXUBckvtv4td6F3eTXvRP48
# The packages whose tests take longest. They are first, so that no core waits for the last of them.
SLOW        := ./messaging ./plugin ./cmd/session ./vm ./state ./plugin/statesync ./messaging/mailbox ./proofs
# How long each fuzz target runs.
FUZZTIME    ?= 5s
# The package of "make mutate".
PKG         ?= ./warp
# How long "make soak" runs.
SOAK        ?= 1h
# Packages and pattern of "make bench".
BENCH       ?= .
BENCH_PKGS  ?= ./...
# What the binaries say of themselves; empty: what the Go toolchain recorded.
VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null)
COMMIT      ?= $(shell git rev-parse HEAD 2>/dev/null)
LDFLAGS     := -X main.version=$(VERSION) -X main.commit=$(COMMIT)
# The packages that light clients build, also in a browser.
WASM_PKGS   := ./refusal ./chain ./pq ./e2ee ./messaging ./proofs ./warp ./lightclient ./client ./client/provider

.DEFAULT_GOAL := help
.PHONY: help run demo test race bench fuzz build install lint generate wasm model node evm test-network network network-join network-load attack mutate soak interop

help: ## show the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

run: build ## a chain of its own on http://127.0.0.1:9652/rpc, its data in DATA
	$(BUILD)/sessionvm run --data $(DATA) --http $(HTTP)

demo: build ## five people exchange messages through a chain, and check the proofs
	./scripts/demo.sh

test: ## all tests
	$(GO) test $(SLOW) ./...

# CIRCL and the tests' EVM interpreter are not instrumented: nothing that is used of them starts a goroutine. A race
# inside of them, on a buffer that a caller gave them, goes unseen; our own code is instrumented, all of it.
NO_RACE     := github.com/cloudflare/circl/... github.com/luxfi/geth/core/vm github.com/holiman/uint256
race: ## all tests with the race detector
	$(GO) test -race $(NO_RACE:%=-gcflags=%=-race=false) -timeout 20m $(SLOW) ./...

# The node is AvalancheGo, built from its module: minutes, the first time. Its version is the one
# in e2e/go.mod; that of e2e/v1_13/go.mod speaks luxd's plugin protocol.
node: build
	cd e2e && $(GO) build -o $(abspath $(BUILD))/avalanchego github.com/ava-labs/avalanchego/main

# An EVM chain's program, Subnet-EVM's, from its module: minutes, the first time.
evm:
	cd e2e && $(GO) build -o $(abspath $(BUILD))/evm ./evm

# The trial programs know a rule set that no release knows, so that there is an upgrade to try.
test-network: node evm ## tests in a network of five nodes, and in one of luxd's plugin protocol (PAYMENTS=20: how long an escrow takes to pay)
	$(GO) build -trimpath -tags trialrules -o $(BUILD)/trialrules/ ./plugin/ ./cmd/session/
	mv -f $(BUILD)/trialrules/plugin $(BUILD)/trialrules/sessionvm
	$(GO) build -o $(BUILD)/load ./internal/trial/load
	$(GO) test -c -o $(BUILD)/refusals ./warp/relay
	cd e2e && $(GO) test -count=1 -v -timeout 20m . $(if $(PAYMENTS),-payments $(PAYMENTS))
	cd e2e/v1_13 && $(GO) build -o $(abspath $(BUILD))/avalanchego-v1.13.3 github.com/ava-labs/avalanchego/main
	cd e2e/v1_13 && $(GO) test -count=1 -timeout 10m .

network: node $(if $(EVM),evm) ## a network of five nodes to use, until Ctrl-C (EVM=1: with an EVM chain beside)
	cd e2e && $(GO) run ./cmd/network $(if $(EVM),-evm $(abspath $(BUILD))/evm)

attack: build ## what known attacks cost the others, a table (ATTACK='-only PATTERN'): minutes
	$(GO) build -o $(BUILD)/attack ./internal/trial/attack
	$(BUILD)/attack -binary $(BUILD)/sessionvm $(ATTACK)

network-join: node ## how long a node takes to join a network (JOIN="-messages 200000"): minutes
	$(GO) build -o $(BUILD)/load ./internal/trial/load
	cd e2e && $(GO) run ./cmd/join $(JOIN)

network-load: node ## what a network of five nodes carries, a table (LOAD="-settings recommended"): minutes
	$(GO) build -o $(BUILD)/load ./internal/trial/load
	cd e2e && $(GO) run ./cmd/load $(LOAD)

mutate: ## changes of the code of PKG that no test notices (MUTATE="-sample 30"): minutes
	$(GO) build -o $(BUILD)/mutate ./internal/trial/mutate
	$(BUILD)/mutate -pkg $(PKG) $(MUTATE)

soak: ## SOAK of load, kills, full disks and wrong clocks: nothing is lost, nothing grows
	$(GO) build -trimpath -tags fakeclock -o $(BUILD)/sessionvm-fakeclock ./plugin/
	$(GO) build -o $(BUILD)/soak ./internal/trial/soak
	$(BUILD)/soak -binary $(BUILD)/sessionvm-fakeclock -for $(SOAK)

bench: ## benchmarks (BENCH=pattern BENCH_PKGS=packages)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -timeout 60m $(BENCH_PKGS)

fuzz: ## every fuzz target for FUZZTIME
	GO='$(GO)' ./scripts/fuzz.sh '$(FUZZTIME)'

build: ## build/sessionvm and build/session
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BUILD)/sessionvm ./plugin/
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BUILD)/session ./cmd/session/

# A node takes every file in the folder for a plugin, but no folder: what else is needed, or
# half written, is in one. Another protocol than the program's own is a wrapper's argument,
# because a node passes none.
install: build ## the plugin into PLUGIN_DIR, for a node that speaks PROTOCOL
	mkdir -p '$(PLUGIN_DIR)/sessionvm.d'
	cp $(BUILD)/sessionvm '$(PLUGIN_DIR)/sessionvm.d/new'
ifeq ($(PROTOCOL),42)
	mv -f '$(PLUGIN_DIR)/sessionvm.d/new' '$(PLUGIN_DIR)/$(VMID)'
	rm -rf '$(PLUGIN_DIR)/sessionvm.d'
else
	mv -f '$(PLUGIN_DIR)/sessionvm.d/new' '$(PLUGIN_DIR)/sessionvm.d/sessionvm'
	printf '#!/bin/sh\nexec "$$(dirname "$$0")/sessionvm.d/sessionvm" --plugin-protocol=%s\n' '$(PROTOCOL)' >'$(PLUGIN_DIR)/sessionvm.d/wrapper'
	chmod 755 '$(PLUGIN_DIR)/sessionvm.d/wrapper'
	mv -f '$(PLUGIN_DIR)/sessionvm.d/wrapper' '$(PLUGIN_DIR)/$(VMID)'
endif
	@echo 'installed for plugin protocol $(PROTOCOL): $(PLUGIN_DIR)/$(VMID)'

lint: ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted (run gofmt -w): $$unformatted" >&2; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

generate: ## the generated code, again
	$(GO) generate ./...

wasm: ## the light packages without cgo, and for js/wasm
	CGO_ENABLED=0 $(GO) build $(WASM_PKGS)
	CGO_ENABLED=0 GOOS=js GOARCH=wasm $(GO) build $(WASM_PKGS)

interop: ## the second implementation that tests compare with, where npm is installed
	@if command -v npm >/dev/null; then cd internal/interop && npm ci --ignore-scripts --no-audit --no-fund; \
	else echo 'npm is not installed: tests with the second implementation are skipped'; fi

model: ## the symbolic models of the protocol, where verifpal is on the PATH
	./scripts/model.sh
