package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"respy/k8s"
	"respy/k8s/envoy"
	"respy/probe"
	"respy/stats"
)

// Ids of findings about pods that answer in the name of another version.
const (
	subsetOverlap    = "subset-overlap"
	subsetWrongPods  = "subset-wrong-pods"
	versionDisagrees = "version-disagrees"
)

// findPods says whose pods answered, where the proxy chose right and other versions answered.
func (j *judge) findPods() error {
	if j.explained() && !j.objectsTell || j.named == 0 || j.findOverlap() || j.split.outcome != stats.Outside && j.tally.intruders == 0 {
		return nil
	}
	swapped, err := j.swapped()
	if err != nil || !swapped && !j.answeredByOthers() {
		return err
	}
	evidence := []string{fmt.Sprintf("answers: %s", pairs(j.Expectation.Names(), j.answers().counts))}
	if swapped {
		evidence = []string{"the counts fit the weights the other way round: " + j.sharesText()}
	}
	if j.chosen.usable() {
		evidence = append(evidence, fmt.Sprintf("the proxy sent %s, and others answered", pairs(j.Expectation.Names(), j.chosen.counts)))
	}
	j.nameWrongPods(swapped, evidence)
	return nil
}

// swapped reports whether the answers of two versions are those of each other: their counts fit the exchanged weights, and
// the proxy, where it can be told, chose right.
func (j *judge) swapped() (bool, error) {
	shares := j.Expectation.Shares()
	if j.split.outcome != stats.Outside || j.tally.intruders > 0 || len(shares) != 2 || shares[0] == shares[1] || min(shares[0], shares[1]) == 0 {
		return false, nil
	}
	fits, err := j.fits("swapped", []float64{shares[1], shares[0]})
	if err != nil || !fits || !j.chosen.usable() {
		return fits, err
	}
	answers := j.answers().counts
	return within(j.chosen.counts[0], answers[1], j.errors) && within(j.chosen.counts[1], answers[0], j.errors), nil
}

// within reports whether so many requests chosen were answered so many times, but for some errors.
func within(chosen, answered, errors int64) bool {
	return answered <= chosen && chosen-answered <= errors
}

// answeredByOthers reports whether the proxy's choices are known to the last request, and the answers are others.
func (j *judge) answeredByOthers() bool {
	if !j.chosen.usable() || j.overTCP() || j.chosen.elsewhere > 0 || j.Observed.Resent > 0 ||
		sum(j.chosen.counts) < j.answers().total() {
		return false
	}
	return slices.ContainsFunc(j.chosen.counts, func(n int64) bool { return n > 0 }) && j.disagree()
}

func (j *judge) disagree() bool {
	answers := j.answers().counts
	for i, n := range j.chosen.counts {
		if answers[i] > n || n-answers[i] > j.errors {
			return true
		}
	}
	return false
}

// nameWrongPods tells pods that the wrong subset selects from pods that answer with another version than they are labelled
// with, where the versions of the pods behind a destination are known.
func (j *judge) nameWrongPods(swapped bool, evidence []string) {
	behind, known := j.versionsBehind()
	wrong := slices.ContainsFunc(behind, func(p placed) bool { return p.version >= 0 && p.version != p.of })
	for _, p := range behind {
		evidence = append(evidence, p.text)
	}
	f := k8s.Finding{ID: subsetWrongPods, Severity: k8s.SeverityError, Object: j.destinationRule(), Field: "spec.subsets[].labels", Evidence: evidence}
	switch {
	case wrong:
		f.Summary = "a subset selects the pods of another version"
		f.Fix = "make the labels of each subset those of its own pods"
		if swapped {
			f.Summary, f.Fix = "the shares are swapped: the subsets select the pods of another version", "exchange the labels of the two subsets"
		}
	case j.tally.intruders > 0:
		return // how a version answers is not known
	case known:
		f.ID, f.Object, f.Field = versionDisagrees, "the pods of "+j.host(), "metadata.labels"
		f.Summary = "the pods are the right ones by their labels, and answer with another version than these say"
		f.Fix = "see which image the pods run, and where the application takes its version from"
	case swapped:
		f.Summary = "the shares are swapped: the subsets may select the pods of each other's version, or the weights stand the wrong way round"
		f.Fix = "compare the labels of the two subsets with those of their pods"
	default:
		j.noteOnce("observed", "pods answer in the name of another version than the one that the proxy chose: whether a subset selects the wrong pods, or "+
			"the pods say so wrongly, cannot be seen without their labels")
		return
	}
	j.addCause(f)
}

