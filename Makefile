# whatsapp-operator: what a developer types. `make help` explains itself.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:

NODE := node_modules/.bin/node
CLUSTER_TOOL := $(NODE) test/cluster/main.ts
IMAGE_TOOL := $(NODE) test/images/main.ts
RUN := $(NODE) test/run.ts
deps := node_modules/.installed

##@ Development

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## "; print "usage: make TARGET" } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: deps
deps: $(deps) ## Install the pinned Node and packages (npm ci)

$(deps): package.json package-lock.json $(wildcard */package.json)
	@sh test/machine/ensure-node.sh
	npm ci --no-audit --no-fund
	@touch $@

.PHONY: format
format: $(deps) ## Format every file
	npx --no-install biome check --write .

.PHONY: lint
lint: $(deps) ## Formatting and lint
	$(RUN) lint

.PHONY: types
types: $(deps) ## Type check
	$(RUN) types

.PHONY: generate
generate: $(deps) ## Write the generated files: resource, roles, API document, settings, metrics
	$(NODE) test/generate.ts

.PHONY: chart-readme
chart-readme: $(deps) ## Write the chart's README from its values
	$(NODE) test/chart/readme.ts

.PHONY: demo
demo: $(deps) ## The operator on a local cluster: link a session, send, kill its pod, send, account for every message
	$(NODE) test/demo/cluster-demo.ts

.PHONY: demo-down
demo-down: $(deps) ## Remove what make demo has made
	$(NODE) test/demo/cluster-demo.ts --down

.PHONY: demo-sandbox
demo-sandbox: $(deps) ## The library alone on a simulated WhatsApp, without a cluster: link, send and break the line
	$(NODE) test/demo/sandbox-demo.ts

##@ Tests

.PHONY: test
test: $(deps) ## Everything, from lint to the cluster; installs what it needs (root on Debian)
	$(RUN)

.PHONY: test-unit
test-unit: $(deps) ## Unit tests: no cluster, no root
	$(RUN) unit

.PHONY: test-conformance
test-conformance: $(deps) ## The unmodified library and the phone page on the sandbox, in real Chromium; three minutes
	$(RUN) conformance

.PHONY: test-faults
test-faults: $(deps) ## The session engine under every known fault, in real Chromium (root)
	$(RUN) faults

.PHONY: test-client
test-client: $(deps) ## Client and command line on a real session pod, and their package in a clean folder
	$(RUN) client package

.PHONY: test-monitoring
test-monitoring: $(deps) ## Alerts, dashboards and runbooks, by promtool
	$(RUN) monitoring

.PHONY: test-chart
test-chart: $(deps) ## The Helm chart: lint, unit tests, schemas
	$(RUN) chart

.PHONY: test-images
test-images: $(deps) ## The image builder at work
	$(RUN) images

.PHONY: test-lifecycle
test-lifecycle: $(deps) ## The local cluster itself: starts, interruptions, full disks, no trace left
	$(RUN) lifecycle

.PHONY: test-cluster
test-cluster: $(deps) ## Workloads, network and faults on a cluster; KEEP_CLUSTER=1 leaves it running
	$(RUN) cluster

.PHONY: chaos-session
chaos-session: $(deps) ## A session pod under chaos at full size, twice 1,000 messages (SEED=text repeats one)
	$(NODE) test/chaos/session/main.ts --seed $(or $(SEED),1)

.PHONY: rehearse
rehearse: $(deps) ## Provoke alerts on a live Prometheus by real faults, an hour in a minute; about eight minutes
	npx --no-install vitest run --config test/rehearsal/vitest.config.ts

.PHONY: bench
bench: $(deps) ## Measure the sandbox, then the session pod beside the bare library; nothing else should run
	npm run bench -w sandbox
	npm run bench -w session-pod

.PHONY: scale
scale: $(deps) ## Measure the operator with up to 10,000 sessions on a real API server (SIZE=small for a quick check)
	$(NODE) test/scale/main.ts

##@ Images

.PHONY: images
images: $(deps) ## Build the project's images, without Docker and without an image registry
	$(IMAGE_TOOL) build

.PHONY: images-load
images-load: $(deps) ## Build them and load them into the cluster
	$(CLUSTER_TOOL) load

##@ Local cluster (CLUSTER=name for another one, CLUSTER=existing for the current kubeconfig context)

.PHONY: cluster
cluster: cluster-up ## The same as cluster-up

.PHONY: cluster-build
cluster-build: $(deps) ## Build Kubernetes and its parts (once per machine; interrupted, it goes on)
	$(CLUSTER_TOOL) build

.PHONY: cluster-up
cluster-up: $(deps) ## Make the cluster, or start whatever of it is missing
	$(CLUSTER_TOOL) up

.PHONY: cluster-down
cluster-down: $(deps) ## End the cluster and remove all of it
	$(CLUSTER_TOOL) down

.PHONY: cluster-stop
cluster-stop: $(deps) ## End its node as a power cut would; the next cluster-up goes on with its data
	$(CLUSTER_TOOL) stop

.PHONY: cluster-status
cluster-status: $(deps) ## Every part: state, health, process
	$(CLUSTER_TOOL) status

.PHONY: cluster-logs
cluster-logs: $(deps) ## What the parts log (PART=kubelet for one of them)
	$(CLUSTER_TOOL) logs $(PART)

.PHONY: cluster-help
cluster-help: $(deps) ## Every command of the cluster tool, the faults among them
	$(CLUSTER_TOOL) --help
