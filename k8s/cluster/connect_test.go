package cluster

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"respy/internal/fakeapi"
)

func TestConnectErrors(t *testing.T) {
	empty := env{account: t.TempDir(), get: func(string) string { return "" }}
	for name, test := range map[string]struct {
		options Options
		env     env
		want    string
	}{
		"nothing":           {Options{}, empty, ErrNone.Error()},
		"absent file":       {Options{Kubeconfig: "absent"}, empty, "kubeconfig absent does not exist"},
		"no context at all": {Options{Context: "a"}, empty, "name one with --kubeconfig"},
		"no cluster":        {Options{Kubeconfig: write(t, "apiVersion: v1\nkind: Config\n")}, empty, "choose a context with --context"},
		"unknown context": {Options{Context: "b", Kubeconfig: write(t, "contexts: [{name: a, context: {cluster: a}}]\ncurrent-context: a")}, empty,
			`context "b" does not exist`},
		"not YAML":   {Options{Kubeconfig: write(t, "a: [\n")}, empty, "yaml: line"},
		"usual file": {Options{}, env{kubeconfigs: []string{write(t, "current-context: a")}, get: empty.get}, `kubeconfig: `},
		"no token": {Options{}, env{account: t.TempDir(), get: func(name string) string {
			return map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}[name]
		}}, ErrNone.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := connect(test.options, test.env)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
			if errors.Is(err, ErrNone) != (test.want == ErrNone.Error()) {
				t.Errorf("%v: errors.Is ErrNone", err)
			}
		})
	}
}

// account mounts a service account for a server.
func account(t *testing.T, server *fakeapi.Server, token string) env {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"token": token, "ca.crt": string(server.CA()), "namespace": "web\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	host, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "https://"), ":")
	variables := map[string]string{"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port, "HOSTNAME": "shop-1"}
	return env{account: dir, get: func(name string) string { return variables[name] }}
}

func TestServiceAccount(t *testing.T) {
	server, err := fakeapi.Start(fakeapi.Options{Manifests: []byte(shop), Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	inside := account(t, server, "secret")
	c, err := connect(Options{}, inside)
	if err != nil || c.Named || c.Patience != patienceInside {
		t.Fatalf("%+v, %v", c, err)
	}
	if r := read(t, c, Scope{}); len(r.Objects.VirtualServices) != 1 {
		t.Errorf("read %v", r.Objects.Kinds)
	}
	p := here(inside)
	if p != (Place{InPod: true, Namespace: "web", Pod: "shop-1"}) {
		t.Errorf("here is %+v", p)
	}
	if pod, err := c.Pod(t.Context(), p.Namespace, p.Pod); err != nil || pod == nil {
		t.Errorf("own pod %v, %v", pod, err)
	}

	if c, err = connect(Options{}, account(t, server, "expired")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(t.Context(), Scope{}); err == nil || !strings.Contains(err.Error(), "does not accept the credentials") {
		t.Errorf("got %v", err)
	}
}

func TestHere(t *testing.T) {
	for name, test := range map[string]struct {
		variables map[string]string
		want      Place
	}{
		"a laptop":         {map[string]string{"HOSTNAME": "laptop"}, Place{}},
		"half a manifest":  {map[string]string{"POD_NAME": "a"}, Place{}},
		"no mount":         {map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "a"}, Place{InPod: true, Pod: "a"}},
		"downward fields":  {map[string]string{"POD_NAME": "a", "POD_NAMESPACE": "b", "HOSTNAME": "c"}, Place{InPod: true, Namespace: "b", Pod: "a"}},
		"a kubeconfig too": {map[string]string{"KUBECONFIG": "x", "HOSTNAME": "c"}, Place{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := here(env{account: t.TempDir(), get: func(name string) string { return test.variables[name] }}); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// TestUntrustedCertificate has a server whose certificate nobody vouches for.
func TestUntrustedCertificate(t *testing.T) {
	server, err := fakeapi.Start(fakeapi.Options{Manifests: []byte(shop)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	c, err := Connect(Options{Kubeconfig: write(t, `clusters: [{name: c, cluster: {server: "`+server.URL+`"}}]
contexts: [{name: c, context: {cluster: c}}]
current-context: c
`)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(t.Context(), Scope{}); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v", err)
	}
}

// TestCredentialPlugin has a plugin that never answers: it must not hold the run up.
func TestCredentialPlugin(t *testing.T) {
	plugin := write(t, "#!/bin/sh\nwhile [ -e \"$0\" ]; do sleep 0.05; done\n") // until the test is over
	if err := os.Chmod(plugin, 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := Connect(Options{Kubeconfig: write(t, `clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: "`+plugin+`", interactiveMode: IfAvailable}}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
current-context: c
`)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, errors.New("no more than that"))
	defer cancel()
	started := time.Now()
	if _, err := c.Read(ctx, Scope{}); err == nil || !strings.Contains(err.Error(), "no more than that") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}
