package fakemesh

import (
	"net/http"
	"regexp"
)

const adminType = "type.googleapis.com/envoy.admin.v3."

// section is one list of a config dump.
type section struct {
	dump    string // the message that holds it
	list    string // the field, which is also what the parameter resource names
	element string // the message of an entry
	hidden  bool   // shown when asked for alone
	entries []entry
}

type entry struct {
	name string
	body object
}

// configDump answers /config_dump. Without parameters it has every message;
// resource leaves the entries of one list, name_regex those whose whole name
// matches, include_eds adds the endpoints.
func (m *Mesh) configDump(w http.ResponseWriter, r *http.Request) {
	names, ok := pattern(w, r.FormValue("name_regex"), "^(?:%s)$")
	if !ok {
		return
	}
	resource, endpoints := r.FormValue("resource"), r.URL.Query().Has("include_eds")
	var configs []object
	found := resource == ""
	for _, s := range m.sections() {
		switch {
		case s.list == resource:
			found = true
			configs = append(configs, s.matching(names, true)...)
		case resource == "" && (!s.hidden || endpoints):
			configs = append(configs, s.message(names))
		}
	}
	if !found {
		http.Error(w, resource+" not found in config dump", http.StatusNotFound)
		return
	}
	dump := object{}
	if len(configs) > 0 {
		dump["configs"] = configs
	}
	writeJSON(w, dump)
}

func (s section) message(names *regexp.Regexp) object {
	message := object{"@type": adminType + s.dump}
	if entries := s.matching(names, false); len(entries) > 0 {
		message[s.list] = entries
	}
	return message
}

// matching returns the entries of matching names; only one that stands alone
// says its type.
func (s section) matching(names *regexp.Regexp, alone bool) []object {
	var bodies []object
	for _, e := range s.entries {
		if !names.MatchString(e.name) {
			continue
		}
		if alone {
			e.body["@type"] = adminType + s.dump + "." + s.element
		}
		bodies = append(bodies, e.body)
	}
	return bodies
}

// sections returns the whole dump. Nothing in it changes while the mesh runs.
func (m *Mesh) sections() []section {
	return []section{
		{dump: "ClustersConfigDump", list: "dynamic_active_clusters", element: "DynamicCluster", entries: m.clusterConfigs()},
		{dump: "EndpointsConfigDump", list: "dynamic_endpoint_configs", element: "DynamicEndpointConfig", hidden: true, entries: m.endpointConfigs()},
		{dump: "ListenersConfigDump", list: "dynamic_listeners", element: "DynamicListener", entries: m.listenerConfigs()},
		{dump: "RoutesConfigDump", list: "dynamic_route_configs", element: "DynamicRouteConfig", entries: m.routeConfigs()},
	}
}
