# mediadash: make run starts everything, make test installs and runs every test. Python 3.11, Node 20.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= 1
UV_VERSION := 0.13.9
# What asks no server runs beside what does, mostly on the core that waits. Ctrl-C must reach it in the background, too.
PURE := tests/timeline tests/wire

.PHONY: run test check lint js-check install install-dev browser test-faults screenshots lock clean \
	bench-ingest bench-fold bench-settle bench-live bench-browser

run: install ## everything, with a lively demo; DEMO=0 without
	@$(BIN)/python manage.py up $(if $(filter 0,$(DEMO)),,--demo)

test: install-dev browser check ## everything that is tested, except the long fault tests
	npm test --silent
	@log=$$(mktemp); env --default-signal=INT $(BIN)/pytest -q $(PURE) >$$log 2>&1 & pure=$$!; \
	$(BIN)/pytest $(PURE:%=--ignore=%); others=$$?; \
	wait $$pure; pure=$$?; cat $$log; rm $$log; exit $$((pure | others))

check: install-dev lint js-check ## linters, types, layers, migrations, deployment settings
	$(BIN)/pytest -q -p no:cacheprovider tests/test_layers.py
	$(BIN)/python manage.py makemigrations --check --dry-run
	PUBLIC_URL=https://mediadash.example.com $(BIN)/python manage.py check --deploy --fail-level WARNING

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy mediadash sessions_app

js-check: node_modules/.installed
	npm run check --silent

test-faults: install-dev ## kills, stops and cuts, and counts what was lost
	$(BIN)/pytest -m faults --override-ini 'addopts=-ra -p tests.plugin'

screenshots: install-dev browser ## every screen and state into screenshots/
	$(BIN)/python -m tests.journeys.screenshots $(SCREENS)

bench-ingest bench-fold bench-settle bench-live bench-browser: install-dev
	$(BIN)/python -m bench.$(@:bench-%=%)

# --- what is installed ---------------------------------------------------------------------------------------------
install: $(VENV)/.installed node_modules/.installed
install-dev: $(VENV)/.installed-dev node_modules/.installed

$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mediadash needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.installed: requirements.txt | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

node_modules/.installed: package-lock.json
	npm ci --ignore-scripts --silent
	@touch $@

browser: ## Chromium for the browser tests, when we may install it; without one they skip and say so
	@command -v chromium >/dev/null || [ "$$(id -u)" != 0 ] || { apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-inter \
		fonts-jetbrains-mono >/dev/null; } || echo "Chromium could not be installed: the browser tests will skip."

lock: | $(BIN)/uv ## make the hash-locked requirement files anew
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 \
		--custom-compile-command "make lock" requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 \
		--custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt

clean: ## what can be made again; the data folder stays
	rm -rf $(VENV) node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
