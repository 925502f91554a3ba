package fakemesh

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"time"
)

// object is a JSON or YAML object.
type object map[string]any

// adminHandler serves what Envoy's admin endpoint has for reading a split.
// See https://www.envoyproxy.io/docs/envoy/latest/operations/admin.
func (m *Mesh) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "LIVE\n") })
	mux.HandleFunc("GET /server_info", m.serverInfo)
	mux.HandleFunc("GET /clusters", m.clusters)
	mux.HandleFunc("GET /config_dump", m.configDump)
	return mux
}

func (m *Mesh) serverInfo(w http.ResponseWriter, _ *http.Request) {
	uptime := fmt.Sprintf("%ds", int(time.Since(m.started).Seconds()))
	writeJSON(w, object{
		"version":              "0/1.40.0/Clean/RELEASE/BoringSSL",
		"state":                "LIVE",
		"hot_restart_version":  "disabled",
		"uptime_current_epoch": uptime,
		"uptime_all_epochs":    uptime,
		"node": object{
			"id":              "sidecar~127.0.0.1~respy-demo." + namespace + "~" + namespace + ".svc.cluster.local",
			"cluster":         "respy-demo." + namespace,
			"user_agent_name": "envoy",
			"metadata": object{
				"NAME":          "respy-demo",
				"NAMESPACE":     namespace,
				"LABELS":        object{"app": "respy-demo"},
				"ISTIO_VERSION": "1.31.1",
			},
		},
	})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	_ = encoder.Encode(v) // it fails only for a client that is gone
}

// pattern compiles a query parameter; a missing one matches everything.
func pattern(w http.ResponseWriter, text, format string) (*regexp.Regexp, bool) {
	if text == "" {
		return regexp.MustCompile(""), true
	}
	re, err := regexp.Compile(fmt.Sprintf(format, text))
	if err != nil {
		http.Error(w, "Invalid regex: "+err.Error(), http.StatusBadRequest)
		return nil, false
	}
	return re, true
}
