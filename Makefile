SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GOLANGCI_LINT_VERSION := v2.15.0
# Where tools are kept; .ci/run names a directory that outlives the clone.
BIN ?= $(CURDIR)/.bin
LINT := $(BIN)/golangci-lint-$(GOLANGCI_LINT_VERSION)
# `./...` leaves testdata out.
PACKAGES := ./... ./testdata/gencorpus

.PHONY: help build test test-long race lint update rule fuzz bench quickstart check

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

build: ## build bin/aisec-lint
	go build -o bin/aisec-lint ./cmd/aisec-lint

test: ## run every test; needs nothing but Go
	go test $(PACKAGES)

test-long: ## ask the naive evaluators about 20,000 random sets each (ten minutes)
	AISEC_LONG=1 go test -timeout 30m -run Naive ./analyzer/...

race: ## run every test under the race detector, with fewer random draws (needs a C compiler)
	CGO_ENABLED=1 go test -race -short $(PACKAGES)

lint: $(LINT) ## go vet and golangci-lint, and what else is installed for shell and hooks
	go vet $(PACKAGES)
	$(LINT) run --allow-parallel-runners $(PACKAGES)
	@if command -v shellcheck >/dev/null; then shellcheck .ci/run .ci/fuzz; fi
	@if command -v pre-commit >/dev/null; then pre-commit validate-manifest .pre-commit-hooks.yaml; fi

$(LINT):
	GOBIN='$(BIN)' go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	mv '$(BIN)/golangci-lint' '$@'

update: ## write the golden files and the rules' pages anew
	@packages=$$(grep -rl --include='*_test.go' '"update"' . | xargs -n 1 dirname | sort -u); \
	set -x; go test $$packages -update

rule: ## start a rule: make rule NAME=egress/open-proxy
	@name='$(NAME)'; dir=rules/$$name; \
	[[ $$name =~ ^[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*$$ ]] || { echo 'make rule NAME=family/name, in lower case with dashes' >&2; exit 2; }; \
	[[ ! -e $$dir ]] || { echo "$$dir is there already" >&2; exit 2; }; \
	mkdir -p "$$dir"; \
	for from in rules/template/*.tmpl; do \
		to=$$dir/$$(basename "$$from" .tmpl); \
		sed -e "s|{{family}}|$${name%/*}|g" -e "s|{{name}}|$${name#*/}|g" "$$from" >"$$to"; \
		echo "$$to"; \
	done

fuzz: ## fuzz every target for FUZZTIME each (default: one minute shared, 15 s at most)
	FUZZTIME='$(FUZZTIME)' .ci/fuzz $(PACKAGES)

bench: ## run every benchmark
	go test -run '^$$' -bench . -benchmem $(PACKAGES)

quickstart: build ## what the README shows: findings in wrong, none in right
	@echo 'bin/aisec-lint testdata/quickstart/wrong'; rc=0; bin/aisec-lint testdata/quickstart/wrong || rc=$$?; \
	[[ $$rc == 1 ]] || { echo "exit code $$rc, want 1" >&2; exit 1; }
	@echo 'bin/aisec-lint testdata/quickstart/right'; out=$$(bin/aisec-lint testdata/quickstart/right); \
	[[ -z $$out ]] || { printf '%s\nwant no output\n' "$$out" >&2; exit 1; }

check: build quickstart test lint race fuzz ## all that CI runs
