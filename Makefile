# What people and CI call. Every target installs and builds what it needs, so each works on a bare machine.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# auto: the published rancher/k3s where a container registry is in reach, else a node built from package registries;
# existing: the current kubeconfig context.
export CLUSTER ?= auto
export PATH := $(CURDIR)/target/tools/bin:$(PATH)
export DOCKER_BUILDKIT := 1

# What make bench-scaling measures.
PARTS ?= start,burst,slow-burst,steady,many

maven := mvn --batch-mode --no-transfer-progress --quiet -Dstyle.color=never
reports := $(CURDIR)/target/reports
pythons := 3.10 3.11 3.12 3.13 3.14

.PHONY: help demo demo-down test unit integration e2e bench-worker bench-publish bench-scaling bench-scaling-simulation images push tools clean clean-reports FORCE
help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: images ## Run the main job on a cluster of its own: 200 photographs, scaled from zero and back
	@e2e/scripts/run dev.functionapp.e2e.Demo

demo-down: tools ## Remove what make demo made
	@e2e/scripts/run dev.functionapp.e2e.DemoDown
	e2e/cluster/docker down

test: clean-reports unit integration e2e ## Run all tests

unit: tools ## Run the fast tests: no cluster, no storage
	@worker-image/scripts/test unit
	$(maven) -pl operator verify
	helm/functionapp-operator/scripts/test
	gitops/test/run
	e2e/apps/test

integration: tools ## Run the worker against a real Azurite, and operator and command line against a real API server
	@worker-image/scripts/test integration
	e2e/cluster/images --only node
	e2e/cluster/with-api-server $(maven) -pl operator -P it verify
	FUNCAPP_PYTHONS=3.13 e2e/cluster/with-api-server worker-image/scripts/test cluster

e2e: images ## Run the end-to-end tests on a cluster of their own
	@worker-image/scripts/setup
	@$(maven) -pl e2e -P e2e verify

bench-worker: ## Measure the worker beside its peers: a quarter of an hour on an idle machine with two cores
	@worker-image/bench/run

bench-publish: images ## Measure how long a change takes until it serves: a quarter of an hour on a cluster of its own
	@e2e/scripts/run dev.functionapp.e2e.bench.PublishBench

bench-scaling: images ## Measure scaling from zero, bursts and a thousand ScaledObjects: most of an hour; PARTS=start,burst,slow-burst,steady,many
	@e2e/scripts/run dev.functionapp.e2e.bench.scaling.ScalingBench $(PARTS)

bench-scaling-simulation: tools ## Simulate how groups scale, with pictures: a minute, no cluster
	@$(maven) -pl operator test -Dtest=SimulationBench
	@ls target/bench/scaling-simulation

images: tools ## Build all images
	@e2e/cluster/images
	@$(MAKE) operator-image $(pythons:%=worker-image-%)
	@e2e/servers/build-image localhost/functionapp-source-servers:dev "$$(e2e/cluster/base-image debian)"

.PHONY: operator-image
operator-image:
	@$(maven) -pl operator package -DskipTests
	@operator/scripts/build-image localhost/functionapp-operator:dev "$$(e2e/cluster/base-image debian)"

worker-image-%: FORCE
	@worker-image/scripts/build-image localhost/functionapp-worker:$* "$$(e2e/cluster/base-image python $*)"

push: images ## Push the images below REGISTRY, for a cluster of your own
	@: $${REGISTRY:?for example make push REGISTRY=registry.example.com/functionapp}
	for image in functionapp-operator:dev $(pythons:%=functionapp-worker:%); do
	  docker tag "localhost/$$image" "$$REGISTRY/$$image"
	  docker push "$$REGISTRY/$$image"
	done

tools: ## Install the command-line tools, and a Docker engine where none answers
	@e2e/cluster/docker up
	@e2e/cluster/tools

clean: ## Remove what was built, but for the cluster's images and binaries, which take half an hour
	rm -rf operator/target e2e/target $(reports) target/worker-image

clean-reports:
	@rm -rf $(reports) {operator,e2e}/target/{surefire,failsafe}-reports

FORCE:
