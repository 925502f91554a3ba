// Package fakeapi serves manifests as an API server of Kubernetes does: lists by group, version and namespace, in pages,
// by label, and single objects; kinds may be forbidden or unknown. It is for tests.
package fakeapi
