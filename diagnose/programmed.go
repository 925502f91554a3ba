package diagnose

import (
	"fmt"
	"math"
	"slices"

	"respy/k8s"
	"respy/k8s/envoy"
)

// comparison is what the proxies are programmed with beside what is expected.
type comparison struct {
	shares  []float64 // by expected version, NaN where unknown
	differs bool
	route   *envoy.Route // the one that differs, else the first
}

// shareSlack is how far two normalised weights may be apart: less than any weight can express, more than rounding.
const shareSlack = 1e-9

// compareProgrammed compares the route of each proxy with the expectation. Where that is a proxy's own route, the others
// may differ from it.
func (j *judge) compareProgrammed() {
	if j.Expectation == nil {
		return
	}
	j.programmed.shares = unknownShares(len(j.Expectation.Versions))
	for _, p := range j.Proxies {
		if p.Before == nil {
			continue
		}
		shares, comparable := j.Expectation.programmed(p.Before)
		if !comparable {
			continue
		}
		differs := !sameShares(shares, j.Expectation.Shares())
		if j.programmed.route == nil || differs && !j.programmed.differs {
			j.programmed = comparison{shares: shares, differs: differs, route: p.Before}
		}
	}
}

// FollowedBy reports whether a proxy's route has the expected shares, as far as the two can be compared.
func (e *Expectation) FollowedBy(route *envoy.Route) bool {
	shares, comparable := e.programmed(route)
	return !comparable || sameShares(shares, e.Shares())
}

// follows reports whether a proxy's route is known to have the expected shares.
func (e *Expectation) follows(route *envoy.Route) bool {
	shares, comparable := e.programmed(route)
	return comparable && sameShares(shares, e.Shares())
}

// placed reports whether it is known which destinations the versions are: always those of a rule or route, and those that
// a user named like the destinations of one.
func (e *Expectation) placed() bool {
	return e.Source.Kind != FromFlag || slices.ContainsFunc(e.Versions, func(v Expected) bool { return len(v.Destinations) > 0 })
}

// programmed returns the shares that a proxy's route gives the expected versions; they sum to less than 1 where it sends
// requests elsewhere. Versions that are not placed compare only where every destination of the route bears one of their
// names.
func (e *Expectation) programmed(route *envoy.Route) (shares []float64, comparable bool) {
	shares = make([]float64, len(e.Versions))
	total := 0.0
	if divides(route) {
		for _, c := range route.Clusters {
			total += float64(c.Weight)
			if i := e.index(c.Name); i >= 0 {
				shares[i] += float64(c.Weight)
			} else if c.Weight > 0 && !e.placed() {
				return unknownShares(len(shares)), false
			}
		}
	}
	if total == 0 {
		return shares, e.placed()
	}
	for i := range shares {
		shares[i] /= total
	}
	return shares, true
}

func sameShares(a, b []float64) bool {
	for i := range a {
		if !(math.Abs(a[i]-b[i]) <= shareSlack) {
			return false
		}
	}
	return true
}

// divides reports whether a route divides its requests by a rule. One that Istio made for a service without any rule does
// not, nor one to no service of the mesh, nor one that the proxy answers itself.
func divides(route *envoy.Route) bool {
	if route == nil || len(route.Clusters) == 0 || route.Passthrough() || route.Blocked() {
		return false
	}
	return route.Kind == envoy.KindWeighted || route.Source != (envoy.Source{}) || destination(route.Clusters[0].Name).Subset != ""
}

// TakesNothing reports whether a proxy has rules for the host of which none sends the request anywhere: none takes it, or
// the one that does has no destination left.
func TakesNothing(route *envoy.Route) bool {
	return route.Kind == envoy.KindNone && route.VirtualHost != "" || noBackend(route)
}

// Destinations are those among which a route divides its requests, with its weights.
func Destinations(route *envoy.Route) []k8s.Destination {
	if !divides(route) {
		return nil
	}
	var list []k8s.Destination
	for _, c := range route.Clusters {
		d := destination(c.Name)
		d.Weight = int64(c.Weight)
		list = append(list, d)
	}
	k8s.NameVersions(list)
	return list
}

// destination is what a cluster stands for.
func destination(cluster string) k8s.Destination {
	name := envoy.ParseClusterName(cluster)
	d := []k8s.Destination{{Host: name.Host, Subset: name.Subset, Port: name.Port}}
	k8s.NameVersions(d)
	return d[0]
}

// Describe says what a route does, for a sentence: "single 90%, multiple 10%".
func Describe(route *envoy.Route) string {
	switch {
	case route.Passthrough():
		return "no service of this host: the request passes through"
	case route.Blocked():
		return "no service of this host: the request is refused"
	case route.Kind == envoy.KindNone:
		return "no route for this request"
	case len(route.Clusters) == 0:
		return fmt.Sprintf("a %s with status %d", route.Kind, route.Status)
	case !divides(route):
		return "no rule: everything to " + destination(route.Clusters[0].Name).Host
	}
	list := Destinations(route)
	names, weights := make([]string, len(list)), make([]float64, len(list))
	for i, d := range list {
		names[i], weights[i] = d.Version, float64(d.Weight)
	}
	return sharesOf(names, normalise(weights))
}
