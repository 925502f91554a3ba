package diagnose

import (
	"slices"
	"strings"

	"respy/k8s/envoy"
)

// hop is a cluster that a proxy's route sends a share of the requests to, with what the proxy says of it.
type hop struct {
	envoy.ClusterName
	cluster string
	share   float64
	proxy   *ProxyView
	config  *envoy.ClusterConfig // nil when there is none, or the configuration was not read
	status  *envoy.Cluster       // nil when the counters were not read, or do not know it
	delta   envoy.ClusterDelta
}

// hops are the clusters of the proxies' routes that get a share; each once, by the first proxy that names it.
func (j *judge) hops() []hop {
	var list []hop
	for i := range j.Proxies {
		p := &j.Proxies[i]
		if p.Before == nil {
			continue
		}
		for _, c := range p.Before.Clusters {
			known := slices.ContainsFunc(list, func(h hop) bool { return h.cluster == c.Name })
			if c.Weight > 0 && c.Name != "" && !known {
				list = append(list, p.hop(c.Name))
			}
		}
	}
	return list
}

func (p *ProxyView) hop(cluster string) hop {
	h := hop{ClusterName: envoy.ParseClusterName(cluster), cluster: cluster, share: p.Before.Share(cluster), proxy: p}
	for i := range p.Configs {
		if p.Configs[i].Name == cluster {
			h.config = &p.Configs[i]
		}
	}
	for i := range p.Clusters {
		if p.Clusters[i].Name == cluster {
			h.status = &p.Clusters[i]
		}
	}
	if p.Delta != nil {
		h.delta = p.Delta.Cluster(cluster)
	}
	return h
}

// destination is what the user calls it: the subset, else the host.
func (h hop) destination() string {
	if h.Subset != "" {
		return "subset " + h.Subset + " of " + h.Host
	}
	return h.Host
}

// missing reports whether the proxy has no cluster of that name.
func (h hop) missing() bool {
	return h.proxy.Configs != nil && h.config == nil && h.Direction != "" && (h.proxy.Clusters == nil || h.status == nil)
}

// siblings are the other clusters of the same host.
func (h hop) siblings() []envoy.ClusterConfig {
	return slices.DeleteFunc(slices.Clone(h.proxy.Configs), func(c envoy.ClusterConfig) bool {
		return c.Name == h.cluster || !strings.EqualFold(envoy.ParseClusterName(c.Name).Host, h.Host)
	})
}

// base is the cluster of the whole host on the same port; nil when there is none.
func (h hop) base() *envoy.ClusterConfig {
	for _, c := range h.siblings() {
		if name := envoy.ParseClusterName(c.Name); name.Port == h.Port && name.Subset == "" {
			return &c
		}
	}
	return nil
}

// rule names the DestinationRule in effect, as far as the proxy tells.
func (h hop) rule() string {
	for _, c := range []*envoy.ClusterConfig{h.config, h.base()} {
		if c != nil && c.Rule.Name != "" {
			return "DestinationRule " + c.Rule.Namespace + "/" + c.Rule.Name
		}
	}
	return "DestinationRule of " + h.Host
}
