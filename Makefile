# make demo    trains, tests and shows a small MSNet on generated videos
# make test    runs all tests but those that need a GPU; make test-quick leaves the slow ones out too
# make gpu     proves and measures everything on this machine's GPU, in ten minutes:
#              work_dirs/gpu/report.md
# make soak    kills trainings at random, resumes them and compares: about an hour
# make wheel-test
#              builds the wheel and uses it without the repository, in an environment of its own
# make lint    checks style, format and types
# make docs    builds the documentation: docs/_build/html
# make install makes the environment that these use; VENV=<folder> chooses another place
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DOCS_INSTALLED := $(VENV)/.docs-installed

# Threads that wait for each other sleep: where other programs run, spinning costs up to ten times
# the time.
export OMP_WAIT_POLICY ?= passive

.PHONY: install demo compare test test-quick gpu soak wheel-test lint docs

install: $(INSTALLED)

$(INSTALLED): requirements/tested.txt requirements/test.txt setup.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -r requirements/tested.txt -r requirements/test.txt
	# With its build tools from above: nothing is resolved or downloaded again.
	$(BIN)/python -m pip install --no-deps --no-build-isolation -e .
	touch $@

demo: install
	$(BIN)/python tools/demo.py

compare: install
	$(BIN)/python tools/demo.py --compare

# Two processes of one thread each; the tests of a file share what they build. In order: the long
# ones are not the last.
PYTEST = $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder
test test-quick: export OMP_NUM_THREADS = 1
test: install
	$(PYTEST) -m "not gpu"
test-quick: install
	$(PYTEST) -m "not gpu and not slow"

gpu: install
	$(BIN)/python -m msnet_mmaction gpu

soak: install
	$(BIN)/python tests/soak.py

wheel-test:
	PYTHON=$(PYTHON) tests/wheel/check_wheel.sh

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(DOCS_INSTALLED): $(INSTALLED) requirements/docs.txt
	$(BIN)/python -m pip install -r requirements/docs.txt
	touch $@

# A warning is an error.
docs: $(DOCS_INSTALLED)
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html
