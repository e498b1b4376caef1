# The commands of azure-swarm. Each sets up what it needs first; what is there already costs milliseconds.
#   STACK=dev|test|prod   the environment, or another that has a Pulumi.<stack>.yaml
#   CLOUD=sandbox|azure   where it runs
STACK ?= dev
CLOUD ?= sandbox

stacks := $(sort $(patsubst Pulumi.%.yaml,%,$(wildcard Pulumi.*.yaml)))
$(if $(filter-out $(stacks),$(STACK)),$(error STACK is one of $(stacks), by the Pulumi.<stack>.yaml here; got '$(STACK)'))
$(if $(filter-out sandbox azure,$(CLOUD)),$(error CLOUD is one of sandbox, azure; got '$(CLOUD)'))

python := .venv/bin/python
packages := $(wildcard __main__.py arm components compose cloud_init stacks providers sandbox policy tools tests)

# On Azure the commands are plain `pulumi`, on your own backend and login; Docker builds the images there too.
setup_sandbox := tools/setup
setup_azure := tools/setup venv toolchain docker
run_sandbox := sandbox/run
# The language host of a built toolchain takes the Python that is first on PATH; the official one finds .venv itself.
run_azure := env VIRTUAL_ENV="$(CURDIR)/.venv" PATH="$(CURDIR)/.venv/bin:$$(tools/setup-toolchain --print):$$PATH"
stack = $(run_$(CLOUD)) $(python) -m tools.stack $@ --stack $(STACK) --cloud $(CLOUD)

.DEFAULT_GOAL := help
.PHONY: help setup up preview refresh down status doctor audit reboot on url record arm policy cost goldens check unit test \
	test-day-two bench mutants

help: ## Show this
	@echo "make TARGET [STACK=dev|test|prod] [CLOUD=sandbox|azure]; the defaults are STACK=dev CLOUD=sandbox"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' Makefile

setup: ## Set up what is missing on this machine, and nothing else
	@$(setup_$(CLOUD))

up: setup ## Bring the stack to life or up to date, and show what runs
	@$(stack)

preview: setup ## Show what `up` would change
	@$(stack)

refresh: setup ## Bring Pulumi's state to what is there (FORCE=1: though the way in to the hosts does not answer)
	@$(stack) $(if $(FORCE),--force)

down: setup ## Destroy the stack
	@$(stack)

status: ## Show nodes, services, tasks, quorum, drift and whether addresses answer (JSON=1: as JSON)
	@tools/setup venv toolchain
	@$(stack) $(if $(JSON),--json)

doctor: ## Find what is wrong, why, and the command that mends it (JSON=1: as JSON)
	@tools/setup venv toolchain
	@$(stack) $(if $(JSON),--json)

audit: ## Hold the hosts against docker-bench-security's rules (JSON=1: as JSON)
	@tools/setup venv toolchain
	@$(stack) $(if $(JSON),--json)

reboot: ## Restart the hosts that upgrades ask it of, one at a time, drained (HOST=name: that one)
	@tools/setup venv toolchain
	@$(stack) --host "$$HOST"

on: ## Run a command on a host: HOST=name RUN='command'
	@tools/setup venv toolchain
	@$(stack) --host "$$HOST" --run "$$RUN"

url: ## Print the address of the application
	@tools/setup venv toolchain
	@$(stack)

record: ## Print what the program asks for, secrets masked (AZURE=1: of azure-native alone; JSON=1: as JSON)
	@tools/setup venv
	@$(python) -m tools.record --stack $(STACK) $(if $(AZURE),--azure) $(if $(JSON),--json)

arm: ## Print the ARM template of the stack; how to deploy it goes to stderr
	@tools/setup venv
	@$(python) -m tools.arm --stack $(STACK)

policy: ## Hold the rules of policy/ against what the program asks for
	@tools/setup venv
	@$(python) -m tools.policy --stack $(STACK)

cost: ## Print what the stack costs a month, with the prices of docs/prices.yaml (JSON=1: as JSON)
	@tools/setup venv
	@$(python) -m tools.cost --stack $(STACK) $(if $(JSON),--json)

goldens: ## Write the kept records and templates anew
	@tools/setup venv
	@$(python) -m tools.goldens

check: unit ## Run linter, formatter, type checker and unit tests
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy --strict $(packages)

unit: ## Run the unit and provider tests
	@tools/setup venv
	@$(python) -m pytest -q -n auto --dist worksteal $(wildcard tests/unit tests/provider)

test: check setup ## Run all tests: check, sandbox, set-up, end to end
	@$(python) -m pytest $(wildcard tests/client tests/apps tests/azure tests/sandbox tests/setup tests/e2e)

test-day-two: setup ## Change everything under load, and write docs/day-two.md (some 35 minutes)
	@$(python) -m pytest tests/day_two

bench: setup ## Print the ratios of speed that the project promises (ONLY=cold-up: one of them; JSON=1: as JSON)
	@$(python) -m tests.bench $(if $(ONLY),--only $(ONLY)) $(if $(JSON),--json)

mutants: ## Mutate the planner and count the mutants that its tests kill
	@tools/setup venv
	@$(python) -m pip install -q --disable-pip-version-check -r tools/mutants-requirements.txt
	@$(python) -m tools.mutants
