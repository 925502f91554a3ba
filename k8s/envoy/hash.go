package envoy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
)

// Hash stands for the content of the route: what it matches and how the answers to its requests come about. Versions,
// times, the order of the clusters, clusters that get nothing and a common factor of the weights do not change it.
func (r Route) Hash() string {
	content := struct {
		Kind                  Kind
		Protocol, Match       string
		Clusters              []WeightedCluster
		ClusterHeader         string
		Status                int
		Fault                 Fault
		UseHashPolicy         bool
		HeaderName, KeyPrefix string
		HashPolicies          []string
	}{
		r.Kind, r.Protocol, r.Match, normalized(r.Clusters), r.ClusterHeader, r.Status, r.Fault,
		r.UseHashPolicy, r.HeaderName, r.RuntimeKeyPrefix, r.HashPolicies,
	}
	if len(content.Clusters) == 1 && r.Kind == KindWeighted {
		content.Kind = KindCluster // a split whose other parts have no weight
	}
	text, _ := json.Marshal(content) // texts, numbers and booleans cannot fail
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Equal tells whether the content of two routes is the same.
func (r Route) Equal(other Route) bool { return r.Hash() == other.Hash() }

// normalized merges equal names, drops weight 0, divides by the greatest common divisor and sorts by name.
func normalized(clusters []WeightedCluster) []WeightedCluster {
	sorted := slices.Clone(clusters)
	slices.SortFunc(sorted, func(a, b WeightedCluster) int { return strings.Compare(a.Name, b.Name) })
	var out []WeightedCluster
	var divisor uint64
	for _, c := range sorted {
		if c.Weight == 0 {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Name == c.Name {
			out[n-1].Weight += c.Weight
		} else {
			out = append(out, c)
		}
	}
	for _, c := range out {
		divisor = gcd(divisor, c.Weight)
	}
	for i := range out {
		out[i].Weight /= max(divisor, 1)
	}
	return out
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
