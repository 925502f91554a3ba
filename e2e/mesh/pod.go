package mesh

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// A Pod answers on the ports of its containers.
type Pod struct {
	app       string
	addresses []string
	servers   []*http.Server
	hits      atomic.Int64
	end       context.CancelFunc // of the command, where the node runs it
}

// listen opens the ports of all containers at both addresses.
func (p *Pod) listen(n *namespace, spec *corev1.Pod) error {
	p.app = spec.Labels["app"]
	var failed []error
	for _, c := range spec.Spec.Containers {
		handler := p.counted(answers(spec, c))
		for _, port := range c.Ports {
			for _, a := range p.addresses {
				l, err := n.listen(net.JoinHostPort(a, strconv.Itoa(int(port.ContainerPort))))
				if err != nil {
					failed = append(failed, fmt.Errorf("listening: %w", err))
					continue
				}
				s := &http.Server{Handler: handler, IdleTimeout: closeDelay}
				p.servers = append(p.servers, s)
				go s.Serve(l)
			}
		}
	}
	return errors.Join(failed...)
}

func (p *Pod) counted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.hits.Add(1)
		h.ServeHTTP(w, r)
	})
}

func (p *Pod) close() {
	if p.end != nil {
		p.end()
	}
	for _, s := range p.servers {
		s.Close()
	}
}

// answers is the application of a container. Its environment sets it: DELAY (a duration) and STATUS (an error with that
// code, and BODY) bend it, VERSION overrides the pod's label, COLOR makes it the page of the colors app. The weather apps
// answer as text, others with JSON.
func answers(pod *corev1.Pod, c corev1.Container) http.Handler {
	env := map[string]string{"VERSION": pod.Labels["version"], "BODY": "broken"}
	for _, e := range c.Env {
		env[e.Name] = e.Value
	}
	delay, _ := time.ParseDuration(env["DELAY"]) // none by default
	status, _ := strconv.Atoi(env["STATUS"])     // 0 is none
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(delay)
		switch app := pod.Labels["app"]; {
		case status != 0:
			http.Error(w, env["BODY"], status)
		case env["COLOR"] != "":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, "<html><body style=\"background-color: %s\"></body></html>", env["COLOR"])
		case strings.HasPrefix(app, "weather"):
			fmt.Fprintf(w, "%s: %s\n", app, env["VERSION"])
		default:
			w.Header().Set("Content-Type", "application/json")
			json.NewEncoder(w).Encode(map[string]any{"app": app, "version": env["VERSION"], "pod": pod.Name})
		}
	})
}
