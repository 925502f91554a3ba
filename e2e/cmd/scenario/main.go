// Command scenario puts a mesh into a scenario and runs a command in it.
//
//	scenario FILE                    wait there until interrupted, and say how to look around
//	scenario FILE COMMAND [ARG…]     run the command as an application of the client pod, and end
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"respy/e2e/mesh"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "scenario:", err)
		code = 2
	}
	os.Exit(code)
}

func run(ctx context.Context, args []string) (int, error) {
	if len(args) == 0 {
		return 0, errors.New("name a scenario's file, as in scenario scenarios/base.yaml ./respy http://weather-backend:5000/version")
	}
	s, err := mesh.ReadScenario(args[0])
	if err != nil {
		return 0, err
	}
	m, err := mesh.Start(ctx, ".bin", ".log")
	if err != nil {
		return 0, err
	}
	defer m.Stop()
	if err := m.Enter(ctx, s); err != nil {
		return 0, err
	}
	if len(args) == 1 {
		fmt.Printf("in the scenario %s: enter with\n%s\nand end with Ctrl-C\n", s.Name, m.Entrance())
		<-ctx.Done()
		return 0, nil
	}
	return command(ctx, m, args[1], args[2:])
}

// command runs a program where its users can reach it.
func command(ctx context.Context, m *mesh.Mesh, program string, args []string) (int, error) {
	if err := m.Install(program); err != nil {
		return 0, err
	}
	a, err := m.Run(ctx, m.InPod(), m.Program(filepath.Base(program)), args...)
	fmt.Fprint(os.Stdout, a.Out)
	fmt.Fprint(os.Stderr, a.Err)
	return a.Code, err
}
