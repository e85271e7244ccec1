# make setup   the virtual environment with all dependencies
# make demo    the whole migration on two embedded servers, under live traffic
# make run     the site with demo tenants, on http://localhost:8000 (or PORT=n); prints the log-in
# make test    lint, then every test; installs the PostgreSQL servers that the tests use
# make lint    ruff, mypy, import contracts
# make soak    the long form of some tests
# make bench   measure beside peers (BENCH=names, ROUNDS=n) and write docs/benchmarks.md
# make docs    the documentation as a site, in build/docs
# make format  ruff's formatter over the code

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Workers of pytest; the tests are made for two cores.
JOBS ?= 2
PYTEST_ARGS ?=
# What `make bench` measures (all if empty), and how often.
BENCH ?=
ROUNDS ?= 5

.PHONY: setup demo run test soak bench servers docs lint format
.DELETE_ON_ERROR:

setup: $(STAMP)

$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11'; exit 2; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV) || \
	    { echo 'This Python cannot make virtual environments; on Debian: apt-get install python3-venv'; exit 2; }
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

demo: $(STAMP)
	$(BIN)/python manage.py demo

run: export DEBUG ?= 1
run: export PORT ?= 8000
run: $(STAMP)
	$(BIN)/python manage.py migrate_staged --verbosity 0
	$(BIN)/python manage.py seed_demo --if-empty
	$(BIN)/python manage.py runserver $(PORT)

test: lint servers
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m "not soak" $(PYTEST_ARGS)

soak: servers
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m soak $(PYTEST_ARGS)

bench: servers
	$(BIN)/python -m tests.benchmarks --rounds $(ROUNDS) $(BENCH)

servers: $(STAMP)
	tests/install_servers.sh

docs: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo build/docs/index.html

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(STAMP)
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .
