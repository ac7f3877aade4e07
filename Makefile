# Plain `make` lists the targets. To use another Python or another environment:
#   PYTHON=python3.12 VENV=.venv-3.12 make test

PYTHON ?= python3
VENV ?= .venv
PEERS ?= .venv-peers
# Node.js comes from PyPI into the environment; its tools look for it on the PATH.
NODE = PATH="$(abspath $(VENV))/bin:$$PATH"
PAGE = $(CURDIR)/book/_build/html/index.html

.DEFAULT_GOAL := help
.PHONY: help book test browser lab bench trial verdicts constraints clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

book: $(VENV)/installed ## execute and build the book, say where its page is
	$(VENV)/bin/jupyter-book build -W -n --keep-going book
	@echo "The book is at $(PAGE)"

test: $(VENV)/installed ## lint, types, tests and doctests on all cores
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/pytest -n auto --maxprocesses 8 --dist worksteal

browser: $(VENV)/installed node_modules/installed ## check the scripts, and the built book in a browser
	$(NODE) npm run --silent lint
	$(VENV)/bin/pytest tests/browser

lab: $(VENV)/installed ## open the book's pages as notebooks in JupyterLab
	$(VENV)/bin/jupyter lab --LabApp.app_settings_dir=$(CURDIR)/book/_lab book

bench: $(PEERS)/installed ## hold the package against its peers, in gradients and in time
	$(PEERS)/bin/pytest -q -k torch tests/networks
	@set -e; for file in benchmarks/bench_*.py; do \
		echo "$$file"; $(PEERS)/bin/python "$$file"; \
	done

trial: $(VENV)/installed ## do the runs of every question that has none, and judge
	$(VENV)/bin/python -m theory.trial

verdicts: $(VENV)/installed ## judge the stored runs again, and note what changed
	$(VENV)/bin/python -m theory.trial --judge

constraints: $(VENV)/installed ## pin the newest versions that the ranges allow
	$(VENV)/bin/pip install uv
	$(VENV)/bin/uv pip compile pyproject.toml --universal --all-extras --upgrade --quiet \
		--no-emit-index-url --no-annotate --custom-compile-command "make constraints" \
		-o constraints.txt

clean: ## delete what was built, except the environments
	rm -rf book/_build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# An environment is installed again when the declared or pinned versions change.
$(VENV)/installed: EXTRAS = book,digits,lab,test,browser,dev
$(PEERS)/installed: EXTRAS = book,browser,peers,test
$(VENV)/installed $(PEERS)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet -c constraints.txt -e '.[$(EXTRAS)]'
	touch $@

node_modules/installed: package.json package-lock.json $(VENV)/installed
	$(NODE) npm ci --no-audit --no-fund --loglevel=error
	touch $@
