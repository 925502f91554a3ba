package probe

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// newTLS returns the configuration for a server that is verified as name and speaks the protocol of ALPN.
func newTLS(o TLS, name, protocol string) (*tls.Config, error) {
	config := &tls.Config{
		ServerName:         name,
		InsecureSkipVerify: o.Insecure,
		NextProtos:         []string{protocol},
	}
	if o.ServerName != "" {
		config.ServerName = o.ServerName
	}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("cacert: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("cacert: %s holds no certificate in PEM", o.CAFile)
		}
	}
	if o.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("cert and key: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}
