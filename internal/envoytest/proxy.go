package envoytest

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	startTimeout  = 20 * time.Second // of one attempt; a cold start takes about 0.3 s, on a busy machine some seconds
	startAttempts = 3                // another process may take one of the ports between our choice and Envoy's bind
)

// A Proxy is a running Envoy. Its methods may not be used by several goroutines at once.
type Proxy struct {
	Roots *x509.CertPool // trusts the certificate of TLS listeners

	config Config
	layout layout
	binary string
	cmd    *exec.Cmd
	exited chan struct{} // closed when the process has ended and is reaped
	log    *bytes.Buffer // what it wrote; may be read only after exited
}

// Start runs Envoy, waits until it is ready, and stops it at the end of the test. It skips the test where there is no Envoy.
func Start(t testing.TB, c Config) *Proxy {
	t.Helper()
	p := &Proxy{binary: binary(t), config: c, Roots: x509.NewCertPool()}
	p.layout = layout{dir: t.TempDir(), certificate: newCertificate(t)}
	p.Roots.AppendCertsFromPEM(p.layout.certificate.chain)
	t.Cleanup(p.Stop)
	for _, li := range c.Listeners {
		if li.RDS != "" {
			p.writeRoutes(t, li.RDS, li.VirtualHosts)
		}
	}
	var err error
	for range startAttempts {
		p.choosePorts(t)
		if err = p.run(t); err == nil {
			return p
		}
	}
	t.Fatalf("starting Envoy: %v", err)
	return nil
}

// Admin is the address of the admin interface, as host:port.
func (p *Proxy) Admin() string { return loopback(p.layout.admin) }

// Address is where the named listener accepts connections, as host:port.
func (p *Proxy) Address(listener string) string { return loopback(p.layout.ports[listener]) }

// Port is the port of the named listener.
func (p *Proxy) Port(listener string) int { return p.layout.ports[listener] }

// Stop kills Envoy and reaps it. It is safe to call again.
func (p *Proxy) Stop() {
	if p.cmd == nil {
		return
	}
	p.cmd.Process.Kill() // an error means that it has ended already
	<-p.exited
	p.cmd = nil
}

// Restart stops Envoy and starts it anew on the same ports: uptime and counters begin at zero.
func (p *Proxy) Restart(t testing.TB) {
	t.Helper()
	p.Stop()
	if err := p.run(t); err != nil {
		t.Fatalf("restarting Envoy: %v", err)
	}
}

func (p *Proxy) choosePorts(t testing.TB) {
	t.Helper()
	p.layout.admin = freePort(t)
	p.layout.ports = map[string]int{}
	for _, li := range p.config.Listeners {
		p.layout.ports[li.Name] = freePort(t)
	}
}

// run starts the process and waits for its readiness. On an error no process is left.
func (p *Proxy) run(t testing.TB) error {
	t.Helper()
	file := filepath.Join(p.layout.dir, "bootstrap.json")
	writeJSON(t, file, p.config.bootstrap(p.layout))
	p.log = &bytes.Buffer{}
	p.cmd = exec.Command(p.binary, "--config-path", file, "--concurrency", "2", "--log-level", "warn", "--disable-hot-restart")
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		p.cmd = nil
		return err
	}
	p.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan<- struct{}) {
		defer close(exited)
		cmd.Wait() // it is killed, or its log says why it ended
	}(p.cmd, p.exited)
	if err := p.awaitReady(); err != nil {
		p.Stop()
		return fmt.Errorf("%w; its log: %s", err, p.log)
	}
	return nil
}

func (p *Proxy) awaitReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ready(ctx, p.Admin()) {
		select {
		case <-p.exited:
			return fmt.Errorf("the process ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("not ready after %s", startTimeout)
		case <-tick.C:
		}
	}
	return nil
}

// ready tells whether this admin port says LIVE. Another program's port would have to say the same.
func ready(ctx context.Context, admin string) bool {
	body, err := get(ctx, "http://"+admin+"/ready")
	return err == nil && strings.TrimSpace(string(body)) == "LIVE"
}

func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("looking for a free port: %v", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func writeJSON(t testing.TB, file string, o object) {
	t.Helper()
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatalf("encoding %s: %v", filepath.Base(file), err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatalf("writing Envoy's configuration: %v", err)
	}
}
