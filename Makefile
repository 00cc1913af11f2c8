# `make demo` and `make test` need Python 3.11-3.13, make and a package index, nothing else.
# Another Python than python3: `make clean`, then `make demo PYTHON=python3.12`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test coverage test-lowest test-integrations bench docs lint clean

demo: $(VENV)/demo.stamp
	$(BIN)/python -m skrnn

# One thread each: threads of several processes that compete for the cores spend CPU seconds on
# waiting, two fifths of them on two cores.
ONE_THREAD := OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1

# A file of tests stays in one process: its tests share compiled networks. Without reordering:
# files of few, dear tests would come last, and leave the other processes idle.
PARALLEL := --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: $(VENV)/test.stamp
	$(ONE_THREAD) $(BIN)/python -m pytest $(PARALLEL)

# Lines that no test runs.
coverage: $(VENV)/test.stamp
	$(ONE_THREAD) $(BIN)/python -m pytest $(PARALLEL) --cov skrnn --cov-report term-missing:skip-covered

# The lowest versions that pyproject.toml allows, in an environment of their own. Without the
# tests of speed, accuracy and documents, which say nothing about versions. Needs Python 3.11.
test-lowest: .venv-lowest/test.stamp
	$(ONE_THREAD) .venv-lowest/bin/python -m pytest $(PARALLEL) --ignore tests/test_benchmarks.py \
		--ignore tests/test_accuracy.py --ignore tests/test_examples.py \
		--ignore tests/test_migration.py --ignore tests/test_docs.py

.venv-lowest/test.stamp: pyproject.toml tests/constraints-lowest.txt
	test -x .venv-lowest/bin/pip || $(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --constraint tests/constraints-lowest.txt \
		--editable '.[test]'
	touch $@

# Other people's packages, in an environment of their own: docs/works_with.md lists them.
test-integrations: .venv-integrations/test.stamp
	.venv-integrations/bin/python -m pytest tests/integrations

.venv-integrations/test.stamp: pyproject.toml
	test -x .venv-integrations/bin/pip || $(PYTHON) -m venv .venv-integrations
	.venv-integrations/bin/python -m pip install --quiet --editable '.[integrations]'
	touch $@

# Takes more than an hour and rewrites the tables of docs/performance.md.
bench: $(VENV)/bench.stamp
	$(BIN)/python benchmarks/run_all.py

# Runs every example of the gallery. A warning is an error, and so is a dead link within the site.
docs: $(VENV)/docs.stamp
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html
	$(BIN)/python docs/check_links.py docs/_build/html

lint: $(VENV)/lint.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy skrnn
	find skrnn -name '*.py' | xargs $(BIN)/python -m numpydoc lint

clean:
	rm -rf $(VENV) .venv-lowest .venv-integrations build dist *.egg-info .hypothesis .mypy_cache .ruff_cache
	rm -rf docs/_build docs/api docs/auto_examples
	find . -name __pycache__ -prune -exec rm -rf {} +

# Every purpose adds its packages to one environment, which is installed anew only when
# pyproject.toml changes. The stamp comes last: a broken installation is tried again.
$(VENV)/demo.stamp: EXTRAS :=
$(VENV)/test.stamp: EXTRAS := [test]
$(VENV)/bench.stamp: EXTRAS := [bench]
$(VENV)/docs.stamp: EXTRAS := [docs]
$(VENV)/lint.stamp: EXTRAS := [lint]
$(VENV)/%.stamp: pyproject.toml
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.$(EXTRAS)'
	touch $@
