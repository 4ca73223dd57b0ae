# Every target sets up what it needs, so any of them can be the first.
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-fleet test test-faults test-airbyte soak bench rates costs check docs lock wheels browser screenshots

PYTHON_IN_VENV := .venv/bin/python
# Arguments for pytest: make test TESTS="tests/house -k locks"
TESTS ?=

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## Make .venv with tap-horoshop, target-esputnik, esputnik-ledger and meltano (again: does nothing)
	@PYTHON="$(PYTHON)" tools/setup.sh

demo: setup ## Run the whole integration against a sample shop on this machine, no account needed (under 3 minutes)
	@$(PYTHON_IN_VENV) tools/demo.py

demo-fleet: setup ## Twenty shops by Airflow, on this machine: Redis, PostgreSQL, two workers, one of which is killed (Python 3.11 to 3.13)
	@tools/setup_apart.sh airflow 3.11 3.13
	@$(PYTHON_IN_VENV) -m pytest --quiet -m airflow tests/fleet
	@$(PYTHON_IN_VENV) tools/demo_fleet.py $(FLEET)

test: setup ## Run all tests
	@$(PYTHON_IN_VENV) -m pytest --numprocesses 2 --dist worksteal $(TESTS)

test-faults: setup ## Try to break it: the whole fault matrix, kills and stops everywhere, every guard, many examples (TESTS=… for others)
	@FAULT_RESULTS=docs/fault-results.json $(PYTHON_IN_VENV) -m pytest --numprocesses 2 -m "" --hypothesis-profile=many $(or $(TESTS),tests/faults tests/properties tests/target/probe tests/sandbox/test_no_input_breaks_a_stand_in.py)

test-airbyte: setup ## Let Airbyte's own kits try both connectors, in .venv-airbyte (made here; Python 3.10 to 3.12)
	@tools/setup_apart.sh airbyte 3.10 3.12 || [ $$? = 3 ]
	@$(PYTHON_IN_VENV) -m pytest -m airbyte_kits $(or $(TESTS),tests/airbyte)

soak: setup ## 50 runs over a changing shop with random faults, for 10 minutes (SOAK="--seed 7 --minutes 10 --runs 50")
	@PYTHONPATH=tools $(PYTHON_IN_VENV) tests/support/soak.py $(SOAK)

bench: setup ## Race against what users would pick instead, into docs/performance.md (SCALE=1: our pair by size; PROFILE=1: where its time goes; BENCH=… options)
	@$(PYTHON_IN_VENV) benchmarks/compare.py $(if $(SCALE),--scale) $(if $(PROFILE),--profile) $(BENCH)

rates: setup ## Count the requests of a first and of later runs, and how long they take, into docs/performance.md (RATES=… options)
	@$(PYTHON_IN_VENV) benchmarks/rates.py $(RATES)

costs: setup ## What a run of one shop costs, by how much has changed, into docs/scale.md (COSTS=… options)
	@$(PYTHON_IN_VENV) benchmarks/shop_costs.py $(COSTS)

check: setup ## Lint, format, types, freshness of the docs, dependencies
	@$(PYTHON_IN_VENV) tools/check.py

docs: setup ## Write the generated parts again: settings, errors, meltano.yml, plugins/, docs/, translations
	@$(PYTHON_IN_VENV) tools/translations.py
	@$(PYTHON_IN_VENV) tools/render.py

wheels: setup ## Build the wheels of all packages into dist/
	@for package in singer-airbyte tap-horoshop target-esputnik fleet sandbox; do \
		$(PYTHON_IN_VENV) -m uv build --quiet --wheel --build-constraints requirements/build.txt --out-dir dist $$package || exit 1; \
	done; ls dist/*.whl

browser: ## Install Debian's Chromium, which drives the statistics page in tests/browser (needs root)
	@tools/chromium.sh asked

screenshots: setup ## Take the pictures of the statistics page in docs/screenshots again
	@$(PYTHON_IN_VENV) tools/screenshots.py

lock: setup ## Compile requirements/*.txt again (UPGRADE=1: take newer versions)
	@$(PYTHON_IN_VENV) tools/lock.py $(if $(UPGRADE),--upgrade)
	@tools/setup.sh
