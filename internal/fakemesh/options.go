package fakemesh

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"
)

// Options describe a mesh. The zero value is a healthy one that splits 90/10.
type Options struct {
	// Weights are what the rule declares, one a version, with at most six
	// decimals; nil means 90, 10. A version of weight 0 is never drawn.
	Weights []float64
	// Versions name the versions; nil means v1, v2 and so on.
	Versions []string
	// Fault is what is wrong; empty means None.
	Fault Fault
	// Seed determines every draw: the n-th request (connection, under
	// PerConnection) gets the same answer in every mesh of the same options.
	Seed uint64
	// Lag is how many requests follow other weights under Lagging; 0 means 300.
	Lag int
	// Latency is how long each version takes to answer; nil means no time.
	Latency []time.Duration
	// ProgrammedRight makes the admin endpoint show the weighted route, and
	// the subset of each chosen pod, also when the fault ignores the weights:
	// then nothing but the counts shows the fault.
	ProgrammedRight bool
}

// versionName is what Kubernetes allows as a label value. It also keeps names
// from breaking cluster names (a pipe), cookies and YAML.
var versionName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`)

// complete fills in the defaults and rejects what makes no mesh.
func (o *Options) complete() error {
	if o.Weights == nil {
		o.Weights = []float64{90, 10}
	}
	if o.Versions == nil {
		for i := range o.Weights {
			o.Versions = append(o.Versions, fmt.Sprintf("v%d", i+1))
		}
	}
	o.Versions = slices.Clone(o.Versions)
	if o.Fault == "" {
		o.Fault = None
	}
	if o.Lag == 0 {
		o.Lag = 300
	}
	if o.Latency == nil {
		o.Latency = make([]time.Duration, len(o.Versions))
	}
	return o.check()
}

func (o *Options) check() error {
	n := len(o.Weights)
	switch {
	case n == 0:
		return errors.New("a mesh needs at least one weight")
	case len(o.Versions) != n:
		return fmt.Errorf("%d weights for %d versions: give one for each", n, len(o.Versions))
	case len(o.Latency) != n:
		return fmt.Errorf("%d latencies for %d versions: give one for each", len(o.Latency), n)
	case o.Lag < 0:
		return fmt.Errorf("lag of %d requests is negative", o.Lag)
	}
	for i, name := range o.Versions {
		if !versionName.MatchString(name) {
			return fmt.Errorf("version %q: use up to 63 letters, digits, - _ and . as in a label", name)
		}
		if name == serviceName {
			return fmt.Errorf("version %q has the name of the service, which every answer holds", name)
		}
		if slices.Contains(o.Versions[:i], name) {
			return fmt.Errorf("version %q is given twice", name)
		}
	}
	_, err := ParseFault(string(o.Fault))
	return err
}

// integers returns the smallest power of ten times weights that has no
// decimals, as rules and proxies want them, up to Envoy's limit of 2³²-1 in all.
func integers(weights []float64) ([]uint64, error) {
	for scale := 1.0; scale <= 1e6; scale *= 10 {
		if scaled, ok := scaleTo(weights, scale); ok {
			return scaled, checkSum(scaled)
		}
	}
	return nil, fmt.Errorf("weights %v: use numbers from 0 to %d with at most six decimals", weights, math.MaxInt32)
}

func scaleTo(weights []float64, scale float64) ([]uint64, bool) {
	scaled := make([]uint64, len(weights))
	for i, w := range weights {
		x := w * scale
		whole := math.Round(x)
		if !(x >= 0 && x <= math.MaxInt32) || math.Abs(x-whole) > 1e-9*max(1, x) {
			return nil, false
		}
		scaled[i] = uint64(whole)
	}
	return scaled, true
}

func checkSum(weights []uint64) error {
	switch total := sum(weights); {
	case total == 0:
		return errors.New("every weight is 0: one must be positive")
	case total > math.MaxUint32:
		return fmt.Errorf("weights add up to %d, a proxy takes at most %d", total, uint32(math.MaxUint32))
	}
	return nil
}

func sum(weights []uint64) uint64 {
	var total uint64
	for _, w := range weights {
		total += w
	}
	return total
}
