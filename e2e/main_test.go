// Package e2e tests respy against a real Istio. All tests share one mesh.
package e2e

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"testing"

	"respy/e2e/mesh"
)

// The programs that the Makefile builds, and where the logs of the control plane go.
const (
	programs = ".bin"
	logs     = ".log"
	program  = "../respy" // or what the environment names in RESPY
)

// shared is the mesh that the tests run in, one after the other.
var shared *mesh.Mesh

func TestMain(m *testing.M) {
	code, err := withMesh(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

// withMesh runs the tests in a mesh that ends when they have, or are interrupted.
func withMesh(m *testing.M) (code int, err error) {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		return 1, fmt.Errorf("these tests make a network namespace: run them as root on Linux, as in sudo make e2e")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if shared, err = mesh.Start(ctx, programs, logs); err != nil {
		return 1, err
	}
	if err := shared.Install(cmp.Or(os.Getenv("RESPY"), program)); err != nil {
		shared.Stop()
		return 1, err
	}
	done := make(chan int)
	go func() { done <- m.Run() }()
	select {
	case code = <-done:
	case <-ctx.Done():
		code, err = 1, fmt.Errorf("interrupted")
	}
	if stopped := shared.Stop(); err == nil {
		err = stopped
	}
	return code, err
}
