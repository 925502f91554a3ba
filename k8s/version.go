package k8s

import (
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
)

// NameVersions gives each destination the shortest of its names that no other one has: its subset, or its Service;
// Service and subset; with the namespace; with the port.
func NameVersions(list []Destination) {
	levels := make([]int, len(list))
	for range 5 {
		owners := map[string]int{}
		for i := range list {
			list[i].Version = list[i].name(levels[i])
			owners[list[i].Version]++
		}
		for i := range list {
			if owners[list[i].Version] > 1 {
				levels[i]++
			}
		}
	}
}

func (d Destination) name(level int) string {
	switch {
	case level == 0 && d.Subset != "":
		return d.Subset
	case level <= 1:
		return withSubset(shortHost(d.Host), d.Subset)
	case level == 2:
		return withSubset(d.Host, d.Subset)
	default:
		return withSubset(net.JoinHostPort(d.Host, strconv.Itoa(d.Port)), d.Subset)
	}
}

func withSubset(host, subset string) string {
	if subset == "" {
		return host
	}
	return host + "/" + subset
}

// shortHost is the name of the Service; other hosts are kept whole.
func shortHost(host string) string {
	name, rest, _ := strings.Cut(host, ".")
	if strings.Contains(rest, ".svc.") {
		return name
	}
	return host
}

// labelDestinations finds the label values by which an answer may give a destination away. Values that several
// destinations share (app: reviews) stand for none of them.
func labelDestinations(list []Destination, o *Objects, caller Caller) {
	owners := map[string]int{}
	for i := range list {
		list[i].Labels = labelValues(list[i].Selector)
		for _, value := range o.podVersions(list[i], caller) {
			if !slices.Contains(list[i].Labels, value) {
				list[i].Labels = append([]string{value}, list[i].Labels...)
			}
		}
		for _, value := range list[i].Labels {
			owners[value]++
		}
	}
	for i := range list {
		list[i].Labels = slices.DeleteFunc(list[i].Labels, func(value string) bool { return owners[value] > 1 })
	}
}

// labelValues lists the values once each: that of the label "version" first, the others in the order of their keys.
func labelValues(labels map[string]string) []string {
	var values []string
	for _, key := range append([]string{"version"}, slices.Sorted(maps.Keys(labels))...) {
		if value := labels[key]; value != "" && !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values
}

// podVersions is the "version" label of the pods that a destination selects, when all of them have the same one.
func (o *Objects) podVersions(d Destination, caller Caller) []string {
	_, namespace, ok := splitService(d.Host, caller.domain())
	if !ok || len(d.Selector) == 0 {
		return nil
	}
	selector := d.Selector
	if s := o.serviceOf(d.Host, caller); s != nil {
		selector = maps.Clone(s.Spec.Selector)
		if selector == nil {
			return nil
		}
		maps.Copy(selector, d.Selector)
	}
	versions := map[string]bool{}
	for pod := range o.podsOf(namespace, selector) {
		versions[pod.Labels["version"]] = true
	}
	for w := range o.workloadsOf(namespace, selector) {
		versions[w.Spec.Template.Labels["version"]] = true
	}
	if len(versions) != 1 || versions[""] {
		return nil
	}
	return slices.Collect(maps.Keys(versions))
}

// selects reports whether labels hold everything that a selector asks for.
func selects(selector, labels map[string]string) bool {
	for key, value := range selector {
		if got, ok := labels[key]; !ok || got != value {
			return false
		}
	}
	return true
}
