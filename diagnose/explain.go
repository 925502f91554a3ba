package diagnose

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"respy/k8s"
	"respy/k8s/envoy"
)

// Scene is who asks for what, and where the objects say that it goes.
type Scene struct {
	Request  k8s.Request
	Caller   k8s.Caller
	Assumed  bool          // the caller's sidecar is assumed: nothing says whether it has one
	Called   *k8s.Called   // nil when no objects were read
	Backends []k8s.Backend // by destination of the declared rule; without one, that of the whole Service
}

// Explain says what happens to one request, by what was seen without sending any: the objects, and the proxies before.
// The findings are those that a run would have from there. The error is one of the statistics, as in Judge.
func Explain(e Evidence, s Scene) (*Explanation, error) {
	j := &judge{Evidence: e, unseen: slices.DeleteFunc(slices.Clone(e.Unseen), ofAnswers)}
	j.Observer = &Observer{}
	j.compareProgrammed()
	if err := j.collectFindings(); err != nil {
		return nil, err
	}
	taken := e.Declared.Trail.Taken
	local := e.Declared.Rule == nil && taken != nil && taken.Local != ""
	if !local {
		j.noteReadiness(s.Backends)
	}
	x := &Explanation{Schema: Schema, Target: e.Target, Request: requestLine(s.Request), Caller: callerOf(s.Caller, s.Assumed, e.Declared.Trail.Entry),
		Service: calledService(s.Called), Rivals: []Rival{}, Destinations: j.destinations(s), Programmed: []Programmed{},
		Findings: orEmpty(j.findings), Unseen: orEmpty(j.unseen)}
	if r := e.Declared.Rule; r != nil {
		x.Rule = governing(r, e.Declared.Source, e.Declared.InEffect)
		x.Rule.Why = e.Declared.Trail.Why
		if taken != nil && !e.Declared.InEffect {
			x.Taken = governing(taken, e.Declared.Source, true)
			x.Taken.Why, x.Rule.Why = e.Declared.Trail.Why, ""
		}
	}
	if local {
		x.Rule, x.Destinations = governing(taken, e.Declared.Source, true), []DestinationShare{}
		x.Rule.Why = e.Declared.Trail.Why
	}
	for _, r := range e.Declared.Trail.Rivals {
		x.Rivals = append(x.Rivals, Rival(r))
	}
	for _, p := range e.Proxies {
		if p.Before != nil {
			x.Programmed = append(x.Programmed, j.programmedBy(p))
		}
	}
	x.Message, x.ExitCode = j.explanation(x)
	x.Unseen = slices.DeleteFunc(x.Unseen, func(u Unseen) bool { return u.Why == x.Message })
	return x, nil
}

// sentence is the summary with the object of the cluster that it is about.
func (f Finding) sentence() string {
	if !strings.Contains(f.Object, "/") || strings.Contains(" "+f.Summary, " "+f.Object) { // Service x/y is also the end of VirtualService x/y
		return f.Summary
	}
	return f.Object + ": " + f.Summary
}

// ofAnswers reports whether a note is about stages that come with requests, which an explanation does not send.
func ofAnswers(u Unseen) bool { return u.Stage == "chosen" || u.Stage == "observed" }

// noteReadiness says that nobody told which pods are ready, where somebody might have.
func (j *judge) noteReadiness(backends []k8s.Backend) {
	known := slices.ContainsFunc(backends, func(b k8s.Backend) bool { return b.Known })
	if !known && slices.ContainsFunc(backends, func(b k8s.Backend) bool { return b.Service != "" }) {
		j.note("declared", "nothing that was read says which pods are ready")
	}
}

func requestLine(r k8s.Request) *RequestLine {
	return &RequestLine{Method: r.Method, Host: r.Authority, Path: r.Path}
}

