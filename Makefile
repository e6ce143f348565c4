# Everything a developer needs; `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
STAMP := $(VENV)/.installed
ONLY ?=
JOBS ?= 2
MINUTES ?= 10
TASKS ?= 1000
SEED ?=
KEEP ?=
PAIRS ?=
LLM ?=
CASES ?=

# Both locks hold for each Python and platform; a pin stays as long as setup.cfg allows it.
COMPILE = $(BIN)/uv pip compile setup.cfg --quiet --universal --python-version=3.11 \
	--generate-hashes --no-emit-index-url --annotation-style=line \
	--custom-compile-command='make lock' --extra=server --extra=openai --extra=tui --extra=build $(1) > /dev/null

.PHONY: help install lock upgrade demo quick test chaos unit lint types bench docs snapshots programs vendored run clean

help:  ## list what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

install: $(STAMP)  ## make the virtual environment and install into it

$(STAMP): setup.cfg pyproject.toml requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Python 3.11 or newer is needed; name it with PYTHON=python3.12' >&2; exit 5; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --requirement=requirements-dev.lock
	$(PIP) --no-deps --no-build-isolation --editable=.
	@touch $(STAMP)

lock: $(STAMP)  ## write what setup.cfg asks for into the locks, changing no more than needed
	$(call COMPILE,--extra=dev --output-file=requirements-dev.lock $(UPGRADE))
	$(call COMPILE,--constraint=requirements-dev.lock --output-file=requirements.lock $(UPGRADE))

upgrade: UPGRADE = --upgrade
upgrade: lock  ## the same with the newest versions of everything

demo: $(STAMP)  ## run a workflow of scripted agents, from bug to merged fix; KEEP=1 leaves it to a browser
	$(BIN)/python -m examples.demo.demo $(if $(KEEP),--keep)

quick: $(STAMP)  ## lint, types, unit tests, integration tests of what changed; within 3 minutes
	$(BIN)/python -m tests.quick

test: $(STAMP)  ## run all tests: unit, integration, end to end; JOBS files at once
	$(BIN)/python -m pytest tests --numprocesses=$(JOBS) --dist=loadfile

chaos: $(STAMP)  ## two hosts under random faults; MINUTES, TASKS and SEED choose the run
	$(BIN)/python -m tests.chaos --minutes=$(MINUTES) --tasks=$(TASKS) $(if $(SEED),--seed=$(SEED))

unit: $(STAMP)  ## run the tests that need no server
	$(BIN)/python -m pytest tests/unit

lint: $(STAMP)  ## check style, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports setup.cfg

types: $(STAMP)  ## check types, strictly
	$(BIN)/mypy

bench: export PAIRS := $(PAIRS)
bench: export LLM := $(LLM)
bench: export CASES := $(CASES)
bench: $(STAMP)  ## measure, print a table, write build/bench.json; ONLY=<measure> runs one, BEHAVIOURS=<folder>
	$(BIN)/python -m bench $(ONLY)

docs: $(STAMP)  ## write the references that are made from the code
	$(BIN)/python -m hephaestus_web.print_api_reference > docs/api.md
	$(BIN)/python -m hephaestus_web.mcp.reference > docs/mcp-tools.md
	$(BIN)/python -m hephaestus_core.events.reference > docs/events.md
	$(BIN)/python -m hephaestus_sdk.cli.reference > docs/cli.md
	$(BIN)/python -m tests.e2e.program_table
	for id in bug-fix documentation-generation feature-development index-repo prd-to-software; do \
		$(BIN)/hephaestus definitions export $$id > workflows/$$(echo $$id | tr - _)/$$id.yaml; \
	done

snapshots: $(STAMP)  ## write what each page says to a screen reader again; look at the difference
	RENEW_SNAPSHOTS=1 $(BIN)/python -m pytest -q tests/integration/web/browser/test_snapshots.py

vendored: $(STAMP)  ## fetch the browser libraries again in the versions of hephaestus_web/static/vendor/README.md
	$(BIN)/python -m tests.vendored

run: $(STAMP)  ## start the stack in your home
	$(BIN)/hephaestus up

programs: $(STAMP)  ## write what real programs do in trouble again, from runs; then `make docs`
	RECORD_PROGRAMS=1 $(BIN)/python -m pytest -q tests/e2e/test_asking_programs.py tests/e2e/test_full_contexts.py \
		tests/e2e/test_refused_keys.py tests/e2e/test_limited_programs.py

clean:  ## remove what was built
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