// placed is a pod, or a label that selects pods, behind an expected version.
type placed struct {
	of      int // the expected version that it stands behind
	version int // the one that it is labelled with, -1 if none that is expected
	text    string
}

// versionsBehind lists the pods behind the versions with their labels, as the proxy was told, else the version labels by
// which the destinations select. Known says that each is labelled with an expected version.
func (j *judge) versionsBehind() (list []placed, known bool) {
	labelled, err := probe.NewRecognizer(probe.Source{}, namesOnly(j.Expectation.Names()))
	if err != nil {
		return nil, false
	}
	version := func(label string) int {
		if v := labelled.Line([]byte(label)); v < len(j.Expectation.Versions) && label != "" {
			return v
		}
		return -1
	}
	for _, h := range j.hops() {
		if i := j.Expectation.index(h.cluster); i >= 0 && h.config != nil {
			for _, e := range h.config.Endpoints {
				list = append(list, placed{i, version(e.Workload.Revision),
					fmt.Sprintf("%s: %s is of workload %s, version %s", h.destination(), e.Address, orNone(e.Workload.Name), orNone(e.Workload.Revision))})
			}
		}
	}
	if len(list) == 0 {
		list = j.labelsBehind(version)
	}
	return list, len(list) > 0 && !slices.ContainsFunc(list, func(p placed) bool { return p.version < 0 })
}

// labelsBehind are the version labels by which the destinations select their pods.
func (j *judge) labelsBehind(version func(string) int) []placed {
	var list []placed
	for i, v := range j.Expectation.Versions {
		for _, d := range v.Destinations {
			label := d.Selector["version"]
			list = append(list, placed{i, version(label), fmt.Sprintf("%s selects version: %s", d.Version, label)})
		}
	}
	return list
}

func namesOnly(names []string) []probe.Expected {
	list := make([]probe.Expected, len(names))
	for i, name := range names {
		list[i] = probe.Expected{Name: name}
	}
	return list
}

// findOverlap holds where two clusters of different versions have an address in common.
func (j *judge) findOverlap() bool {
	hops := j.hops()
	for i, a := range hops {
		for _, b := range hops[i+1:] {
			of := [2]int{j.Expectation.index(a.cluster), j.Expectation.index(b.cluster)}
			shared := sharedHosts(a.status, b.status)
			if of[0] < 0 || of[1] < 0 || of[0] == of[1] || len(shared) == 0 || a.headless() || b.headless() {
				continue
			}
			j.addCause(k8s.Finding{ID: subsetOverlap, Severity: k8s.SeverityError, Object: a.rule(), Field: "spec.subsets[].labels",
				Summary:  fmt.Sprintf("the %s and the %s select the same pods, so that one version answers in the other's share", a.destination(), b.destination()),
				Evidence: []string{fmt.Sprintf("both clusters of the proxy have %s", strings.Join(shared, ", "))},
				Fix:      "give each subset a label that its own pods alone have, such as version"})
			return true
		}
	}
	return false
}

func (h hop) headless() bool { return h.config != nil && h.config.Type == envoy.OriginalDestination }

func sharedHosts(a, b *envoy.Cluster) []string {
	if a == nil || b == nil {
		return nil
	}
	var shared []string
	for _, h := range a.Hosts {
		if slices.ContainsFunc(b.Hosts, func(o envoy.Host) bool { return o.Address == h.Address }) {
			shared = append(shared, h.Address)
		}
	}
	return shared
}