func callerOf(c k8s.Caller, assumed bool, entry k8s.Entry) *Caller {
	if c.Entry != k8s.EntryUnknown {
		entry = c.Entry
	}
	caller := &Caller{Namespace: c.Namespace, Labels: c.Labels, Pod: c.Pod, ServiceAccount: c.ServiceAccount, Entry: "unknown", Assumed: assumed}
	switch {
	case entry == k8s.EntryGateway:
		caller.Entry, caller.Gateway = "gateway", c.Gateway
	case entry == k8s.EntryWaypoint:
		caller.Entry = "waypoint"
	case c.Sidecar == k8s.Absent:
		caller.Entry = "none"
	case c.Entry == k8s.EntryMesh || c.Sidecar == k8s.Present:
		caller.Entry = "sidecar"
	}
	return caller
}

func calledService(c *k8s.Called) *CalledService {
	if c == nil {
		return nil
	}
	s := &CalledService{Object: c.Object, Host: c.Host, Port: c.Port, PortName: c.Name, Protocol: c.Protocol, Why: c.Why, Headless: c.Headless}
	switch {
	case c.Opaque:
		s.Level = unitConnection
	case c.Listens && strings.HasPrefix(c.Object, "Service "):
		s.Level = unitRequest
	}
	return s
}

// destinations are those of the rule that is meant; where no rule is known, those of the first proxy's route, else the
// Service as a whole.
func (j *judge) destinations(s Scene) []DestinationShare {
	var route *envoy.Route
	for _, p := range j.Proxies {
		if route == nil {
			route = p.Before
		}
	}
	var list []k8s.Destination
	if r := j.Declared.Rule; r != nil {
		list = r.Destinations
	} else if divides(route) {
		return shared(Destinations(route), nil, route)
	} else if s.Called != nil && s.Called.Object != "" {
		whole := []k8s.Destination{{Host: s.Called.Host, Port: s.Called.Port}}
		k8s.NameVersions(whole)
		only := shared(whole, s.Backends, nil)
		only[0].Weight, only[0].Share = Number(math.NaN()), 1
		return only
	}
	return shared(list, s.Backends, route)
}

// shared completes destinations with their shares. The route may be nil.
func shared(list []k8s.Destination, backends []k8s.Backend, route *envoy.Route) []DestinationShare {
	total := 0.0
	for _, d := range list {
		total += float64(d.Weight)
	}
	shares := make([]DestinationShare, 0, len(list))
	for i, d := range list {
		s := DestinationShare{Version: d.Version, Host: d.Host, Subset: d.Subset, Port: d.Port, Weight: Number(d.Weight),
			Share: Number(float64(d.Weight) / total), ProgrammedShare: Number(math.NaN()), Labels: d.Selector,
			DestinationRules: []string{}, Pods: []ServingPod{}}
		if i < len(backends) {
			s.fill(backends[i])
		}
		if divides(route) {
			s.ProgrammedShare = Number(shareOf(route, d))
		}
		shares = append(shares, s)
	}
	return shares
}

func (s *DestinationShare) fill(b k8s.Backend) {
	s.Service, s.DestinationRules = b.Service, orEmpty(b.Policies)
	ready := 0
	for _, v := range b.Serving {
		p := ServingPod{Object: v.Object, Address: v.Address}
		if v.Ready != k8s.PresenceUnknown {
			is := v.Ready == k8s.Present
			p.Ready = &is
			if is {
				ready++
			}
		}
		s.Pods = append(s.Pods, p)
	}
	if b.Known {
		s.ReadyPods = &ready
	}
}

// shareOf is what a route gives a destination, whatever the port.
func shareOf(route *envoy.Route, d k8s.Destination) float64 {
	share := 0.0
	for _, c := range route.Clusters {
		if to := destination(c.Name); strings.EqualFold(to.Host, d.Host) && to.Subset == d.Subset {
			share += route.Share(c.Name)
		}
	}
	return share
}

