# make run: Sanad on http://127.0.0.1:8000, with the articles of corpus/ the first time.
# make test: every test. Both first install what they need into .venv, and the second time find it there.
# Recipes name files relative to this folder only, so its path may hold spaces.

PYTHON ?= python3
BIN := .venv/bin
# Not compiled here: Python compiles what is imported, a small part, when it first is. That halves the installation.
PIP := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --constraint constraints.txt

.PHONY: run test lint licences eval mutations verification screenshots
.DELETE_ON_ERROR:

run: .venv/installed
	@$(BIN)/sanad serve --ingest corpus

# A process a core: further threads in each would only wait for one another. make test TESTS="-m database" is a part.
test: .venv/installed-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTS)

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Does every installed package fit the others, and is its licence one that we accept? Also of the test tools.
# axe-playwright-python has its licence, MIT, in its repository only.
LICENCES := MIT;BSD;Apache;ISC;PSF;Python Software Foundation;MPL;Mozilla;ZPL;LGPL-3.0-only;Academic Free
licences: .venv/installed-dev
	$(BIN)/python -m pip check
	$(BIN)/pip-licenses --from=mixed --partial-match --allow-only="$(LICENCES)" \
		--ignore-packages sanad axe-playwright-python

# First whether the suites themselves are sound, which asks nothing.
eval: .venv/installed
	$(BIN)/sanad eval --lint --suite evals/suites/muscat.yaml --suite evals/suites/muscat-paraphrased.yaml
	$(BIN)/sanad eval --thresholds evals/thresholds.yaml

# Does the gate notice planted defects? Each must make it fail.
mutations: .venv/installed
	$(BIN)/python -m evals.mutations --every 3

# Does the verifier still tell true sentences from false ones? On held-out articles.
verification: .venv/installed
	$(BIN)/python -m evals.verification --min auroc=0.945 --min precision=0.82 --min recall=0.8

# The README's pictures, taken of the running page and of the report of the gate's suite with /usr/bin/chromium.
screenshots: .venv/installed-dev
	$(BIN)/sanad eval --thresholds evals/thresholds.yaml --html .venv/report.html --json .venv/report.json || test -s .venv/report.html
	$(BIN)/python -m ui.screenshots
	$(BIN)/python -m evals.picture --english --width 1440 --height 1100 .venv/report.html evals/report.png

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sanad needs Python 3.11 or newer: make PYTHON=...")'
	$(PYTHON) -m venv .venv

# torch by itself first: its pin then decides which build it is, and not the range that some package asks for.
.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing into .venv; some minutes the first time · يجري التثبيت في .venv، بضع دقائق أول مرة"
	$(PIP) torch
	$(PIP) --editable .
	@touch $@

.venv/installed-dev: .venv/installed
	$(PIP) --editable '.[dev]'
	@touch $@
