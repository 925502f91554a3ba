package fakemesh

import (
	"fmt"
	"slices"
	"strings"
)

// Fault is what is wrong with a mesh. The zero value is None.
type Fault string

// The faults. With those that ignore the weights the programmed route is the
// default one of a service without rules, see Options.ProgrammedRight.
const (
	None           Fault = "none"            // each request is an independent draw by weight
	RoundRobin     Fault = "round-robin"     // the pods take turns, weights are ignored
	PerConnection  Fault = "per-connection"  // a random pod for each connection, as kube-proxy or a TCP listener picks
	Swapped        Fault = "swapped"         // subsets select each other's pods: the shares are reversed
	Lagging        Fault = "lagging"         // the first requests follow the pods, the others the weights
	Failing        Fault = "failing"         // the last version with a weight answers 503
	Ignored        Fault = "ignored"         // a random pod for each request, weights are ignored
	UnknownVersion Fault = "unknown-version" // about 1 answer in 50 names a version that no rule knows
	Sticky         Fault = "sticky"          // sessions stay on the version of their first answer
)

// Faults returns every fault, in the order in which to list them.
func Faults() []Fault {
	return []Fault{None, RoundRobin, PerConnection, Swapped, Lagging, Failing, Ignored, UnknownVersion, Sticky}
}

// ParseFault returns the fault called name. Its error lists them all.
func ParseFault(name string) (Fault, error) {
	if slices.Contains(Faults(), Fault(name)) {
		return Fault(name), nil
	}
	var known []string
	for _, f := range Faults() {
		known = append(known, string(f))
	}
	return "", fmt.Errorf("unknown fault %q: choose one of %s", name, strings.Join(known, ", "))
}

// unweighted reports whether the mesh never looks at the weights.
func (f Fault) unweighted() bool {
	return f == RoundRobin || f == PerConnection || f == Ignored
}