func (j *judge) programmedBy(p ProxyView) Programmed {
	r := p.Before
	out := Programmed{ID: p.Server.Node.ID, Does: Describe(r), Protocol: r.Protocol, RouteConfig: r.Config, VirtualHost: r.VirtualHost,
		Domain: r.Domain, Route: r.Name, Match: r.Match, Source: r.Source.String(), Clusters: []ProgrammedCluster{}, Notes: orEmpty(r.Notes)}
	if out.Route == "" && r.Index >= 0 {
		out.Route = strconv.Itoa(r.Index)
	}
	if j.Expectation != nil && j.Expectation.Source.Kind != FromEnvoy {
		if shares, comparable := j.Expectation.programmed(r); comparable {
			equals := sameShares(shares, j.Expectation.Shares())
			out.Equals = &equals
		}
	}
	named := make([]k8s.Destination, len(r.Clusters))
	for i, c := range r.Clusters {
		named[i] = destination(c.Name)
	}
	k8s.NameVersions(named)
	for i, c := range r.Clusters {
		cluster := ProgrammedCluster{Name: c.Name, Version: named[i].Version, Weight: c.Weight, Share: Number(r.Share(c.Name))}
		cluster.configure(p)
		out.Clusters = append(out.Clusters, cluster)
	}
	return out
}

// configure completes a cluster by what the proxy says of it and of its hosts.
func (c *ProgrammedCluster) configure(p ProxyView) {
	pods := map[string]string{}
	if i := slices.IndexFunc(p.Configs, func(have envoy.ClusterConfig) bool { return have.Name == c.Name }); i >= 0 {
		config := p.Configs[i]
		c.Type, c.LBPolicy, c.HTTP2, c.TLS, c.Rule = config.Type, config.LBPolicy, config.HTTP2, config.TLS, config.Rule.String()
		for _, e := range config.Endpoints {
			if pods[e.Address] = e.Workload.Name; e.Workload.Namespace != "" {
				pods[e.Address] = e.Workload.Namespace + "/" + e.Workload.Name
			}
		}
		if config.Endpoints != nil {
			c.Hosts = []ProgrammedHost{}
		}
		for _, e := range config.Endpoints {
			c.Hosts = append(c.Hosts, ProgrammedHost{Address: e.Address, Pod: pods[e.Address]})
		}
	}
	if i := slices.IndexFunc(p.Clusters, func(have envoy.Cluster) bool { return have.Name == c.Name }); i >= 0 {
		c.Hosts = []ProgrammedHost{}
		for _, h := range p.Clusters[i].Hosts {
			healthy := h.Healthy()
			c.Hosts = append(c.Hosts, ProgrammedHost{Address: h.Address, Healthy: &healthy, Health: healthOf(h), Pod: pods[h.Address]})
		}
	}
}

func healthOf(h envoy.Host) string {
	switch {
	case h.FailedOutlier:
		return "ejected by outlier detection"
	case h.FailedActiveCheck:
		return "ejected by a health check"
	}
	return h.EDSHealth
}

// explanation is the sentence that comes first, and the exit code.
func (j *judge) explanation(x *Explanation) (message string, code int) {
	if j.explained() {
		return j.findings[0].sentence(), exitMismatch
	}
	if o, differs := j.programmedDiffers(); differs {
		return o.message, exitMismatch
	}
	switch {
	case x.Rule != nil && x.Rule.InEffect:
		message = fmt.Sprintf("%s by %s %s", x.Rule.Shares, x.Rule.Object, x.Rule.Field)
		if len(x.Programmed) > 0 && j.programmed.route != nil {
			message += ", and the proxy has it so"
		} else if supposed := j.Declared.Trail.If; supposed != "" {
			message += ", if the caller " + supposed
		}
	case len(x.Programmed) > 0:
		message = "the proxy has " + x.Programmed[0].Does
	case x.Rule != nil:
		message = fmt.Sprintf("%s %s is not in effect for this request", x.Rule.Object, x.Rule.Field)
	default:
		message = "no rule for this request"
		for _, u := range j.Declared.Unseen {
			message = u.Why
		}
	}
	return message, exitMatch
}
