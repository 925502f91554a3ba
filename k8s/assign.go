package k8s

import (
	"fmt"
	"slices"
	"strings"
)

// Mapping says that a destination answers as a version: DESTINATION=VERSION. A destination is a subset, a host, a host
// and a subset (reviews/v1), or the name of an Envoy cluster (outbound|9080|v1|reviews.default.svc.cluster.local).
type Mapping struct {
	Destination string
	Version     string
}

// ParseMapping reads DESTINATION=VERSION.
func ParseMapping(text string) (Mapping, error) {
	destination, version, found := strings.Cut(text, "=")
	if !found || destination == "" || version == "" {
		return Mapping{}, fmt.Errorf("map %q: write it as DESTINATION=VERSION", text)
	}
	return Mapping{destination, version}, nil
}

// Names reports whether the mapping names a destination.
func (m Mapping) Names(d Destination) bool {
	if strings.Contains(m.Destination, "|") {
		return m.namesCluster(d)
	}
	if d.Subset != "" && m.Destination == d.Subset || m.Destination == d.Version {
		return true
	}
	host, subset, found := strings.Cut(m.Destination, "/")
	return d.isHost(host) && (!found && d.Subset == "" || found && subset == d.Subset)
}

// namesCluster compares DIRECTION|PORT|SUBSET|HOST; a waypoint writes http/SUBSET.
func (m Mapping) namesCluster(d Destination) bool {
	parts := strings.Split(m.Destination, "|")
	if len(parts) != 4 {
		return false
	}
	subset := strings.TrimPrefix(strings.TrimPrefix(parts[2], "http"), "/")
	return parts[3] == d.Host && (parts[2] == d.Subset || subset == d.Subset) &&
		(d.Port == 0 || parts[1] == fmt.Sprint(d.Port))
}

// isHost accepts every form of a Service's name.
func (d Destination) isHost(host string) bool {
	host = strings.ToLower(host)
	if host == d.Host {
		return true
	}
	rest, ok := strings.CutPrefix(d.Host, host+".")
	return ok && host != "" && (strings.Count(host, ".") == 0 && shortHost(d.Host) == host ||
		strings.HasPrefix(rest, "svc.") || strings.HasSuffix(host, ".svc"))
}

// Assign says which of the expected names each destination goes by, "" where it cannot be told. Without names, the
// mappings rename destinations and the others keep their Version. With names, in this order: a mapping; the
// destination's own names; its label values; a part between hyphens that occurs in exactly one name and one
// destination (weather-single for single). A name that fits several destinations equally well stands for none of them.
func Assign(destinations []Destination, names []string, mappings []Mapping) []string {
	assigned := make([]string, len(destinations))
	for i, d := range destinations {
		if j := slices.IndexFunc(mappings, func(m Mapping) bool { return m.Names(d) }); j >= 0 {
			assigned[i] = mappings[j].Version
		} else if names == nil {
			assigned[i] = d.Version
		}
	}
	for _, fits := range []func(Destination, string) bool{
		func(d Destination, name string) bool { return d.Version == name },
		func(d Destination, name string) bool { return Mapping{Destination: name}.Names(d) },
		func(d Destination, name string) bool { return slices.Contains(d.Labels, name) },
		func(d Destination, name string) bool { return sharePart(d, name, names) },
	} {
		assignUnique(assigned, destinations, names, fits)
	}
	return assigned
}

// assignUnique gives names that are still free to destinations that have none, where each fits just one of the other.
func assignUnique(assigned []string, destinations []Destination, names []string, fits func(Destination, string) bool) {
	candidates := make([][]string, len(destinations))
	claims := map[string]int{}
	for i, d := range destinations {
		if assigned[i] != "" {
			continue
		}
		for _, name := range names {
			if !slices.Contains(assigned, name) && fits(d, name) {
				candidates[i] = append(candidates[i], name)
				claims[name]++
			}
		}
	}
	for i, c := range candidates {
		if len(c) == 1 && claims[c[0]] == 1 {
			assigned[i] = c[0]
		}
	}
}

// sharePart reports whether a part between hyphens, which no other name has, is in the name and in the destination.
func sharePart(d Destination, name string, names []string) bool {
	own := strings.Split(d.Version, "-")
	return slices.ContainsFunc(strings.Split(name, "-"), func(part string) bool {
		if part == "" || !slices.Contains(own, part) {
			return false
		}
		return !slices.ContainsFunc(names, func(other string) bool {
			return other != name && slices.Contains(strings.Split(other, "-"), part)
		})
	})
}
