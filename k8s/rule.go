package k8s

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Rule is one rule of an object, with its hosts resolved and its weights made explicit.
type Rule struct {
	Kind, Namespace, Name string   // of the object: VirtualService, HTTPRoute or GRPCRoute
	Index                 int      // of the rule in its list, from 0
	Field                 string   // where it stands: "spec.http[0]"
	Label                 string   // the rule's own name, if it has one
	Protocol              string   // "http", "tcp" or "tls"; the weights of the last two count connections
	Hosts                 []string // fully qualified, or as written
	Gateways              []string // names; "mesh" stands for the sidecars
	Matches               []string // alternatives, in words; none: every request
	Destinations          []Destination
	Local                 string // how the proxy answers by itself, as "redirect to /login"; "" when it forwards
	Generation            int64
	ResourceVersion       string
}

// Destination is one destination of a rule.
type Destination struct {
	Host     string            // fully qualified name of the Service, or the host as written
	Subset   string            // of the DestinationRule; "" = the whole host
	Port     int               // 0 = not given
	Weight   int64             // effective: 0 gets nothing, a VirtualService's only destination has 100
	Omitted  bool              // the object gives no weight
	Version  string            // the name to show, unique in the rule
	Labels   []string          // label values that stand for it and for no other destination, "version" first
	Selector map[string]string // labels that select its pods, nil when unknown

	Ready    *int        // its ready endpoints; nil = unknown, as in files
	Bare     *int        // ready endpoints of the called Service among them: its part without a rule; nil = unknown
	Pods     []PodBehind // its ready endpoints, as far as they are known
	Limits   []string    // connection pools and outlier detection, which may refuse its requests
	Policies []string    // AuthorizationPolicies that its pods may refuse requests by
	TLS      string      // the mode that a DestinationRule sets, and where; "" = left to the mesh
}

// PodBehind is a ready endpoint of a destination.
type PodBehind struct {
	Name      string   // of the pod, or the address where it is none
	Addresses []string // in every family
	Version   string   // by its labels; "" when they do not say
}

// Ref is what --route takes: "virtualservice/default/reviews".
func (r *Rule) Ref() string {
	return strings.ToLower(r.Kind) + "/" + r.Namespace + "/" + r.Name
}

// Hash identifies the content of a rule: its matches, its destinations with their normalised weights (9:1 and 90:10 are
// the same) and the labels that select their pods. Names, versions and the order of destinations are left out, so that
// it changes when and only when the meaning does. It is 32 hexadecimal digits.
func (r *Rule) Hash() string {
	type destination struct {
		Host, Subset string
		Port         int
		Weight       int64
		Selector     map[string]string
	}
	content := struct {
		Protocol     string
		Matches      []string
		Destinations []destination
	}{Protocol: r.Protocol, Matches: r.Matches}
	divisor := int64(0)
	for _, d := range r.Destinations {
		divisor = gcd(divisor, d.Weight)
	}
	for _, d := range r.Destinations {
		content.Destinations = append(content.Destinations,
			destination{d.Host, d.Subset, d.Port, d.Weight / max(divisor, 1), d.Selector})
	}
	slices.SortFunc(content.Destinations, func(a, b destination) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.Subset, b.Subset), cmp.Compare(a.Port, b.Port))
	})
	sum := sha256.Sum256([]byte(compact(content)))
	return hex.EncodeToString(sum[:16])
}

// weighted reports whether the rule divides its requests: only then can a check of shares say something.
func (r *Rule) weighted() bool { return len(r.Destinations) > 1 }

// sameShares reports whether two rules send the same shares to the same destinations.
func (r *Rule) sameShares(other *Rule) bool {
	a, b := r.shares(), other.shares()
	if len(a) != len(b) {
		return false
	}
	for key, share := range a {
		if b[key] != share {
			return false
		}
	}
	return true
}

// shares are the positive normalised weights by destination; ports matter to the proxy, not to the version.
func (r *Rule) shares() map[[2]string]int64 {
	shares := map[[2]string]int64{}
	divisor := int64(0)
	for _, d := range r.Destinations {
		if d.Weight > 0 {
			shares[[2]string{d.Host, d.Subset}] += d.Weight
		}
	}
	for _, weight := range shares {
		divisor = gcd(divisor, weight)
	}
	for key := range shares {
		shares[key] /= divisor
	}
	return shares
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
