# The commands of civic. `make help` lists them.

.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

BIN := .venv/bin
# What a change of means that the environment has to be brought up to date.
SOURCES := pyproject.toml hatch_build.py package.json package-lock.json .npmrc \
	civic/static/icons.txt requirements/run.txt requirements/build.txt tools/install.sh \
	$(wildcard civic/translations/*/LC_MESSAGES/messages.po)
# Further words for the program that a target runs: make test ARGS="-k votes -x"
ARGS ?=

# An environment of another place, or whose Python is gone, is made anew.
ifneq ($(shell [ -x $(BIN)/python ] && cat .venv/home 2>/dev/null),$(CURDIR))
.PHONY: .venv/stamp-run .venv/stamp-test
endif

.PHONY: help run test install lint lint-style lint-types lint-layers lint-templates format lock migration translations audit mutants bench clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/stamp-run ## Start the demo town on 127.0.0.1:8000 (CIVIC_HOST, CIVIC_PORT, CIVIC_DATA_DIR, CIVIC_DATABASE_URL)
	@$(BIN)/civic demo && exec $(BIN)/civic serve

test: .venv/stamp-test ## Run all tests, on both engines, and in the browser when there is one (ARGS="…" for pytest)
	@$(BIN)/python -m pytest $(ARGS)

install: .venv/stamp-test ## Make or update the environment .venv/ with all that development needs

lint: lint-style lint-types lint-layers lint-templates ## Check style, types, layers and templates

lint-style: .venv/stamp-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check

lint-types: .venv/stamp-test
	$(BIN)/mypy

lint-layers: .venv/stamp-test
	$(BIN)/lint-imports --no-logo

lint-templates: .venv/stamp-test
	$(BIN)/djlint --lint --quiet civic/templates

format: .venv/stamp-test ## Format the code, and mend what the style checker can mend
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

lock: ## Write the locks anew from pyproject.toml and package.json (needs uv and npm)
	@sh tools/lock.sh

migration: .venv/stamp-test ## Write a migration for what changed in the models: make migration MESSAGE="Add …"
	@test -n "$(MESSAGE)" || { echo 'civic: say what changes: make migration MESSAGE="Add the colour of a category"' >&2; exit 2; }
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && unset CIVIC_DATABASE_URL && \
		export CIVIC_DATA_DIR="$$folder" && $(BIN)/flask --app civic.cli.database:for_migrations db upgrade && \
		$(BIN)/flask --app civic.cli.database:for_migrations db migrate --message "$(MESSAGE)"

translations: .venv/stamp-test ## Gather the texts and bring the catalogues up to date
	@$(BIN)/python tools/translations.py

audit: .venv/stamp-test ## Run the second tier of tests, at most three hours (ARGS="…" for parts, --again); see docs/audit.md
	@$(BIN)/python tools/audit/run.py $(ARGS)

mutants: .venv/stamp-test ## Change rules at random and see whether a test notices (ARGS="…" for modules)
	@$(BIN)/python tools/audit/mutants.py $(ARGS)

bench: .venv/stamp-test ## Run the measurements of bench/ (ARGS="…" to choose)
	@$(BIN)/python -m bench $(ARGS)

clean: ## Remove the environment, caches and builds; the data of the town stay
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis htmlcov test-results .coverage .coverage.* .audit
	find civic tests bench tools migrations -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

.venv/stamp-run: $(SOURCES)
	@sh tools/install.sh run

.venv/stamp-test: $(SOURCES) requirements/test.txt
	@sh tools/install.sh test
