# make lab    a mail platform on three machines of its own, proven by the drills
# make test   everything that is tested, the lab included
# SUITE=bookworm has their machines made of Debian 12; without it they are of Debian 13
# DRIVER=vm gives them kernels of their own, by QEMU; without it they are containers
SHELL := /bin/bash
.DEFAULT_GOAL := lab
.PHONY: lab test test-vm unit check translations bench down clean ready

# The lab needs root; nothing else does.
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
RELEVO := .venv/bin/relevo
LAB_OPTIONS := $(addprefix --driver ,$(DRIVER)) $(addprefix --suite ,$(SUITE))
LOCALE := src/relevo/locale
# The unit tests share nothing, so two go at once; each process makes its own database once, so more gain little. What
# needs machines or real daemons goes one after the other (tests/conftest.py), last.
TWO := -n 2 --no-loadscope-reorder
# As root, leave no files in the clone that its owner can't delete.
ROOT_PYTEST := $(SUDO) env PYTHONDONTWRITEBYTECODE=1 RELEVO_VM_SUITE=$(SUITE) .venv/bin/python -m pytest -p no:cacheprovider

lab: ready ## machines, platform, drills; then where to look
	$(SUDO) $(RELEVO) lab up $(LAB_OPTIONS)
	$(SUDO) $(RELEVO) drill --report report; passed=$$?; $(SUDO) $(RELEVO) lab status; exit $$passed

test: check ## the linter and types, then every test: unit, real daemons, the whole lab
	$(SUDO) $(RELEVO) lab up $(LAB_OPTIONS)
	$(ROOT_PYTEST) $(TWO) tests/unit tests/integration tests/lab

test-vm: ## machines with kernels of their own: the locks of kernel NFS, then the platform on it and what it was made for
	@tools/bootstrap --vm
	$(ROOT_PYTEST) -s tests/vm
	$(SUDO) $(RELEVO) lab up --driver vm --storage nfs --folder .lab/vm $(addprefix --suite ,$(SUITE))
	$(SUDO) $(RELEVO) drill takeover virus authentication store-away --file .lab/vm/relevo.toml --report report/vm

unit: ready ## without root, in a few minutes
	.venv/bin/python -m pytest $(TWO) tests/unit

check: ready
	.venv/bin/ruff check .
	.venv/bin/mypy

translations: ready ## the source's messages into the .po, and that compiled; then translate what is empty, and again
	pot=$$(mktemp) && trap 'rm -f '$$pot EXIT && \
	.venv/bin/pybabel -q extract -F pyproject.toml -k ngettext:1,2 -k gettext_noop \
	  --no-location --sort-output --no-wrap -o $$pot src/relevo && \
	.venv/bin/pybabel -q update -i $$pot -d $(LOCALE) -D relevo -l es \
	  --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date && \
	.venv/bin/pybabel -q compile -d $(LOCALE) -D relevo

bench: ready
	$(SUDO) $(RELEVO) lab up $(LAB_OPTIONS)
	$(SUDO) .venv/bin/python bench/throughput.py --file .lab/relevo.toml

down: ## end the lab's machines; its cluster file stays
	[ ! -x $(RELEVO) ] || $(SUDO) $(RELEVO) lab down
	[ ! -d .lab/vm ] || $(SUDO) $(RELEVO) lab down --folder .lab/vm

clean: ## remove everything that make made, the cached image too
	-[ ! -x $(RELEVO) ] || $(SUDO) $(RELEVO) lab down --image
	$(SUDO) rm -rf .lab report
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis src/relevo.egg-info

ready:
	@tools/bootstrap $(if $(filter vm,$(DRIVER)),--vm)
