# Everything a developer runs. `make` lists the targets.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help up demo test bench check requirements clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

# The marker is rewritten whenever the pinned requirements change.
.venv/.installed: requirements-dev.txt
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

test: .venv/.installed  ## the whole test suite on real PostgreSQL and Redis
	$(BIN)/python -m pytest -q

requirements:  ## pin pyproject.toml's dependencies again, with hashes
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make requirements" pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make requirements" --extra local -c requirements.txt pyproject.toml -o requirements-local.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make requirements" --extra local --extra dev -c requirements-local.txt pyproject.toml -o requirements-dev.txt
