# `make help` lists the targets. Each sets up what it needs by itself, and doing it twice does it once.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ENVS := .cache/envs
export CALF_HOME ?= $(CURDIR)/.calf
export UV_PYTHON_DOWNLOADS := never
PROFILE ?= quick
PETS ?=
SET ?=
OVERLAY ?=
export SET
# parameters beside the profile: files laid over it, then single values; what reads SET parts it, for values have blanks
CHOSEN = $(addprefix -f ,$(OVERLAY)) $(if $(SET),--set "$$SET")
PYTEST_WORKERS ?= 3
SPREAD := -n $(PYTEST_WORKERS) --dist worksteal
UNIT_WORKERS ?= $(PYTEST_WORKERS)
# folders of tests are in memory where there is plenty that programs may run from: the disk is most of what they wait for
MEMORY := $(shell grep ' /dev/shm tmpfs ' /proc/mounts 2>/dev/null | grep -qv noexec && df -k /dev/shm | awk 'NR == 2 && $$4 > 4000000 {print "/dev/shm"}')
IN_MEMORY := $(if $(MEMORY),PYTEST_DEBUG_TEMPROOT=$(MEMORY) PYTEST_ADDOPTS=-otmp_path_retention_policy=failed)
# runs what follows it, with a line now and then to show that it goes on
WATCHED := bash -c '( n=0; while sleep 15 </dev/null &>/dev/null && kill -0 $$$$ 2>/dev/null; do n=$$((n + 15)); echo "  still at it ($$n s)"; done ) & \
    beat=$$!; code=0; "$$@" || code=$$?; kill $$beat 2>/dev/null; exit $$code' watched
# hundreds of processes start in the tests, and none is to compile what it imports
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test check reproduce reproduce-cpu bench bench-short images data all-that-spreads unit-test system-test backends-test same-outputs state-test load-test web-test stage-test compat-test conformance-test e2e-test whole-pipeline-test around-the-pipeline-test crash crash-test docs-test lock conf-check specs-check conf-schemas clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

# ---- environments: each is made from a hashed lock, and again when the lock changes

$(VENV)/.runtime: requirements/runtime.lock setup.cfg pyproject.toml
	@echo "setup: the control plane's environment ($(VENV))"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(WATCHED) $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.runtime
	@echo "setup: the tools for tests and checks"
	@$(WATCHED) $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

# $(call environment,NAME,LOCK,OPTIONS)
define environment
$(ENVS)/$(1)/.done: $(2) $(VENV)/.runtime
	@echo "setup: the environment $(1)"
	@rm -rf $(ENVS)/$(1)
	@$(BIN)/uv venv --quiet --python $(BIN)/python $(ENVS)/$(1)
	@$$(WATCHED) $(BIN)/uv pip install --quiet --compile-bytecode --python $(ENVS)/$(1)/bin/python --require-hashes $(3) -r $(2)
	@touch $$@
endef
$(eval $(call environment,tools,requirements/tools.lock))
$(eval $(call environment,stages,requirements/stages.lock))
$(eval $(call environment,python-pachyderm,tests/compat/python-pachyderm.lock))
$(eval $(call environment,pachyderm-sdk,tests/compat/pachyderm-sdk.lock))
$(eval $(call environment,cluster,requirements/cluster.lock,--no-deps))
$(eval $(call environment,dvc,benchmarks/dvc.lock))
$(eval $(call environment,snakemake,benchmarks/snakemake.lock))

# programs of Debian, unpacked and not installed; where they cannot be had their rows say so
$(ENVS)/debian/.done: benchmarks/debian.sh
	@echo "setup: borg and restic, for the benchmarks"
	@$(WATCHED) benchmarks/debian.sh $(ENVS)/debian
	@touch $@

