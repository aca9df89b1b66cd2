# make scan   a scan of the shipped sample on the terminal
# make test   every check and every test
# make check  the same without the slow tests
# make bench  the measurements that README and ARCHITECTURE quote

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: scan test check lint bench lock clean

scan: $(VENV)/installed
	$(BIN)/procx scan

test: $(VENV)/installed-dev lint
	LANGGRAPH_STRICT_MSGPACK=true $(BIN)/pytest -n 2 -m "not bench"

check: $(VENV)/installed-dev lint
	LANGGRAPH_STRICT_MSGPACK=true $(BIN)/pytest -n 2 -m "not bench and not slow"

lint: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/installed-dev
	$(BIN)/pytest -m bench -p no:randomly -s tests/bench

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "procx_graph needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/installed-dev: $(VENV)/bin/python pyproject.toml requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check -c requirements-dev.lock -e ".[dev]"
	touch $@ $(VENV)/installed

# The versions that development and CI use; users get the ranges of pyproject.toml.
lock: $(VENV)/installed-dev
	$(BIN)/pip freeze --exclude-editable > requirements-dev.lock

clean:
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .langgraph_api
