package k8s

import (
	"fmt"
	"slices"
)

// waypointView is that of a Service's waypoint: the rules of its own and of the Service's namespace, all objects one
// after the other (pilot/pkg/networking/core/listener_waypoint.go). The caller is the waypoint.
func (s *search) waypointView() (*view, error) {
	tables, err := s.meshTables()
	if err != nil {
		return nil, err
	}
	_, producer, _ := splitService(s.names.service, s.caller.domain())
	for _, t := range tables {
		t.rank = rankExact // a wildcard is as good as a name
		namespace := t.object.meta.Namespace
		if t.fault == nil && !t.forced && s.caller.Namespace != "" && namespace != s.caller.Namespace && namespace != producer {
			t.fault = notAtWaypoint(t.object, s.caller, producer)
		}
	}
	v := &view{caller: s.caller}
	live, idle := partition(tables)
	live = s.chain(live)
	v.tables = slices.Concat(live, idle)
	s.follow(v, live)
	if err := s.unambiguous(v); err != nil {
		return nil, err
	}
	if v.meant == nil {
		s.seek(v, live, idle)
	}
	return v, nil
}

// chain puts tables together in their order.
func (s *search) chain(tables []*table) []*table {
	if len(tables) == 0 {
		return nil
	}
	slices.SortStableFunc(tables, func(a, b *table) int { return a.before(b) })
	all := *tables[0]
	all.merged = all.merged && len(tables) == 1
	for _, t := range tables[1:] {
		all.live = slices.Concat(all.live, t.live)
		all.excluded = slices.Concat(all.excluded, t.excluded)
		all.gaps = slices.Concat(all.gaps, t.gaps)
	}
	return []*table{&all}
}

func notAtWaypoint(o object, waypoint Caller, producer string) *Finding {
	return &Finding{ID: "not-exported", Severity: SeverityError, Object: o.String(), Field: "metadata.namespace",
		Summary: fmt.Sprintf("a waypoint takes rules of its own namespace and of the Service's alone: %s is ignored", o),
		Evidence: []string{"the waypoint's namespace: " + waypoint.Namespace,
			"the Service's namespace: " + producer},
		Fix: "namespace: " + producer}
}
