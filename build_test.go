package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// maxBinary is what the stripped program may weigh, in bytes: it is downloaded by pipelines and pulled by clusters.
const maxBinary = 25 << 20

func TestBinaryIsSmall(t *testing.T) {
	info, err := os.Stat(built(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.1f MB", float64(info.Size())/(1<<20))
	if info.Size() > maxBinary {
		t.Errorf("the binary has %d bytes, more than %d", info.Size(), maxBinary)
	}
}

// built is the stripped program, as it is released.
func built(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "respy")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return file
}
