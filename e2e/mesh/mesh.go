// Package mesh runs a real Istio on one machine: etcd, the Kubernetes API server and controllers, istiod and Envoy, in a
// network namespace of its own. The node alone is not real: this process binds the pods to itself and answers for them.
package mesh

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// The addresses of pods and Services.
const (
	podRange      = "10.244.0.0/16"
	podRange6     = "fd00:10:244::/64"
	serviceRange  = "10.96.0.0/16"
	serviceRange6 = "fd00:10:96::/112"
)

// A Mesh is a running control plane with its node, and the proxies that were started in it.
type Mesh struct {
	API  *API
	Node *Node

	// The control plane, for tests that stop a part of it.
	APIServer, Istiod *Process

	bin       string // the programs that are built
	dir       string // what changes, removed at the end; every user may read it
	logs      string
	net       *namespace
	admin     *http.Client // reaches the namespace
	processes []*Process
	sidecar   *Sidecar
	revision  int
	scenario  scene

	controllers *Process
}

// Start starts the control plane from the programs in bin. Its logs are written to the folder logs.
func Start(ctx context.Context, bin, logs string) (*Mesh, error) {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return nil, fmt.Errorf("finding the programs of the mesh: %w", err)
	}
	dir, err := os.MkdirTemp("", "respy-e2e-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the mesh: %w", err)
	}
	if err := errors.Join(os.Chmod(dir, 0o755), os.RemoveAll(logs), os.MkdirAll(logs, 0o755)); err != nil {
		return nil, err
	}
	m := &Mesh{bin: bin, dir: dir, logs: logs}
	if m.net, err = newNamespace(dir); err != nil {
		return nil, err
	}
	m.admin = &http.Client{Transport: &http.Transport{DialContext: m.net.dial, DisableKeepAlives: true}, Timeout: 10 * time.Second}
	for _, step := range []func(context.Context) error{
		m.installPrograms, m.resetRules, m.startKubernetes, m.startNode, m.installIstio,
	} {
		if err := step(ctx); err != nil {
			m.Stop()
			return nil, err
		}
	}
	return m, nil
}

// Stop ends every process of the mesh, the last one first, and removes its namespace and files.
func (m *Mesh) Stop() error {
	if m.Node != nil {
		m.Node.stop()
	}
	for i := len(m.processes) - 1; i >= 0; i-- {
		m.processes[i].Stop()
	}
	return m.net.Close()
}

// file is the path of a file of the mesh.
func (m *Mesh) file(name string) string { return filepath.Join(m.dir, name) }

// installPrograms makes the programs that the pods' users run reachable for them.
func (m *Mesh) installPrograms(context.Context) error {
	for _, name := range []string{"pilot-agent", "envoy", "envoy_bootstrap.json"} {
		if err := m.Install(filepath.Join(m.bin, name)); err != nil {
			return err
		}
	}
	return nil
}

// Install copies a program to where every user of the mesh can run it, under its own name.
func (m *Mesh) Install(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("installing a program in the mesh: %w", err)
	}
	return os.WriteFile(m.file(filepath.Base(path)), text, 0o755)
}

// Program is the path of an installed program.
func (m *Mesh) Program(name string) string { return m.file(name) }

// Get asks a server in the namespace, as the node's root would; a status that is not 200 is an error.
func (m *Mesh) Get(ctx context.Context, url string) ([]byte, error) {
	return fetch(ctx, m.admin, http.MethodGet, url)
}
