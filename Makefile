# make demo · make test · make editors (tests in the real Krita and GIMP) · make faults · make lint
# Each makes the environment first, once, with the pins of constraints.txt.

PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt
# Three at a time, a file's tests together: tests in editors mostly wait. One thread each: torch's
# own threads would only fight over the cores.
PYTEST_ARGS ?= -n 3 --dist loadfile
test editors faults: export OMP_NUM_THREADS ?= 1
# Of the editors under test: trixie, forky, next (tests/editors/roots.py) or all.
GENERATION ?= trixie
GENERATIONS = $(if $(filter all,$(GENERATION)),trixie forky next,$(GENERATION))

.PHONY: demo test editors roots faults lint clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.demo
	$(BIN)/bottega demo $(DEMO_ARGS)

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(PYTEST_ARGS)

editors: roots
	@for name in $(GENERATIONS); do \
		BOTTEGA_GENERATION=$$name $(BIN)/python -m pytest -m editor $(PYTEST_ARGS) || exit 1; done

roots: $(VENV)/.dev
	$(BIN)/python tests/editors/roots.py $(GENERATION)

# What breaks, on purpose: make faults [SECTION=name] [SHARE=0.1] [SEED=7] [AGAIN=1]; docs/faults.md.
SHARE ?= 1
SEED ?= 1
faults: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m faults $(SECTION) --share $(SHARE) --seed $(SEED) \
		$(if $(AGAIN),--again)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --python-version 3.10 -p bottega_protocol -p bottega_client
	$(BIN)/vermin -q -t=3.10- --no-tips --violations protocol krita_plugin gimp_plugin

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Bottega needs Python 3.11 or newer: install it, or say make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

# What the demonstration needs; the developers' environment holds it too.
$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing into $(VENV): some minutes and gigabytes the first time, nothing after that."
	$(PIP) -e '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing into $(VENV): some minutes and gigabytes the first time, nothing after that."
	$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.demo

clean:
	rm -rf $(VENV) build dist demo artifacts
