package diagnose

import (
	"time"

	"respy/k8s"
	"respy/k8s/envoy"
	"respy/probe"
	"respy/stats"
)

// Evidence is what was seen of the four stages.
type Evidence struct {
	Target      string
	Expectation *Expectation // nil: nothing to compare with
	WhyNone     string       // why there is no expectation
	Explicit    bool         // the user named a source of the expectation

	Declared Declared
	Proxies  []ProxyView // of every proxy that was read
	Bare     bool        // nothing of a sidecar listens where the requests are sent from
	Observed probe.Result
	Observer *Observer // what followed the run, nil for nothing
	Watch    *Watch    // of others' requests, nil for a run that sends its own
	Requests int64     // how many requests were asked for, 0 when only a duration was
	ByProxy  bool      // versions are the clusters that the proxy chose; the answers name none
	Signal   int       // the signal that ended the run, 0 for none

	Shards []Shard // the reports that were pooled, none for a run
	Unseen []Unseen
}

// Declared is what the objects say about the request.
type Declared struct {
	Read    bool         // objects were read
	Objects *k8s.Objects // these, nil when they are not at hand
	Source  string       // where the rule stands: FromFile or FromCluster
	Known   string       // of which kinds every object was read
	Caller  k8s.Caller   // for whom the rule was looked up
	k8s.Lookup

	Again *Redeclared // after the run; nil when it was not looked at again
}

// Redeclared is what the objects say after the run.
type Redeclared struct {
	k8s.Lookup
	Err error // why they could not be read again
}

// complete reports whether every object of a kind was read.
func (d Declared) complete(kind string) bool { return d.Objects != nil && d.Objects.Complete[kind] }

// ProxyView is one proxy before and after the sending.
type ProxyView struct {
	Server        envoy.Server
	Before, After *envoy.Route  // nil when it could not be read
	Meanwhile     *envoy.Route  // the first one that was seen to differ from Before in mid-run, nil for none
	ChangedAfter  time.Duration // from the start of the run or watch until a difference was seen; 0 when that was after it
	Restarted     bool
	Waited        time.Duration         // until it followed the declared rule
	Hosts         map[string]int        // healthy hosts by cluster
	Clusters      []envoy.Cluster       // of the services that the request may go to, after the run; nil when not read
	Configs       []envoy.ClusterConfig // of the same, nil when not read
	Delta         *envoy.Delta          // what its clusters counted in between, nil when that could not be read
}

// Settings are the choices of the user.
type Settings struct {
	Alpha     float64 // probability of a false alarm
	Test      stats.Kind
	MaxErrors float64 // share of the requests that may fail, 0 to 1
	Pass      bool    // an inconclusive run exits 0
	EarlyStop bool    // the run was watched, to end once it was decided
	Tolerance float64 // how far a share may be off, 0 to 1; 0: the weights are tested as they are
	Sessions  int     // requests of a session; 0: there are none
}