# the environments of the stages' images, for tests: each has a data folder of its own, and they share these
$(ENVS)/images/.done: $(wildcard stages/*/requirements.lock) $(VENV)/.runtime
	@echo "setup: the environments of the images"
	@rm -f $@ # calf takes no folder with files that are not its own
	@$(BIN)/calf image build --home $(ENVS)/images $(sort $(wildcard stages/*)) >/dev/null
	@touch $@

setup: $(VENV)/.dev ## make the control plane's environment, with calf and pachctl in .venv/bin
	@echo "calf and pachctl are in $(BIN)"

# ---- the product

run: $(VENV)/.runtime $(ENVS)/tools/.done ## build and run the whole pipeline (PETS=<folder> for real photos, PROFILE=full, SET=train.epochs=9, OVERLAY=my.yaml)
	@$(BIN)/python pipelines/run.py --profile $(PROFILE) $(if $(PETS),--pets $(PETS)) $(CHOSEN)

# those of the sandbox first, which `make run` needs and which need nothing
IMAGES ?=
images: $(VENV)/.runtime ## build the image of every stage, for the sandbox and with podman, these twice: build/images (IMAGES="--once train")
	@$(BIN)/calf image build $(sort $(wildcard stages/*))
	@$(BIN)/python images/build.py $(IMAGES)

data: $(ENVS)/tools/.done ## fetch and verify the full Oxford-IIIT Pet set (needs its home to be reachable)
	@$(ENVS)/tools/bin/python data/fetch.py

# a profile of its own unless one was asked for: the whole pipeline runs four times
reproduce: $(VENV)/.runtime $(ENVS)/tools/.done ## run the whole pipeline under other circumstances, compare every file (PROFILE=quick for real sizes)
	@$(BIN)/python pipelines/reproduce.py --profile $(if $(filter file,$(origin PROFILE)),tiny,$(PROFILE)) $(if $(PETS),--pets $(PETS)) $(CHOSEN)

# some minutes each; make reproduce varies everything else
same-outputs: $(VENV)/.runtime $(ENVS)/tools/.done ## run the whole pipeline on each backend that is here, compare every file (BACKENDS="bubblewrap podman")
	@$(BIN)/python pipelines/same_outputs.py --profile $(if $(filter file,$(origin PROFILE)),tiny,$(PROFILE)) $(CHOSEN) $(BACKENDS)

reproduce-cpu: $(VENV)/.runtime $(ENVS)/stages/.done ## train on emulated processors, compare the bits of the portable profile (needs qemu)
	@$(BIN)/python pipelines/reproduce_cpu.py

PEERS := $(foreach peer,dvc snakemake debian python-pachyderm,$(ENVS)/$(peer)/.done)
BENCH ?=
bench: $(VENV)/.runtime $(ENVS)/stages/.done $(PEERS) ## measure against peers, side by side: build/bench.md (BENCH="--only get_files --rounds 3")
	@$(BIN)/python benchmarks/run.py $(BENCH)

bench-short: $(VENV)/.runtime $(PEERS) ## every benchmark small, and our CPU time against that of the merge base
	@$(BIN)/python benchmarks/run.py --short
	@$(BIN)/python benchmarks/against_base.py

# ---- tests

test: $(VENV)/.dev $(patsubst %,$(ENVS)/%/.done,stages tools images python-pachyderm pachyderm-sdk) ## all tests but those of rules and docs, which `make check` runs
	@echo "four groups at a time: each shows what it said when it ends, the first after a minute or two"
	@$(MAKE) -j4 --output-sync=target whole-pipeline-test stage-test all-that-spreads
	@echo "all tests passed"

# The pipeline and the stages' tests are long rows of one process each: they go first wherever others want the same
# processor. Beside them go two of the others, and more as soon as a row is done. Each worker of pytest collects all
# tests and makes its session's servers and stores again, so where groups fill the processors together they have few:
# the unit tests, which never wait, none, and those that wait half of the time two.
all-that-spreads:
	@nice -n 5 $(MAKE) UNIT_WORKERS=0 PYTEST_WORKERS=2 unit-test system-test conformance-test around-the-pipeline-test crash-test compat-test

# what `make test` has of it: all of it for the sandboxes, a sample for containers
BACKENDS ?=
backends-test: $(VENV)/.dev ## the suite that every backend passes (bubblewrap, podman, docker ...), on each that is here (BACKENDS="podman docker")
	@$(IN_MEMORY) PYTEST_WORKERS=$(PYTEST_WORKERS) $(BIN)/python -m tests.runner.every_backend $(BACKENDS)

UNITS := $(patsubst %,tests/%,db kit model pfs pps storage wire)
unit-test: $(VENV)/.dev ## the engine's own tests that need no server and no sandbox
	@$(IN_MEMORY) $(BIN)/python -m pytest -q -n $(UNIT_WORKERS) --dist worksteal $(UNITS)

system-test: $(VENV)/.dev ## its others: servers, sandboxes, commands, clients (those of rules and docs: make check)
	@$(IN_MEMORY) $(BIN)/python -m pytest -q $(SPREAD) $(patsubst %,--ignore=%,$(UNITS) $(patsubst %,tests/%,stagekit stages e2e browser rules docs)) -m "not compat and not e2e"

# the seed is new each time and said, so that STATE_SEED=... plays the same again
state-test: $(VENV)/.dev ## random histories of the commit graph and of jobs against models: 100 of 300 steps each
	@seed=$${STATE_SEED:-$$RANDOM$$RANDOM}; echo "STATE_SEED=$$seed"; \
	    STATE_EXAMPLES=100 STATE_STEPS=300 STATE_PARTS=17 STATE_SEED=$$seed $(BIN)/python -m pytest -q -n $(PYTEST_WORKERS) -o faulthandler_timeout=3000 \
	    tests/pfs/test_graph_agrees_with_model.py tests/pps/scheduler/test_chain_life_cycle.py

CRASH ?=
crash: $(VENV)/.dev ## all that can befall a data folder: kills before each durable call, failing disks, flipped bits (long; CRASH="--seed 7")
	@$(BIN)/python -m tests.crash.run $(CRASH)

crash-test: $(VENV)/.dev ## the same, a sample of each
	@$(BIN)/python -m tests.crash.run --short $(CRASH)

stage-test: $(VENV)/.dev $(ENVS)/stages/.done ## the tests of stagekit and of the stages (those that learn run as a whole in e2e-test)
	@$(ENVS)/stages/bin/python -m pytest -q tests/stages tests/stagekit

LOAD ?= --seconds 20
load-test: $(VENV)/.dev ## 64 clients at once for a while, and what must hold then (LOAD="--seconds 600")
	@$(BIN)/python -m tests.load.load $(LOAD)

# the first time the pipeline runs (some minutes); then it is kept until the code of the stages changes
WEB ?=
web-test: $(VENV)/.dev $(ENVS)/tools/.done $(ENVS)/images/.done ## the dashboard in a real browser, of a real server (CHROMIUM=/path, WEB="-k keyboard"); pictures: .cache/screenshots
	@$(IN_MEMORY) $(BIN)/python -m pytest -q tests/browser $(WEB)

compat-test: $(VENV)/.dev $(ENVS)/python-pachyderm/.done $(ENVS)/pachyderm-sdk/.done ## every name, number and type on the wire against those of both clients
	@$(BIN)/python -m pytest -q tests/compat -m compat

conformance-test: $(VENV)/.runtime $(ENVS)/python-pachyderm/.done $(ENVS)/pachyderm-sdk/.done ## the scenarios of Pachyderm's behaviour, through its own clients
	@cd tests/conformance && $(IN_MEMORY) $(CURDIR)/$(ENVS)/pachyderm-sdk/bin/python -m pytest -q $(SPREAD) with_sdk with_pachctl
	@cd tests/conformance && $(IN_MEMORY) $(CURDIR)/$(ENVS)/python-pachyderm/bin/python -m pytest -q with_python_pachyderm

WHOLE := tests/e2e/test_whole_pipeline.py
e2e-test: whole-pipeline-test around-the-pipeline-test ## the seven stages on the engine

whole-pipeline-test: $(VENV)/.dev $(patsubst %,$(ENVS)/%/.done,stages tools images)
	@$(BIN)/python -m pytest -q $(WHOLE)

around-the-pipeline-test: $(VENV)/.dev $(ENVS)/tools/.done $(ENVS)/images/.done
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile tests/e2e tests/bad_input/test_pictures_and_parameters.py --ignore=$(WHOLE)

# ---- checks

check: $(VENV)/.dev $(ENVS)/tools/.done ## format, lint, types, import rules, sizes, docs
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@MYPYPATH=cluster-conf $(BIN)/mypy cluster-conf/checks cluster-conf/schemas
	@MYPYPATH=src:images $(BIN)/mypy images
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -q tests/rules tests/docs

# what is wrong comes first, in seconds; then the tests, each of which breaks a copy, and the check has to say so
conf-check: $(ENVS)/cluster/.done $(VENV)/.runtime ## render cluster-conf/ offline as Argo CD would; schemas of Kubernetes and of the resources, policies, fresh digests
	@PYTHONPATH=cluster-conf $(ENVS)/cluster/bin/python -m checks.run
	@$(BIN)/python images/check.py
	@$(WATCHED) $(ENVS)/cluster/bin/python -m pytest -q tests/cluster/with_tools

# REGISTRY and TAG: the images' names for a cluster; TAG stands in for what images/digests.lock has
REGISTRY ?=
TAG ?=
SPECS_TO ?=
specs-check: $(VENV)/.runtime $(ENVS)/python-pachyderm/.done $(ENVS)/pachyderm-sdk/.done ## the specs, for calf and a real Pachyderm: both clients' messages, a cluster's rules (TAG=1.0; REGISTRY=host SPECS_TO=dir writes them)
	@$(BIN)/python pipelines/check_specs.py $(if $(REGISTRY),--registry $(REGISTRY)) $(if $(TAG),--tag $(TAG)) $(if $(SPECS_TO),--to $(SPECS_TO))
	@$(if $(TAG),,$(BIN)/python images/check.py)

# ---- upkeep

UV_COMPILE = $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url
lock: $(VENV)/.runtime ## write the locks again from requirements/*.in and stages/*/requirements.in
	@$(UV_COMPILE) requirements/runtime.in -o requirements/runtime.lock
	@$(UV_COMPILE) -c requirements/runtime.lock requirements/dev.in -o requirements/dev.lock
	@$(UV_COMPILE) requirements/stages.in -o requirements/stages.lock
	@$(UV_COMPILE) -c requirements/stages.lock requirements/tools.in -o requirements/tools.lock
	@$(UV_COMPILE) --override requirements/cluster.override requirements/cluster.in -o requirements/cluster.lock
	@$(UV_COMPILE) -c requirements/runtime.lock images/deliver/requirements.in -o images/deliver/requirements.lock
	@for l in tests/compat/*.in benchmarks/*.in; do $(UV_COMPILE) $$l -o $${l%.in}.lock; done
	@for s in stages/*; do $(UV_COMPILE) -c requirements/stages.lock $$s/requirements.in -o $$s/requirements.lock; done

conf-schemas: $(VENV)/.runtime ## write cluster-conf/schemas again from the resources' npm packages (needs npm)
	@mkdir -p $(ENVS)/schemas && cp cluster-conf/schemas/package*.json $(ENVS)/schemas
	@$(WATCHED) npm ci --prefix $(ENVS)/schemas --ignore-scripts --no-audit --no-fund --loglevel=error
	@$(BIN)/python cluster-conf/schemas/derive.py $(ENVS)/schemas/node_modules

clean: ## stop the server and remove what was built (not the data folder)
	@if test -x $(BIN)/calf; then $(BIN)/calf down || true; fi
	@rm -rf $(VENV) .cache build
