# `make run` opens the dashboard, `make test` runs every test, `make` lists the rest.
#
# torch: pip takes torch==2.13.0 from wherever pip is set up to look, and on Linux the public index answers with the
# build for NVIDIA cards, several gigabytes large. For a machine without one, name PyTorch's index of CPU wheels:
#     PIP_EXTRA_INDEX_URL=<that address> make run

PYTHON ?= python3
PORT   ?= 8501
VENV   := .venv
BIN    := $(VENV)/bin

# A head's q·k is too small to share: threads of numpy's that wait for each other made it 5 to 20 times slower on 2 cores.
export OPENBLAS_NUM_THREADS ?= 1

# The small models that come with attnviz: training is never part of install, run or tests.
TRAINED := train-scenes train-captions train-pairs train-repeats train-dates train-additive train-stories train-digits train-translator

.DEFAULT_GOAL := help
.PHONY: help run test check style fast format bench sweep lock browser clean emoji $(TRAINED)

help:
	@echo "make run      start the dashboard on http://localhost:$(PORT) (PORT=... chooses another port)"
	@echo "make test     every test, those in Chromium included"
	@echo "make check    format, lint, types and the fast tests, before every commit"
	@echo "make format   put the files into the form that make check asks for"
	@echo "make bench    measure, and write benchmarks/RESULTS.md"
	@echo "make train-NAME   train a small model anew: scenes, captions, pairs, repeats, dates, additive, stories, digits or translator"
	@echo "make sweep    try every model type of transformers, and write docs/architectures.md"
	@echo "make lock     choose the versions of requirements.lock anew"
	@echo "make clean    remove the virtual environment and every cache"

run: $(VENV)/run.stamp
	$(BIN)/streamlit run app.py --server.port=$(PORT)

test: $(VENV)/test.stamp browser
	$(BIN)/pytest

check: style fast

style: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile

fast: $(VENV)/test.stamp
	$(BIN)/pytest -m "not browser and not slow"

format: $(VENV)/test.stamp
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(VENV)/bench.stamp browser
	$(BIN)/python -m benchmarks

# Killed, it goes on where it was.
sweep: $(VENV)/test.stamp
	$(BIN)/python -m tests.sweep

# A stamp says that its requirements are installed: a changed file of requirements installs again, once.
$(VENV)/run.stamp: requirements.txt requirements.lock | $(BIN)/python
	$(BIN)/pip install --quiet --requirement requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements-dev.txt $(VENV)/run.stamp
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	@touch $@

$(VENV)/bench.stamp: benchmarks/requirements.txt $(VENV)/test.stamp
	$(BIN)/pip install --quiet --requirement benchmarks/requirements.txt
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "attnviz needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo missing)."; \
	  echo "Install a newer one, then name it: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make virtual environments. On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Tests of Chinese look at glyphs, so the fonts come with the browser.
BROWSER_PACKAGES := chromium fonts-noto-cjk

browser:
	@{ command -v chromium || command -v google-chrome; } >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q . || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(BROWSER_PACKAGES); \
	else \
	  echo "The browser tests need Chromium and a Chinese font: sudo apt-get install $(BROWSER_PACKAGES)"; exit 1; \
	fi

$(TRAINED): train-%: $(VENV)/test.stamp
	$(BIN)/python -m training $*

train-scenes train-captions train-pairs: emoji

# Scenes are made of Noto Color Emoji, and so is their measurement; the trained model needs no font.
EMOJI_PACKAGES := fonts-noto-color-emoji

emoji:
	@fc-list 2>/dev/null | grep -qi NotoColorEmoji || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(EMOJI_PACKAGES); \
	else \
	  echo "Training Scenes needs an emoji font: sudo apt-get install $(EMOJI_PACKAGES)"; exit 1; \
	fi

lock:
	rm -rf $(VENV)
	: > requirements.lock
	$(MAKE) $(VENV)/bench.stamp
	{ echo "# Written by make lock: every version, those of the tests and benchmarks included."; \
	  $(BIN)/pip freeze --exclude pip | sed 's/+cpu$$//'; } > requirements.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
