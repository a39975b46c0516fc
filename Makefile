# The front door: each target is a line or two that anyone can type by hand.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := .venv-clients
RANGE_python-binance := >=1.0.37,<2
RANGE_ccxt := >=4.5.90,<5
RANGE_unicorn-binance-local-depth-cache := >=2.14,<3
PACKAGE_ccxt-js := ccxt@>=4.5.80 <5
PACKAGE_binance-spot-js := @binance/spot@>=32 <33
PACKAGE_axe-core-js := axe-core@>=4.14 <5
CLIENT_NAMES := python-binance ccxt unicorn-binance-local-depth-cache ccxt-js binance-spot-js axe-core-js
MUTMUT := .venv-mutants
RANGE_mutmut := >=3.8.1,<4
MUTANTS ?=
SCHEMATHESIS := .venv-schemathesis
RANGE_schemathesis := >=4.32,<5
SEEDS ?= 0:2000
CHAOS_KILLS ?= 200
CHAOS_SEED ?=
ARGS ?=
RUNNER ?=
SYSTEM := tests/system
PARTS := $(filter-out tests/__pycache__ tests/simulation $(SYSTEM),$(patsubst %/,%,$(wildcard tests/*/))) \
	$(wildcard tests/test_*.py)

.PHONY: help setup clients run test test-parts test-system test-simulation lint format \
	types check simulate chaos mutants generated-calls package bench clean \
	sell-order-example-BTCUSDT sell-order-example-BNBUSDT sell-order-example-ETHBTC

help:  ## Show what there is
	@grep -hE '^[a-zA-Z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /: /'

$(BIN)/.ready: setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,postgres,chat]'
	touch $@

setup: $(BIN)/.ready  ## Make .venv with everything in it

# A client that cannot be installed is no failure: its tests are skipped.
$(CLIENTS)/%/.ready: Makefile
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile '$*$(RANGE_$*)' \
		&& touch $@ || rm -rf $(@D)

$(CLIENTS)/%-js/.ready: Makefile
	rm -rf $(@D)
	mkdir -p $(@D)
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix $(@D) '$(PACKAGE_$*-js)' \
		&& touch $@ || rm -rf $(@D)

clients:  ## Install other people's programs to test with, each in an environment of its own
	$(MAKE) --no-print-directory --jobs=4 $(addprefix $(CLIENTS)/,$(addsuffix /.ready,$(CLIENT_NAMES)))

run: setup  ## Run the service on the simulated market (ARGS="--port 8081")
	$(BIN)/python run.py $(ARGS)

# All tests run in three processes, for two cores: the simulation computes, and most others wait
# for processes and disks. Not so on one PostgreSQL, where tests see each other's sessions; with
# RUNNER each process has one of its own. What ARGS chooses runs in one process.
test: setup clients  ## Run all tests, or some of them (ARGS="tests/domain -k synchronisation")
ifneq ($(strip $(ARGS)),)
	$(RUNNER) $(BIN)/python -m pytest $(ARGS)
else ifdef TEST_POSTGRES_URL
	$(MAKE) --no-print-directory --jobs=2 test-parts test-simulation PARTS="$(PARTS) $(SYSTEM)"
else
	$(MAKE) --no-print-directory --jobs=3 test-parts test-system test-simulation
endif

test-parts: setup
	$(RUNNER) $(BIN)/python -m pytest $(PARTS)

# Their output comes at their end, in one piece, so that it does not mix with that of the parts.
test-system: setup
	@output=$$($(RUNNER) $(BIN)/python -m pytest $(SYSTEM) 2>&1); code=$$?; echo "$$output"; exit $$code

test-simulation: setup
	@output=$$($(BIN)/python -m pytest tests/simulation 2>&1); code=$$?; echo "$$output"; exit $$code

lint: setup  ## Check style and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

format: setup  ## Lay the code out
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup  ## Check types
	$(BIN)/mypy

check: test lint types  ## Everything that must pass before a commit lands

simulate: setup  ## Run seeds of the simulation (SEEDS=0:10000)
	$(BIN)/python -m tests.simulation --seeds $(SEEDS)

chaos: setup  ## Kill the service under faults, then audit (CHAOS_KILLS=200 CHAOS_SEED=1)
	$(BIN)/python -m tests.chaos --kills $(CHAOS_KILLS) $(if $(CHAOS_SEED),--seed $(CHAOS_SEED)) $(ARGS)

# An environment of its own: it runs the tests of the domain, which need little.
$(MUTMUT)/.ready: Makefile constraints.txt
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		hypothesis pytest sortedcontainers 'mutmut$(RANGE_mutmut)'
	touch $@

# From the beginning each time: mutmut keeps verdicts where only a test has changed.
mutants: $(MUTMUT)/.ready  ## Change the domain in small ways, and list what its tests do not notice (MUTANTS="domain.risk*")
	rm -rf mutants
	$(MUTMUT)/bin/mutmut run $(ARGS) $(foreach name,$(MUTANTS),'$(name)')
	@$(MUTMUT)/bin/mutmut results | grep -v 'not checked' || echo '    every change was noticed'

$(SCHEMATHESIS)/.ready: Makefile
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check 'schemathesis$(RANGE_schemathesis)'
	touch $@

generated-calls: setup $(SCHEMATHESIS)/.ready  ## Call a service in ways made up from its description (ARGS="--max-examples 200")
	$(BIN)/python -m tests.generated_calls $(CURDIR)/$(SCHEMATHESIS)/bin/st $(ARGS)

# Installs from the package index, so it is no part of the tests.
package: setup  ## Build the wheel and the source archive, install both, and trade with each
	$(BIN)/python -m tests.package.installing

bench: setup  ## Measure the cost table of the docs
	$(BIN)/python -m benchmarks $(ARGS)

sell-order-example-BTCUSDT: setup  ## Sell 0.5 BTC on the running service
	$(BIN)/python run.py order sell BTCUSDT 0.5 --price 50000 --watch $(ARGS)

sell-order-example-BNBUSDT: setup  ## Sell 20 BNB on the running service
	$(BIN)/python run.py order sell BNBUSDT 20 --price 400 --watch $(ARGS)

sell-order-example-ETHBTC: setup  ## Sell 10 ETH for BTC on the running service
	$(BIN)/python run.py order sell ETHBTC 10 --price 0.02 --watch $(ARGS)

clean:  ## Remove what the targets made
	rm -rf $(VENV) $(CLIENTS) $(MUTMUT) mutants $(SCHEMATHESIS) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info build
