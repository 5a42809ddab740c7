# make demo      color the photographs inside scikit-image, into demo/
# make test      the whole test suite
# make check     formatting, lint, types
# make coverage  the whole suite, and which lines of src/ it does not run
# make bench     measure against named peers and limits
# make clean     remove the virtual environment and everything generated
#
# The first run of each sets up .venv, which takes minutes and the network; after that neither.
# demo needs the light runtime only; the others need the development tools, torch among them.

.DEFAULT_GOAL := demo
.PHONY: demo test check coverage bench clean
.NOTPARALLEL:

probe = import sys, venv, ensurepip; print((3, 11) <= sys.version_info < (3, 15))
usable = $(shell command -v $(1) >/dev/null && $(1) -c '$(probe)' 2>/dev/null)
candidates = python3 python3.14 python3.13 python3.12 python3.11 python
PYTHON ?= $(firstword $(foreach name,$(candidates),$(if $(filter True,$(call usable,$(name))),$(name))))
VENV := .venv/bin
# The tests start hundreds of commands: these find their modules compiled.
TEST := PYTHONDONTWRITEBYTECODE= $(VENV)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder
INSTALL := $(VENV)/python -m pip install -qq -c constraints.txt

demo: .venv/.light
	@$(VENV)/python scripts/demo.py demo

test: .venv/.dev
	$(TEST)

check: .venv/.dev
	$(VENV)/ruff format --check
	$(VENV)/ruff check
	$(VENV)/mypy

coverage: .venv/.dev
	$(TEST) --cov=colornet

bench: .venv/.dev
	$(VENV)/python benchmarks/speed/run.py

clean:
	rm -rf .venv demo dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
	find src tests -name __pycache__ -prune -exec rm -rf {} +

.venv/.light: pyproject.toml constraints.txt | $(VENV)/python
	@echo "installing the light runtime into .venv (once)"
	@$(INSTALL) -e . scikit-image
	@touch $@

.venv/.dev: pyproject.toml constraints.txt | $(VENV)/python
	@echo "installing the development tools into .venv (once, some minutes)"
	@$(INSTALL) -e '.[dev]'
	@touch .venv/.light $@

$(VENV)/python:
	@test -n "$(PYTHON)" || { echo "colornet needs Python 3.11 to 3.14 with venv and ensurepip;" \
		"none is in PATH (Debian, Ubuntu: apt install python3-venv)." \
		"Name one with: make PYTHON=/path/to/python3"; exit 1; }
	@echo "making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }
