package probe

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority issues certificates.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.cert = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	pair := a.issue(t, "ca", a.cert)
	a.key = pair.PrivateKey.(*ecdsa.PrivateKey)
	return a
}

// file returns the path of name.pem or name.key.
func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// server issues a certificate for names, valid until then.
func (a *authority) server(t *testing.T, until time.Duration, names ...string) tls.Certificate {
	return a.issue(t, names[0], &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(until),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
}

// issue signs a certificate, and writes it and its key beside the others.
func (a *authority) issue(t *testing.T, name string, template *x509.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer := a.key
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})
	for suffix, text := range map[string][]byte{".pem": certPEM, ".key": keyPEM} {
		if err := os.WriteFile(a.file(name+suffix), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// serveTLS starts a server that answers with the SNI it was sent, and returns
// its address.
func serveTLS(t *testing.T, config *tls.Config) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "sni="+r.TLS.ServerName+" alpn="+r.TLS.NegotiatedProtocol)
	}))
	s.TLS = config.Clone()
	s.TLS.NextProtos = []string{"h2", "http/1.1"}
	s.Config.ErrorLog = quiet()
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func TestRun_overTLS(t *testing.T) {
	ca := newAuthority(t)
	address := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.server(t, time.Hour, "weather.example", "other.example")}})
	trust := TLS{CAFile: ca.file("ca.pem")}
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"URL":         {Options{URL: "https://weather.example/", TLS: trust}, "sni=weather.example alpn=http/1.1"},
		"Host option": {Options{URL: "https://x.example/", Host: "other.example:8443", TLS: trust}, "sni=other.example alpn=http/1.1"},
		"Host header": {Options{URL: "https://x.example/", Header: http.Header{"Host": {"other.example"}}, TLS: trust}, "sni=other.example alpn=http/1.1"},
		"server name": {Options{URL: "https://x.example/", Host: "y.example", TLS: TLS{CAFile: trust.CAFile, ServerName: "weather.example"}},
			"sni=weather.example alpn=http/1.1"},
		"insecure": {Options{URL: "https://x.example/", TLS: TLS{Insecure: true}}, "sni=x.example alpn=http/1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			test.options.ConnectTo = []string{"::" + address}
			test.options.Requests = 20
			test.options.Concurrency = 3
			test.options.Reuse = 2
			r := send(t, test.options)
			checkCounts(t, r, map[string]int64{test.want: 20})
			if r.Connections < 10 || r.Connections > 13 {
				t.Errorf("%d connections", r.Connections)
			}
		})
	}
}

func TestRun_tlsFailures(t *testing.T) {
	ca := newAuthority(t)
	good := &tls.Config{Certificates: []tls.Certificate{ca.server(t, time.Hour, "weather.example")}}
	expired := &tls.Config{Certificates: []tls.Certificate{ca.server(t, -time.Hour, "weather.example")}}
	mutual := good.Clone()
	mutual.ClientAuth = tls.RequireAnyClientCert
	trust := TLS{CAFile: ca.file("ca.pem")}
	plain := strings.TrimSuffix(strings.TrimPrefix(serveHTTP(t, func(http.ResponseWriter, *http.Request) {}), "http://"), "/version")
	closing := strings.TrimSuffix(strings.TrimPrefix(serveRaw(t, func(c *net.TCPConn, _ int) { c.Read(make([]byte, 1000)) }), "http://"), "/version")
	for name, test := range map[string]struct {
		address string
		options Options
		sample  string
	}{
		"unknown authority":     {serveTLS(t, good), Options{URL: "https://weather.example"}, "x509: certificate signed by unknown authority"},
		"other name":            {serveTLS(t, good), Options{URL: "https://y.example", TLS: trust}, "not y.example"},
		"expired":               {serveTLS(t, expired), Options{URL: "https://weather.example", TLS: trust}, "expired"},
		"no client certificate": {serveTLS(t, mutual), Options{URL: "https://weather.example", TLS: trust}, "certificate required"},
		"plain HTTP":            {plain, Options{URL: "https://weather.example", TLS: trust}, "http://"},
		"closes":                {closing, Options{URL: "https://weather.example", TLS: trust}, "TLS handshake"},
	} {
		t.Run(name, func(t *testing.T) {
			test.options.ConnectTo = []string{"::" + test.address}
			test.options.Requests = 3
			checkFailure(t, send(t, test.options), KindTLS, 0, test.sample)
		})
	}
}

func TestRun_clientCertificate(t *testing.T) {
	ca := newAuthority(t)
	pool := x509.NewCertPool()
	pool.AddCert(mustParse(t, ca.file("ca.pem")))
	address := serveTLS(t, &tls.Config{
		Certificates: []tls.Certificate{ca.server(t, time.Hour, "weather.example")},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: pool,
	})
	ca.server(t, time.Hour, "caller")
	r := send(t, Options{URL: "https://weather.example", ConnectTo: []string{"::" + address},
		TLS: TLS{CAFile: ca.file("ca.pem"), CertFile: ca.file("caller.pem"), KeyFile: ca.file("caller.key")}})
	checkCounts(t, r, map[string]int64{"sni=weather.example alpn=http/1.1": 1})
}

func TestRun_handshakeThatDoesNotEnd(t *testing.T) {
	url := serveRaw(t, func(c *net.TCPConn, _ int) { io.Copy(io.Discard, c) })
	within(t, 2*time.Second, func() {
		r := send(t, Options{URL: "https" + strings.TrimPrefix(url, "http"), Timeout: 200 * time.Millisecond})
		checkFailure(t, r, KindTimeout, 0, "TLS handshake")
	})
}

func TestRun_plainHTTPToTLS(t *testing.T) {
	ca := newAuthority(t)
	address := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.server(t, time.Hour, "weather.example")}})
	checkFailure(t, send(t, Options{URL: "http://" + address}), KindStatus, 400, "HTTPS server")
}

func mustParse(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}
