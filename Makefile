# kefu from a clean clone: only Python 3.11+ and make are needed, every target brings the rest.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/stamp

# Without byte code each process that a test starts compiles every module again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help venv demo test lint bench soak day pictures gallery lock

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 8
	@echo 'Extra arguments: make test ARGS="-k sync -x". Another Python: make venv PYTHON=python3.12'

venv: $(STAMP) ## .venv with the desk, the backend and the test tools

demo: venv ## a practice shop: backend, customers who write, and the workstation
	$(BIN)/kefu demo $(ARGS)

test: venv ## the whole test suite
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

lint: venv ## style, types, import directions, dead code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture

bench: venv ## measure; prints a table and writes bench/results.json
	$(BIN)/python -m bench $(ARGS)

soak: venv ## long runs with faults
	$(BIN)/python -m bench.soak $(ARGS)

day: venv ## a simulated day: 2,000 conversations, 20 agents, a surge, an outage, through backend and desks
	$(BIN)/python -m tests.day $(ARGS)

pictures: venv ## the pictures of the documents, from the running program
	$(BIN)/python -m docs.pictures.take $(ARGS)

gallery: venv ## every screen, state, size, theme and language as a picture, to look through
	$(BIN)/python -m tests.gallery $(ARGS)

lock: venv ## requirements.lock from pyproject.toml; newer versions with ARGS=--upgrade
	$(BIN)/uv pip compile pyproject.toml --all-extras --group build --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--quiet --output-file requirements.lock $(ARGS)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'kefu needs Python 3.11 or newer as $(PYTHON); name another: make venv PYTHON=python3.12' >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
