package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/homedir"
)

// How long all readings before a run may take together: one who named a cluster waits for it, one who did not would
// rather know less.
const (
	patienceNamed   = 30 * time.Second
	patienceInside  = 10 * time.Second
	patienceUnnamed = 3 * time.Second
)

// How long a connection may take to come about.
const (
	dialNamed   = 10 * time.Second
	dialUnnamed = 3 * time.Second
)

// ErrNone says that there is no cluster to ask: no kubeconfig, and no service account of a pod.
var ErrNone = errors.New("no kubeconfig, and no service account of a pod")

// Options say which cluster to ask.
type Options struct {
	Kubeconfig  string // file; "" = $KUBECONFIG, then ~/.kube/config
	Context     string // of the kubeconfig; "" = its current one
	Interactive bool   // a credential plugin may ask questions on the standard streams
}

func (o Options) named() bool { return o.Kubeconfig != "" || o.Context != "" }

// Client asks one API server. It may be used by several goroutines at once.
type Client struct {
	Named    bool          // the user named the kubeconfig or its context
	Patience time.Duration // that all readings together may take

	base  *url.URL
	http  *http.Client
	where string // for messages
}

// Connect finds the API server and the credentials as kubectl does: by the kubeconfig that the options name, else by
// $KUBECONFIG or ~/.kube/config, else by the pod's service account. It sends nothing. The error is [ErrNone], or one
// sentence on a configuration that cannot serve.
func Connect(o Options) (*Client, error) { return connect(o, environment()) }

func connect(o Options, env env) (*Client, error) {
	c := &Client{Named: o.named(), Patience: patienceUnnamed}
	if c.Named {
		c.Patience = patienceNamed
	}
	config, err := kubeconfig(o, env)
	if errors.Is(err, ErrNone) && !c.Named {
		c.Patience = patienceInside
		config, err = serviceAccount(env)
	}
	if err != nil {
		return nil, err
	}
	return c.dial(config, o)
}

// dial prepares the client of a configuration.
func (c *Client) dial(config *rest.Config, o Options) (_ *Client, err error) {
	config.UserAgent = "respy"
	dialer := net.Dialer{Timeout: dialUnnamed}
	if c.Named {
		dialer.Timeout = dialNamed
	}
	config.Dial = dialer.DialContext
	if config.ExecProvider != nil && !(c.Named && o.Interactive) {
		config.ExecProvider.StdinUnavailable = true
		config.ExecProvider.StdinUnavailableMessage = "respy asks nothing for a kubeconfig that was not named"
	}
	if c.base, _, err = rest.DefaultServerUrlFor(config); err != nil {
		return nil, fmt.Errorf("server of the kubeconfig: %s", sentence(err))
	}
	if c.http, err = rest.HTTPClientFor(config); err != nil {
		return nil, fmt.Errorf("credentials for %s: %s", c.base.Host, sentence(err))
	}
	if config.ExecProvider != nil {
		c.http.Transport = impatient{c.http.Transport}
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.where = c.base.Host
	return c, nil
}

// kubeconfig reads the configuration that is named, or the usual one; ErrNone when there is none.
func kubeconfig(o Options, env env) (*rest.Config, error) {
	rules := &clientcmd.ClientConfigLoadingRules{ExplicitPath: o.Kubeconfig, Precedence: env.kubeconfigs,
		Warner: func(error) {}} // a file that is missing is said below
	raw, err := rules.Load()
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("kubeconfig %s does not exist: give the file that kubectl uses", o.Kubeconfig)
	case err != nil:
		return nil, fmt.Errorf("kubeconfig: %s", sentence(err))
	case o.Context == "" && raw.CurrentContext == "" && o.Kubeconfig == "":
		return nil, ErrNone
	case o.Context != "" && raw.Contexts[o.Context] == nil && len(raw.Contexts) == 0:
		return nil, fmt.Errorf("context %s: there is no kubeconfig with a context; name one with --kubeconfig", o.Context)
	}
	overrides := &clientcmd.ConfigOverrides{CurrentContext: o.Context}
	config, err := clientcmd.NewNonInteractiveClientConfig(*raw, o.Context, overrides, rules).ClientConfig()
	switch {
	case clientcmd.IsEmptyConfig(err):
		return nil, errors.New("kubeconfig: it names no cluster: choose a context with --context")
	case err != nil:
		return nil, fmt.Errorf("kubeconfig: %s", sentence(err))
	}
	return config, nil
}

// env is what the process knows of its surroundings.
type env struct {
	kubeconfigs []string // files, the first to set a value wins
	account     string   // directory where a pod's service account is mounted
	get         func(string) string
}

func environment() env {
	e := env{account: "/var/run/secrets/kubernetes.io/serviceaccount", get: os.Getenv}
	e.kubeconfigs = filepath.SplitList(e.get("KUBECONFIG"))
	if home := homedir.HomeDir(); len(e.kubeconfigs) == 0 && home != "" {
		e.kubeconfigs = []string{filepath.Join(home, ".kube", "config")}
	}
	return e
}

// impatient gives up on a transport when the request's context ends: credential plugins heed no context.
type impatient struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (i impatient) RoundTrip(r *http.Request) (*http.Response, error) {
	type result struct {
		response *http.Response
		err      error
	}
	done := make(chan result)
	go func() {
		response, err := i.next.RoundTrip(r)
		select {
		case done <- result{response, err}:
		case <-r.Context().Done():
			if err == nil {
				response.Body.Close()
			}
		}
	}()
	select {
	case got := <-done:
		return got.response, got.err
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
}

// sentence puts an error, which may come from a file or a server, on one line without control characters.
func sentence(err error) string {
	text := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, err.Error())
	return strings.Join(strings.Fields(text), " ")
}
