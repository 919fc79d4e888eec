.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check bench format clean

# Mac OS and older distributions have a python3 below 3.11 beside a newer one of a longer name.
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" $(NEW_ENOUGH) 2>/dev/null && { echo "$$p"; break; }; done)

VENV := .venv
BIN := $(VENV)/bin
# Each stamp is newer than what it was installed from; `demo` and `bench` do without the checkers.
SANDBOX := $(VENV)/.installed-sandbox
DEV := $(VENV)/.installed-dev

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
# uv would fetch an interpreter of its own where it dislikes the one that we name.
export UV_PYTHON_DOWNLOADS := never
# Folders on different file systems are common in containers; uv's warning about it tells a user nothing.
export UV_LINK_MODE := copy

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 10

demo: $(SANDBOX) ## show the whole job on a local AWS
	@$(BIN)/rolewright demo

test: $(DEV) ## run the tests; ARGS='-k plan' narrows them
	$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

check: $(DEV) ## lint, format, types, import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache --no-logo

bench: $(SANDBOX) ## time and requests of a first apply and a no-op plan
	$(BIN)/python benchmarks/run.py $(ARGS)

format: $(DEV) ## format, and mend what the linter can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## remove what the other targets made
	rm -rf $(VENV) build dist rolewright.egg-info .hypothesis .pytest_cache .ruff_cache
	find engine resources state examples tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

# $(1) is the extra to install.
define install
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" $(NEW_ENOUGH); then \
		echo "rolewright needs Python 3.11 or newer; $(or $(PYTHON),no python3 on PATH) is not." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; \
	fi
	@echo "Setting up $(VENV) with $(PYTHON) (only when the dependencies change) ..."
	@if command -v uv >/dev/null; then \
		{ $(BIN)/python $(NEW_ENOUGH) 2>/dev/null || \
			uv venv --quiet --allow-existing --python "$(PYTHON)" $(VENV); } && \
		uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[$(1)]'; \
	else \
		{ $(BIN)/python -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv $(VENV); } && \
		$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[$(1)]'; \
	fi
	@mkdir -p $(VENV)/portions/rolewright
	@for portion in engine examples resources state; do \
		ln -sfn "../../../$$portion" $(VENV)/portions/rolewright/$$portion; \
	done
endef

$(SANDBOX): pyproject.toml constraints.txt
	$(call install,sandbox)
	@touch $@

$(DEV): pyproject.toml constraints.txt
	$(call install,dev)
	@touch $(SANDBOX) $@
