# `make help` lists what there is. Every target runs the project's own tools inside its own environment.
UV ?= $(shell test -x .venv/bin/uv && echo .venv/bin/uv || echo python3 -m uv)
RUN = $(UV) run --quiet

.DEFAULT_GOAL := help
.PHONY: help setup fmt lint types floors test sim reference bench notebooks golden lock schema check

help:       ## list the targets
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: *[^#]*## /\t/' | expand -t 14

setup:      ## make .venv and install everything into it
	test -x .venv/bin/python || python3 -m venv .venv
	test -x .venv/bin/uv || .venv/bin/python -m pip install --quiet uv
	.venv/bin/uv sync --quiet --inexact

fmt:        ## format the code
	$(RUN) ruff format src tests
	$(RUN) ruff check --fix --exit-zero src tests

lint:       ## ruff: format and rules
	$(RUN) ruff format --check src tests
	$(RUN) ruff check src tests

types:      ## mypy, strict
	$(RUN) mypy

floors:     ## import rules of ARCHITECTURE
	$(RUN) lint-imports

test:       ## the whole suite
	$(RUN) pytest -n 4

sim:        ## slow simulations (type I error, coverage), and the laws with ten times the examples
	$(RUN) pytest -m sim -n 2 --timeout=0
	$(RUN) pytest -n 2 --hypothesis-profile=thorough tests/audit tests/blinding tests/schedule tests/scores tests/files tests/protocol

reference:  ## run the R scripts of tests/reference again (needs R with lme4, lmerTest, pbkrtest, nlme, jsonlite)
	Rscript tests/reference/reference.R
	Rscript tests/reference/serial.R
	Rscript tests/reference/randomization.R
	Rscript tests/reference/pooled.R

bench:      ## product and peers in turn: benchmarks/RESULTS.md
	OPENBLAS_NUM_THREADS=1 $(RUN) python -m benchmarks

notebooks:  ## strip outputs from the notebooks
	$(RUN) jupyter nbconvert --clear-output --inplace notebooks/*.ipynb

golden:     ## rewrite the golden files: only with a section in CHANGELOG
	NOF1_GOLDEN=write $(RUN) pytest -q tests

schema:     ## write the JSON Schema beside the library
	$(RUN) nof1 protocol schema > protocols/nof1.schema.json

lock:       ## resolve again and write the pins into pyproject.toml
	$(RUN) python .ci/lock.py

check: lint types floors test   ## what CI runs
