package envoy

import (
	"fmt"
	"net/http"
)

// setAction reads what a route message does with its requests.
func (r *Route) setAction(m message) {
	switch {
	case m.has("route"):
		r.setClusters(m.field("route"))
		r.MissingStatus = missingStatus(m.field("route").text("cluster_not_found_response_code"))
	case m.has("direct_response"):
		r.Kind, r.Status = KindDirectResponse, int(m.field("direct_response").number("status"))
	case m.has("redirect"):
		r.Kind, r.Status = KindRedirect, redirectStatus(m.field("redirect").text("response_code"))
	default:
		r.other("no action that is known here")
	}
}

func (r *Route) setClusters(m message) {
	r.HashPolicies = hashPolicies(m.list("hash_policy"))
	for _, policy := range m.list("request_mirror_policies") {
		r.Mirrors = append(r.Mirrors, policy.text("cluster"))
	}
	switch {
	case m.has("weighted_clusters"):
		r.setWeighted(m.field("weighted_clusters"))
	case m.has("cluster"):
		r.Kind, r.Clusters = KindCluster, []WeightedCluster{{m.text("cluster"), 1}}
	case m.has("cluster_header"):
		r.Kind, r.ClusterHeader = KindClusterHeader, m.text("cluster_header")
	default:
		r.other("a cluster specifier plugin")
	}
}

// setWeighted leaves out total_weight: it is deprecated, and Envoy draws by the sum of the weights.
func (r *Route) setWeighted(m message) {
	r.Kind = KindWeighted
	for _, c := range m.list("clusters") {
		name := c.text("name")
		if name == "" {
			r.Notes = append(r.Notes, fmt.Sprintf("a weighted cluster is named by the header %s of each request", c.text("cluster_header")))
		}
		r.Clusters = append(r.Clusters, WeightedCluster{name, c.number("weight")})
	}
	r.UseHashPolicy = m.boolean("use_hash_policy")
	r.HeaderName = m.text("header_name")
	r.RuntimeKeyPrefix = m.text("runtime_key_prefix")
}

func (r *Route) other(why string) {
	r.Kind = KindOther
	r.Notes = append(r.Notes, "the route's target is decided by "+why)
}

func missingStatus(code string) int {
	switch code {
	case "NOT_FOUND":
		return http.StatusNotFound
	case "INTERNAL_SERVER_ERROR":
		return http.StatusInternalServerError
	}
	return http.StatusServiceUnavailable
}

func redirectStatus(code string) int {
	switch code {
	case "FOUND":
		return 302
	case "SEE_OTHER":
		return 303
	case "TEMPORARY_REDIRECT":
		return 307
	case "PERMANENT_REDIRECT":
		return 308
	}
	return 301
}

func hashPolicies(list []message) []string {
	var out []string
	for _, m := range list {
		switch {
		case m.has("header"):
			out = append(out, "header "+m.field("header").text("header_name"))
		case m.has("cookie"):
			out = append(out, "cookie "+m.field("cookie").text("name"))
		case m.has("query_parameter"):
			out = append(out, "query parameter "+m.field("query_parameter").text("name"))
		case m.has("connection_properties"):
			out = append(out, "source ip")
		default:
			out = append(out, "other")
		}
	}
	return out
}
