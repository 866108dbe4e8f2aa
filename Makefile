# `make app` opens the dashboard and `make test` runs the tests; both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE_MODULES := tests/page/node_modules
# Node and npm come with the environment; what the page's modules are checked with, from npm.
NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: app test check format bench figures crowd explore fuzz torture screenshots clean

app: $(VENV)/.app
	$(BIN)/toolkit app $(if $(PORT),--port $(PORT)) $(if $(HEADLESS),--no-browser) $(if $(DIGITS),--digits $(DIGITS))

test: $(VENV)/.dev
	. tests/browser/find_browser.sh && $(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: $(VENV)/.dev $(NODE_MODULES)/.done
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	cd tests/page && $(NODE) npm run --silent style && $(NODE) npm run --silent types
	$(BIN)/python -m pytest -q tests/test_walls.py

format: $(VENV)/.dev $(NODE_MODULES)/.done
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd tests/page && $(NODE) npm run --silent format

# PARTS="rescoring page" measures some, JSON=run.json keeps the run, RECORD="what changed" keeps its
# figures in the history. PEERS=1 installs PyTorch too: on Linux some gigabytes, since its usual
# package brings a graphics card's libraries; pip's own settings may name its index for CPUs.
bench: $(VENV)/.dev $(if $(PEERS),$(VENV)/.peers)
	. tests/browser/find_browser.sh && $(BIN)/python -m tests.benchmarks.run $(PARTS) \
	  $(if $(DIGITS),--digits $(DIGITS)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
	  $(if $(RECORD),--record "$$RECORD") $(if $(JSON),--json > $(JSON))

# README's table and the benchmark's own page, from a run here: have the machine to yourself.
figures: $(VENV)/.dev $(if $(PEERS),$(VENV)/.peers)
	. tests/browser/find_browser.sh && $(BIN)/python -m tests.benchmarks.run $(PARTS) --json \
	  $(if $(DIGITS),--digits $(DIGITS)) > tests/benchmarks/figures.new.json
	$(BIN)/python -m tests.benchmarks.pages tests/benchmarks/figures.new.json
	rm tests/benchmarks/figures.new.json

# A class at work on one server: each its own session and socket, one of them a real browser.
crowd: $(VENV)/.dev
	. tests/browser/find_browser.sh && $(BIN)/python -m tests.benchmarks.crowd \
	  --people $(or $(PEOPLE),30) --minutes $(or $(MINUTES),10)

# The tests of invariants over new examples each time; `make test` tries the same ones.
explore: $(VENV)/.dev
	TOOLKIT_MACHINE_RUNS=$(or $(RUNS),200) $(BIN)/python -m pytest -n 2 \
	  --hypothesis-profile=default -m "not browser and not packaging" $(ARGS)

# Mutants of valid networks, pictures and recipes, read in one process that an audit hook watches.
fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.formats.fuzz $(or $(MUTANTS),200000)

# Processes killed at random moments: what was acknowledged is in the workspace.
torture: $(VENV)/.dev
	$(BIN)/python -m tests.experiments.torture $(or $(ROUNDS),1000)

screenshots: $(VENV)/.dev
	. tests/browser/find_browser.sh && $(BIN)/python -m tests.browser.screenshots

# Setting up is done by one make at a time, under a lock that ends with its holder; one that comes
# meanwhile waits, and then finds all done.
ALONE = $(PYTHON) -I toolkit/locks.py .setup.lock "another make is setting up here; waiting for it" \
  $(MAKE) --no-print-directory ALONE_ALREADY=1

ifndef ALONE_ALREADY

$(VENV)/.app $(VENV)/.dev $(VENV)/.peers: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12" >&2; exit 2; }
	@$(ALONE) $@

$(NODE_MODULES)/.done: tests/page/package-lock.json | $(VENV)/.dev
	@$(ALONE) $@

else

EXTRAS.app := formats
EXTRAS.dev := dev
EXTRAS.peers := dev,bench

# What was broken off, or is no whole environment for another reason, is made anew; an install that
# failed by itself, for want of a network perhaps, has left what was there.
$(VENV)/.app $(VENV)/.dev $(VENV)/.peers: pyproject.toml
	@{ [ ! -e $(VENV)/.unfinished ] && $(BIN)/python -m pip --version; } >/dev/null 2>&1 || rm -rf $(VENV)
	@mkdir -p $(VENV) && touch $(VENV)/.unfinished
	@[ -e $(BIN)/python ] || $(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 2; }
	$(BIN)/python -m pip install --quiet --editable '.[$(EXTRAS$(notdir $@))]' || \
	  { rm -f $(VENV)/.unfinished; exit 2; }
	@touch $@ $(VENV)/.app && rm -f $(VENV)/.unfinished

$(NODE_MODULES)/.done: tests/page/package-lock.json
	cd tests/page && $(NODE) npm ci --silent --no-audit --no-fund
	touch $@

endif

clean:
	rm -rf $(VENV) $(NODE_MODULES) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
