# Whatever this project does from a shell; `make help` lists it.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
BIN := .venv/bin
# A make that a test starts is its own, not a part of this one, and speaks as it does to people.
# Tests are compiled once, whatever the shell says: that is half of what each of their processes
# takes to start.
PYTEST := env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest
# The processor that the package is for, by Lambda's name: this machine's, so that it can be tried
# out here; the cheaper one where it is deployed to AWS. ARCH=x86_64 or arm64 decides otherwise.
HERE := $(shell uname -m | sed -e s/aarch64/arm64/)
TO_AWS := $(if $(AWS_ENDPOINT_URL),,$(filter deploy,$(MAKECMDGOALS)))
ARCH ?= $(if $(TO_AWS),arm64,$(HERE))
LIBRARIES := .venv-lambda-$(ARCH)
SOURCES := $(shell find app.py chalicelib .chalice/*.json -type f -not -name '*.pyc' 2>/dev/null)

.DELETE_ON_ERROR:
.PHONY: help run demo reset check test mutants simulate soak bench bench-imports costs package lock openapi access format deploy rollback restore-drill

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -e 's/:.*## /\t/' | expand -t 12

# --- the service on this machine ------------------------------------------------------------------

PORT ?= 8000
STATE ?= .stampbook

run: .venv/ready ## the whole service with demo data, until Ctrl-C (PORT=8000, STATE=.stampbook)
	@exec $(BIN)/python -m infrastructure.local.run --port "$(PORT)" --state "$(STATE)"

demo: .venv/ready ## the main journey once, step by step, then exit
	@exec $(BIN)/python -m infrastructure.local.demo

reset: .venv/ready ## forget the local state
	@exec $(BIN)/python -m infrastructure.local.reset --state "$(STATE)"

# --- tests ----------------------------------------------------------------------------------------

check: .venv/ready ## style, types, layers, template, documents, locks and known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m chalicelib.api.openapi --check
	$(BIN)/python -m infrastructure.access --check
	$(BIN)/python -m infrastructure.facts --check
	$(BIN)/python -m infrastructure.parameters --check
	$(BIN)/python -m infrastructure.costs --check
	$(BIN)/python -m infrastructure.package --template-only --architecture $(ARCH)
	$(BIN)/cfn-lint out/template.json
	$(PYTEST) tests/infrastructure/test_requirements.py
	$(BIN)/python -m infrastructure.advisories

test: .venv/ready .venv-ministack/ready ## every test but the simulation, below 5 minutes
	$(PYTEST) $(SIDE_BY_SIDE) --dist loadgroup --no-loadscope-reorder \
		--ignore tests/simulation $(LONG:%=--ignore %)

# What takes long: journeys of a service whose clock goes through months, large numbers, every order
# of two operations, and whatever starts a process each time.
LONG := $(addprefix tests/,journey/test_expiry.py journey/test_freshness.py journey/test_told.py \
	journey/test_offers.py property/test_cards_converge.py workers/test_imports_bounded.py \
	contract/test_interleavings.py offline/test_tampering.py)

# In as many processes as there are processors; each has a local AWS of its own.
SIDE_BY_SIDE := -n auto --maxprocesses 4

# mutmut shows what it does with control characters: only its end is worth reading, if it fails.
mutants: .venv-mutants/ready ## changes to the rules of points that no test notices, by file
	@rm -rf mutants && mkdir -p out
	@.venv-mutants/bin/mutmut run --max-children $(MUTANTS_AT_ONCE) > out/mutants.log 2>&1 || \
		{ tail -c 4000 out/mutants.log; exit 1; }
	@$(BIN)/python -m tests.mutation.shares

MUTANTS_AT_ONCE ?= 2

simulate: .venv/ready .venv-ministack/ready ## seeded faults and fuzzing, within 20 minutes
	$(PYTEST) $(SIDE_BY_SIDE) --dist worksteal tests/simulation $(LONG)

SOAK_SECONDS ?= 3600

soak: .venv/ready ## the simulation with ever new seeds and longer stories, for an hour
	@SOAK_SECONDS=$(SOAK_SECONDS) $(BIN)/python -m tests.simulation.soak

bench: .venv/ready package ## costs and times, as tables
	@# Each in a process of its own, as each is an installation of its own.
	@set -e; for bench in cold_start operations throughput offers audiences; do $(BIN)/python -m bench.$$bench; done

bench-imports: .venv/ready ## 100,000 rows imported, and again: pace and memory; takes a while
	$(BIN)/python -m bench.imports

costs: .venv/ready ## measure every operation and write docs/costs.md, what operations and shops cost
	$(BIN)/python -m bench.costs

openapi: .venv/ready ## write the contract anew from the routes' models
	$(BIN)/python -m chalicelib.api.openapi

access: .venv/ready ## write docs/access.md, who may call what, anew from the routes
	$(BIN)/python -m infrastructure.access

format: .venv/ready ## rewrite the sources in the one style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# --- the package ----------------------------------------------------------------------------------

package: out/deployment.zip ## the deployable template and zip, under out/ (ARCH=arm64 or x86_64)

out/deployment.zip: .venv/ready $(LIBRARIES)/ready infrastructure/package.py \
		infrastructure/resources.yaml out/made-for-$(ARCH) $(SOURCES)
	$(BIN)/python -m infrastructure.package --architecture $(ARCH) --libraries $(LIBRARIES)

out/made-for-$(ARCH):
	@mkdir -p out && rm -f out/made-for-* && touch $@

# The libraries as Lambda runs them (Python 3.11, glibc 2.26): this machine's own wheels can be too
# new for it. Downloaded once for each requirements.txt; from then on nothing needs the network.
$(LIBRARIES)/ready: requirements.txt | .venv/ready
	@echo "Filling $(LIBRARIES) from $<, once"
	@rm -rf $(LIBRARIES)
	@$(BIN)/python -m pip install --quiet --no-compile --no-deps --require-hashes \
		--only-binary :all: --platform manylinux2014_$(subst arm64,aarch64,$(ARCH)) \
		--python-version 3.11 --implementation cp --abi cp311 --abi abi3 --abi none \
		--target $(LIBRARIES) -r requirements.txt
	@touch $@

lock: .venv/ready ## compile the requirements from pyproject.toml (needs the network)
	$(LOCK) --extra dev --output-file requirements-dev.txt pyproject.toml
	$(LOCK) --constraint requirements-dev.txt --output-file requirements.txt pyproject.toml
	$(LOCK) --constraint requirements-dev.txt --output-file $(MINISTACK) --group ministack
	$(LOCK) --constraint requirements-dev.txt --output-file $(MUTANTS) --group mutants

LOCK := $(BIN)/uv pip compile --quiet --no-header --no-annotate --generate-hashes \
	--python-version 3.11
MINISTACK := infrastructure/local/ministack-requirements.txt
MUTANTS := tests/mutation/requirements.txt

# --- an account of AWS, by this shell's credentials -----------------------------------------------

deploy: .venv/ready package ## a stage: change set, yes or no, smoke test (STAGE=dev, YES=1, ARCH=x86_64)
	@exec $(BIN)/python -m infrastructure.deploy --stage "$(STAGE)" $(if $(YES),--yes)

rollback: .venv/ready ## the release that a stage served well before (STAGE=dev, YES=1)
	@exec $(BIN)/python -m infrastructure.rollback --stage "$(STAGE)" $(if $(YES),--yes)

restore-drill: .venv/ready ## tables of a stage restored, reconciled, removed (STAGE=dev, YES=1)
	@exec $(BIN)/python -m infrastructure.restore_drill --stage "$(STAGE)" $(if $(YES),--yes)

# --- environments ---------------------------------------------------------------------------------

# uv takes seconds where pip takes a minute; pip stands in where uv does not find the packages (it
# reads no pip configuration).
.venv/ready: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else 1)' 2>/dev/null || \
		{ echo "Stampbook needs Python 3.11 or later; name one with PYTHON=..." >&2; exit 1; }
	@echo "Building .venv from $<, once"
	@$(PYTHON) -m venv .venv
	@awk '/^uv==/ {on = 1} on {print} on && !/\\$$/ {exit}' $< > .venv/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r .venv/uv.txt
	@VIRTUAL_ENV=.venv UV_HTTP_TIMEOUT=15 $(BIN)/uv pip sync --quiet --require-hashes $< || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# MiniStack's Lambdas see its own libraries: in a venv of its own, a missing requirement shows.
.venv-ministack/ready: $(MINISTACK) | .venv/ready
	@echo "Building .venv-ministack from $<, once"
	@$(PYTHON) -m venv .venv-ministack
	@VIRTUAL_ENV=.venv-ministack UV_HTTP_TIMEOUT=15 $(BIN)/uv pip sync --quiet --require-hashes $< \
		|| .venv-ministack/bin/python -m pip install --quiet --require-hashes -r $<
	@touch $@

# mutmut runs the tests inside of itself: its venv sees the libraries of the other one as well.
.venv-mutants/ready: $(MUTANTS) | .venv/ready
	@echo "Building .venv-mutants from $<, once"
	@$(PYTHON) -m venv .venv-mutants
	@VIRTUAL_ENV=.venv-mutants UV_HTTP_TIMEOUT=15 $(BIN)/uv pip sync --quiet --require-hashes $< \
		|| .venv-mutants/bin/python -m pip install --quiet --require-hashes -r $<
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > \
		$$(.venv-mutants/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/main.pth
	@touch $@
