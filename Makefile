# The commands of README.md. Each builds what it needs: .venv from requirements.lock, system libraries, fonts.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test check bench chaos pages pictures assets lock sbom clean ready venv browser

BIN := .venv/bin
# Whole installations start dozens of processes: each would compile everything again.
unexport PYTHONDONTWRITEBYTECODE
# A worker process for each core, and two more for whole installations, which mostly wait (tests/lanes.py says which).
# A file's tests stay together; files are taken in the order in which they were collected, long ones first.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
PARALLEL := --dist=loadfile --no-loadscope-reorder --numprocesses

help:
	@echo "make demo          start everything on this machine and lead one case from portfolio to credential (ONCE=1: stop after it; STORY=panel, gap, appeal or all)"
	@echo "make test          run the tests"
	@echo "make check         run every gate: format, lint, types, layers, coverage, PostgreSQL, every page"
	@echo "make bench         measure, each figure beside its limit"
	@echo "make chaos         kill processes of running cases and count what was lost; tell every story of the demo"
	@echo "make pages         look at every page in every language and on every screen, and write down what was found"
	@echo "make pictures      take the pictures of README.md anew"
	@echo "make assets        build the fonts of the letters and the files of the pages"
	@echo "make lock          resolve the dependencies again and write both lock files"
	@echo "make sbom          list what a production installation is made of (CycloneDX)"
	@echo "make clean         remove what was built; data and demo-output stay"

demo: ready
	@$(BIN)/acquis demo $(if $(ONCE),--once) $(if $(STORY),--story $(STORY))

test: ready browser
	@$(BIN)/python -m pytest $(PARALLEL)=$(shell expr $(CORES) + 2) $(ARGS)

# Coverage slows every process down: whole installations, the browser and what takes long run in `make test` alone, and what
# repeats on PostgreSQL what was shown on SQLite, or goes through everything that there is, runs here without it. Types and
# layers need one core for a minute: they are looked at meanwhile.
check: ready browser
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@rm -f .coverage .coverage.*
	@mkdir -p build
	@{ $(BIN)/mypy && $(BIN)/lint-imports; } > build/types-and-layers.txt 2>&1 & beside=$$!; measured=0; sound=0; \
		$(BIN)/coverage run -m pytest $(PARALLEL)=$(shell expr $(CORES) + 1) -m "not chaos and not second_engine and not gate and not slow" \
			--ignore=tests/browser || measured=$$?; \
		wait $$beside || sound=$$?; cat build/types-and-layers.txt; exit $$((measured | sound))
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --include='services/rules/*' --fail-under=100
	@$(BIN)/coverage report
	@$(BIN)/python -m pytest $(PARALLEL)=$(shell expr $(CORES) + 2) -m "(second_engine or gate) and not chaos"

bench: ready
	@$(BIN)/python -m benchmarks

chaos: ready
	@$(BIN)/python -m pytest -m chaos --numprocesses=0 -s

pages: ready browser
	@ACQUIS_TEST_PICTURES=1 $(BIN)/python -m pytest -m pages --numprocesses=0 tests/browser/test_pages.py

pictures: ready browser
	@$(BIN)/python -m tests.browser.pictures

assets: venv
	@$(BIN)/python -m services.assets

lock: venv
	@tools/lock.sh

sbom: venv
	@mkdir -p dist
	@$(BIN)/cyclonedx-py requirements requirements-production.lock --output-reproducible --output-file dist/acquis.cdx.json

clean:
	@rm -rf .venv build dist .coverage .coverage.* htmlcov .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@rm -rf portfolio_templates/fonts services/api/pages/static node_modules
	@find services portfolio_templates tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

ready: venv assets
	@tools/system_libraries.sh $(BIN)/python

venv:
	@tools/environment.sh

browser:
	@tools/browser.sh
