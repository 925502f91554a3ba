package diagnose

import (
	"math"
	"slices"
	"strings"

	"respy/k8s"
	"respy/k8s/envoy"
	"respy/probe"
)

// Where an expectation comes from.
const (
	FromFlag    = "flag"
	FromFile    = "file"
	FromCluster = "cluster"
	FromEnvoy   = "envoy"
)

// Expectation is the split that the answers are compared with.
type Expectation struct {
	Source   Source
	Versions []Expected
	Mapping  []k8s.Mapping // of destinations to versions, from the user
}

// Expected is one version of an expectation.
type Expected struct {
	Name   string
	Weight float64  // relative to the sum of all; 0 for a version that must not answer
	Mapped []string // texts that the user declared to mean this version
	Labels []string // label values of the pods behind it

	Destinations []k8s.Destination // that stand for it, as far as they are known
}

// Share is a version and its weight as a user gives them.
type Share struct {
	Name   string
	Weight float64
}

// Declared reports whether the weights are those of a declared rule.
func (e *Expectation) Declared() bool {
	return e.Source.Kind == FromFile || e.Source.Kind == FromCluster
}

// Names are the versions' names, in order.
func (e *Expectation) Names() []string {
	names := make([]string, len(e.Versions))
	for i, v := range e.Versions {
		names[i] = v.Name
	}
	return names
}

// Weights are the versions' weights, in order.
func (e *Expectation) Weights() []float64 {
	weights := make([]float64, len(e.Versions))
	for i, v := range e.Versions {
		weights[i] = v.Weight
	}
	return weights
}

// possible reports whether any version may answer.
func (e *Expectation) possible() bool {
	return slices.ContainsFunc(e.Versions, func(v Expected) bool { return v.Weight > 0 })
}

// Shares are the weights divided by their sum.
func (e *Expectation) Shares() []float64 { return normalise(e.Weights()) }

// Recognise is what a recognizer has to know of the versions; nil for no expectation.
func (e *Expectation) Recognise() []probe.Expected {
	if e == nil {
		return nil
	}
	versions := make([]probe.Expected, len(e.Versions))
	for i, v := range e.Versions {
		versions[i] = probe.Expected{Name: v.Name, Mapped: v.Mapped, Labels: v.Labels}
	}
	return versions
}

// FromShares is the expectation of weights given by the user. Where a name is that of a destination, the labels of that
// destination's pods help to recognise it.
func FromShares(shares []Share, destinations []k8s.Destination, mapping []k8s.Mapping) *Expectation {
	e := &Expectation{Source: Source{Kind: FromFlag}, Mapping: mapping}
	for _, s := range shares {
		e.Versions = append(e.Versions, Expected{Name: s.Name, Weight: s.Weight})
	}
	for i, index := range e.assign(destinations) {
		if index >= 0 {
			e.Versions[index].Labels = append(e.Versions[index].Labels, destinations[i].Labels...)
			e.Versions[index].Destinations = append(e.Versions[index].Destinations, destinations[i])
		}
	}
	for i, v := range e.Versions {
		for _, m := range mapping {
			if m.Destination == v.Name {
				e.Versions[i].Mapped = append(e.Versions[i].Mapped, m.Version)
			}
		}
	}
	return e
}

// FromRule is the expectation of a declared rule; kind is FromFile or FromCluster.
func FromRule(kind string, rule *k8s.Rule, mapping []k8s.Mapping) *Expectation {
	e := &Expectation{Mapping: mapping, Source: Source{
		Kind: kind, Route: rule.Ref(), Rule: rule.Index + 1, RuleHash: rule.Hash(),
		Generation: rule.Generation, RouteVersion: rule.ResourceVersion,
	}}
	e.addDestinations(rule.Destinations)
	return e
}

// FromRoute is the expectation of the route that the proxy is programmed with, nil if that route divides nothing, or says
// nothing of versions since it sends everything to the whole service that the request is for.
func FromRoute(route *envoy.Route, mapping []k8s.Mapping) *Expectation {
	destinations := Destinations(route)
	if len(destinations) == 0 || len(destinations) == 1 && toItself(route, destinations[0]) {
		return nil
	}
	e := &Expectation{Mapping: mapping, Source: Source{
		Kind: FromEnvoy, Route: route.Source.String(), RuleHash: route.Hash(), RouteVersion: route.Version,
	}}
	e.addDestinations(destinations)
	return e
}

// toItself reports whether a route sends the requests for a service to that service, whatever its version. Istio names a
// virtual host HOST:PORT.
func toItself(route *envoy.Route, d k8s.Destination) bool {
	host, _, _ := strings.Cut(route.VirtualHost, ":")
	return d.Subset == "" && (strings.EqualFold(host, d.Host) || route.Protocol == envoy.TCP)
}

// addDestinations adds a version for each destination. Destinations that the user calls by one name are one version.
func (e *Expectation) addDestinations(destinations []k8s.Destination) {
	for i, name := range k8s.Assign(destinations, nil, e.Mapping) {
		d := destinations[i]
		k := slices.IndexFunc(e.Versions, func(v Expected) bool { return v.Name == name })
		if k < 0 {
			k = len(e.Versions)
			e.Versions = append(e.Versions, Expected{Name: name})
		}
		v := &e.Versions[k]
		v.Weight += float64(d.Weight)
		v.Labels = append(v.Labels, d.Labels...)
		v.Destinations = append(v.Destinations, d)
	}
}

// assign finds the version that each destination goes by, -1 where none. A mapping to a name that is not expected says
// how a version answers, not which destination it is.
func (e *Expectation) assign(destinations []k8s.Destination) []int {
	names := e.Names()
	mapping := slices.DeleteFunc(slices.Clone(e.Mapping), func(m k8s.Mapping) bool { return !slices.Contains(names, m.Version) })
	index := make([]int, len(destinations))
	for i, name := range k8s.Assign(destinations, names, mapping) {
		index[i] = slices.Index(names, name)
	}
	return index
}

// index finds the version that a cluster stands for, -1 if none. A cluster that Istio named is that of the destination
// with the same host and subset; one of the same name on another host is another version.
func (e *Expectation) index(cluster string) int {
	d := destination(cluster)
	if i := e.standsFor(d); i >= 0 {
		return i
	}
	if e.Source.Kind != FromFlag && envoy.ParseClusterName(cluster).Direction != "" {
		return -1
	}
	return e.assign([]k8s.Destination{d})[0]
}

// standsFor finds the version that has a destination, -1 if none.
func (e *Expectation) standsFor(d k8s.Destination) int {
	return slices.IndexFunc(e.Versions, func(v Expected) bool {
		return slices.ContainsFunc(v.Destinations, func(own k8s.Destination) bool {
			return strings.EqualFold(own.Host, d.Host) && own.Subset == d.Subset
		})
	})
}

// normalise divides by the sum.
func normalise(weights []float64) []float64 {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	shares := make([]float64, len(weights))
	for i, w := range weights {
		shares[i] = w / total
	}
	return shares
}

// unknownShares is a share that does not exist for each of n versions.
func unknownShares(n int) []float64 {
	shares := make([]float64, n)
	for i := range shares {
		shares[i] = math.NaN()
	}
	return shares
}
