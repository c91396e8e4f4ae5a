# Everything a developer runs. `make` lists the targets.
PYTHON ?= python3
BIN := .venv/bin
# A Python named on the command line must be the one of .venv; otherwise any suitable one is used.
CHOSEN := $(if $(filter file default,$(origin PYTHON)),,--chosen)
INSTALL := $(PYTHON) deploy/local/install.py
# No server answers there: these checks only read settings.
PRODUCTION := DEBUG=false SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	CREDENTIAL_KEYS=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= \
	DATABASE_URL=postgres://unused@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 \
	PUBLIC_URL=https://dovecote.example ALLOWED_HOSTS=dovecote.example
MANAGE := $(BIN)/python -W ignore::RuntimeWarning manage.py
PYTEST_ARGS ?= -n 3

# Each process would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help up demo clients test test-all test-times real-networks chaos upgrade-test upgrade-locks check fuzz bench profile format requirements wheels sbom clean local dev

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

local:
	@$(INSTALL) requirements-local.txt $(CHOSEN)

dev:
	@$(INSTALL) requirements-dev.txt $(CHOSEN)

up: local  ## run everything on this machine until Ctrl-C; PORT=9000, WORKERS=1, FLOWER=0
	@exec $(BIN)/python manage.py up

demo: local  ## publish to all networks of a running `make up`
	@exec $(BIN)/python manage.py demo

clients: dev  ## build the client packages below .dovecote/clients; CLIENT=python for one
	@exec $(BIN)/python -m deploy.clients.build $(CLIENT)

test: dev  ## the tests that every commit runs, on real PostgreSQL and Redis
	@exec $(BIN)/python -m pytest -q --quick $(PYTEST_ARGS)

test-all: dev  ## every test; installs programs that it lacks, and ends with what it could not run; SHARD=1/12 of the rest
	@$(if $(SHARD),,$(MAKE) --no-print-directory test &&) exec $(BIN)/python -m tests.everything $(SHARD:%=--shard %)

test-times: dev  ## run every test and write where the time goes to .dovecote/times.md
	@exec $(BIN)/python -m pytest -q $(PYTEST_ARGS) --times=.dovecote/times.md

real-networks: dev  ## compare the simulator with real servers of networks, installed below .dovecote/real; ends with a table
	@exec $(BIN)/python -m tests.real $(REAL_ARGS)

chaos: dev  ## break each part under real posts, check every outcome; SCENARIO=, SEED="1 2", N=
	@exec $(BIN)/python -m tests.chaos $(SCENARIO:%=--scenario %) $(SEED:%=--seed %) $(if $(N),--n $(N)) $(CHAOS_ARGS)

upgrade-test: dev  ## upgrade from the last release with posts in every state; FORM=stop or rolling
	@exec $(BIN)/python -m tests.upgrade $(FORM:%=--form %)

upgrade-locks: dev  ## how long each migration since the last release holds up a table of N destinations (300000)
	@exec $(BIN)/python -m tests.upgrade.locks $(N)

CHECKS := check-types check-style check-words check-house check-imports check-migrations check-openapi check-settings

.PHONY: $(CHECKS)

# Types first: with -j the others are done before they are.
check: $(CHECKS)  ## format, lint, types, words, layout, import contracts, migrations, OpenAPI, production settings

check-types: dev
	@echo mypy .; $(PRODUCTION) $(BIN)/mypy .

check-style: dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

check-words: dev
	$(BIN)/python .ci/words

check-house: dev
	$(BIN)/python .ci/house

check-imports: dev
	$(BIN)/lint-imports

check-migrations: dev
	@echo makemigrations --check; $(PRODUCTION) $(MANAGE) makemigrations --check --dry-run

check-openapi: dev
	@echo spectacular --validate --fail-on-warn; $(PRODUCTION) $(MANAGE) spectacular --validate --fail-on-warn --file /dev/null --urlconf config.mounts.reference
	@echo spectacular --urlconf config.mounts.compat; $(PRODUCTION) $(MANAGE) spectacular --validate --fail-on-warn --file /dev/null --urlconf config.mounts.compat

check-settings: dev
	@echo check --deploy; $(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING

fuzz: dev  ## send N random bodies (5000) to every endpoint that writes; SEED=
	@FUZZ_BODIES=$(or $(N),5000) FUZZ_SEED=$(or $(SEED),1) $(BIN)/python -m pytest -q -n 2 tests/posts/api/test_fuzz.py

bench: dev  ## measure everything against bare references, write tests/bench/RESULTS.md; SHORT=1
	@exec $(BIN)/python -m tests.bench $(if $(SHORT),--short) $(MEASURES)

profile: dev  ## write flame graphs of a worker and of web under load, below .dovecote/profile
	@exec $(BIN)/python -m tests.bench.profile

format: dev  ## format, and fix what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

requirements:  ## pin pyproject.toml's dependencies again, with hashes
	uv pip compile --quiet --upgrade --universal --no-strip-extras --fork-strategy requires-python --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make requirements" --extra telemetry pyproject.toml -o requirements-telemetry.txt
	uv pip compile --quiet --upgrade --universal --no-strip-extras --fork-strategy requires-python --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make requirements" -c requirements-telemetry.txt pyproject.toml -o requirements.txt
	uv pip compile --quiet --upgrade --universal --no-strip-extras --fork-strategy requires-python --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make requirements" --extra local -c requirements.txt pyproject.toml -o requirements-local.txt
	uv pip compile --quiet --upgrade --universal --no-strip-extras --fork-strategy requires-python --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make requirements" --extra local --extra telemetry --extra dev -c requirements-local.txt -c requirements-telemetry.txt pyproject.toml -o requirements-dev.txt
	echo uv | uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make requirements" - -o deploy/local/requirements-uv.txt
	printf '%s\n' atproto mastodon-py python-telegram-bot toot | uv pip compile --quiet --upgrade --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make requirements" - -o tests/deploy/simulator/clients/requirements.txt
	echo nostr-relay | uv pip compile --quiet --upgrade --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make requirements" - -o tests/real/nostr/requirements.txt
	echo cyclonedx-bom | uv pip compile --quiet --upgrade --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make requirements" - -o deploy/image/requirements-sbom.txt

wheels:  ## check that everything the image installs has wheels for amd64 and arm64
	@deploy/image/wheels

sbom:  ## write what the image installs from PyPI to .dovecote/sbom.json (CycloneDX)
	@$(PYTHON) -m venv .dovecote/sbom
	@.dovecote/sbom/bin/pip install --quiet --disable-pip-version-check --require-hashes -r deploy/image/requirements-sbom.txt
	@.dovecote/sbom/bin/python -W ignore -m cyclonedx_py requirements requirements.txt --pyproject pyproject.toml --output-reproducible --output-file .dovecote/sbom.json
	@echo Wrote .dovecote/sbom.json.

clean:  ## remove files of tests and tools; keeps .venv and your data
	rm -rf .dovecote/test-* .dovecote/npm .dovecote/real .dovecote/times.md .dovecote/clients .dovecote/sbom* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis htmlcov .coverage*
