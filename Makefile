# Two commands do everything on a fresh machine with Python 3.10 or newer:
#   make run    the project's main job
#   make test   the test suite
# Each makes its own virtual environment first and says what it does; `run` needs none of the tests' tools.

PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
PYTEST  = $(BIN)/python -m pytest --numprocesses=auto --dist=loadgroup --quiet $(if $(SELECT),-m "$(SELECT)")

.PHONY: help run test coverage lint docs package fuzz bench environment clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' $(MAKEFILE_LIST) | awk -F': ' '{printf "  make %-12s %s\n", $$1, $$2}'

# One stamp per environment: it is made again when the project's dependencies change.
$(VENV)/stamp: pyproject.toml
	@echo "== Making the virtual environment $(VENV) (once$(if $(GROUPS),; a few minutes))"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "toolkit needs Python 3.10 or newer: make PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . $(foreach group,$(GROUPS),--group $(group))
	@touch $@

GROUPS ?= test peers fuzz lint docs
environment: $(VENV)/stamp ## make the virtual environment (VENV=.venv, PYTHON=python3)

run: ## the main job: the upload demo, with a generated upload of 256 MiB; then try it in a browser
	@$(MAKE) --silent environment VENV=.venv-run GROUPS=
	@echo "== Running the upload demo"
	@.venv-run/bin/python -m toolkit demo --port 0 --sample 256

test: $(VENV)/stamp ## the test suite (SELECT="not once": without what depends on no version of CPython)
	@echo "== Running the tests on $$($(BIN)/python --version)"
	$(PYTEST) $(ARGS)

coverage: $(VENV)/stamp ## the core's own tests with branch coverage; they must reach all of it
	@echo "== Measuring coverage on $$($(BIN)/python --version)"
	$(BIN)/coverage erase
	$(PYTEST) --cov --cov-report= tests/sansio src/toolkit/sansio
	$(BIN)/coverage report --fail-under=100

lint: $(VENV)/stamp ## ruff, both type checkers, import contracts
	@echo "== Linting, checking types and the layers"
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports --no-logo

docs: $(VENV)/stamp ## the documentation (its examples are run by the tests)
	@echo "== Building the documentation"
	$(BIN)/sphinx-build -b html -nqW docs docs/_build/html
	@echo "docs/_build/html/index.html"

# What needs a package that is optional: trio, wsproto.
OPTIONAL = toolkit.__main__ toolkit.bridges.on_trio toolkit.server.websocket
LOAD_ALL = import importlib, pkgutil, toolkit; [importlib.import_module(module.name) for module in \
    pkgutil.walk_packages(toolkit.__path__, "toolkit.") if module.name not in "$(OPTIONAL)".split()]

package: $(VENV)/stamp ## the wheel, installed by itself in a new environment
	@echo "== Building the wheel, and loading all of it where only its three dependencies are"
	rm -rf dist .venv-alone
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	$(PYTHON) -m venv .venv-alone
	.venv-alone/bin/python -m pip install --quiet dist/toolkit-*.whl
	.venv-alone/bin/python -I -c '$(LOAD_ALL)'
	.venv-alone/bin/python -I -m toolkit --version

fuzz: $(VENV)/stamp ## every fuzz target for SECONDS=20 (SEED=1: the same inputs each time)
	@echo "== Fuzzing"
	$(BIN)/python -m fuzz --seconds $(or $(SECONDS),20) --seed $(or $(SEED),0)

bench: ## the benchmarks beside their rivals (an environment of its own)
	$(MAKE) environment VENV=.venv-bench GROUPS=bench
	@# The parser from before Flask 2.0: two versions of a package are two folders.
	@[ -d .venv-bench/werkzeug-1 ] || .venv-bench/bin/python -m pip install --quiet --no-deps \
		--target .venv-bench/werkzeug-1 werkzeug==1.0.1
	.venv-bench/bin/python -m benchmarks --save $(SUITES)

clean: ## remove what was made
	rm -rf .venv .venv-* dist docs/_build .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
