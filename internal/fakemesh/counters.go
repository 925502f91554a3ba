package fakemesh

import (
	"net/http"
	"strconv"
)

// clusters answers /clusters, with the counters of each cluster and host. The
// parameter filter leaves the clusters whose names hold a match of it.
func (m *Mesh) clusters(w http.ResponseWriter, r *http.Request) {
	filter, ok := pattern(w, r.FormValue("filter"), "%s")
	if !ok {
		return
	}
	if r.FormValue("format") != "json" {
		http.Error(w, "only format=json is served", http.StatusNotImplemented)
		return
	}
	var statuses []object
	m.mu.Lock()
	for _, c := range append(m.service.clusters(), &cluster{name: passthrough}) {
		if filter.MatchString(c.name) {
			statuses = append(statuses, status(c))
		}
	}
	m.mu.Unlock()
	answer := object{}
	if len(statuses) > 0 {
		answer["cluster_statuses"] = statuses
	}
	writeJSON(w, answer)
}

func status(c *cluster) object {
	s := object{"name": c.name, "observability_name": c.name, "added_via_api": true}
	var hosts []object
	for _, h := range c.hosts {
		hosts = append(hosts, object{
			"address":       socketAddress(h.pod.ip, podPort),
			"health_status": object{"eds_health_status": "HEALTHY"},
			"weight":        1,
			"locality":      object{},
			"stats":         stats(h),
		})
	}
	if len(hosts) > 0 {
		s["host_statuses"] = hosts
		s["eds_service_name"] = c.name
	}
	return s
}

func stats(h *host) []object {
	return []object{
		metric("", "cx_connect_fail", 0),
		metric("", "cx_total", h.connects),
		metric("", "rq_error", h.failure),
		metric("", "rq_success", h.success),
		metric("", "rq_timeout", 0),
		metric("", "rq_total", h.total),
		metric("GAUGE", "cx_active", h.open),
		metric("GAUGE", "rq_active", h.active),
	}
}

// metric is Envoy's SimpleMetric in the JSON of protocol buffers: 64-bit
// numbers are strings, and neither a zero nor the type COUNTER is written.
func metric(kind, name string, value uint64) object {
	metric := object{"name": name}
	if kind != "" {
		metric["type"] = kind
	}
	if value != 0 {
		metric["value"] = strconv.FormatUint(value, 10)
	}
	return metric
}

func socketAddress(ip string, port int) object {
	return object{"socket_address": object{"address": ip, "port_value": port}}
}
