package k8s

import "slices"

// view is what a proxy makes of a request, and what it was meant to make of it.
type view struct {
	caller   Caller   // as the proxy in question is seen by the control plane
	mesh     bool     // it is that of a sidecar
	tables   []*table // that name the host, those that the proxy does not have included
	governs  *table   // the table that answers for the host; nil when none does
	hit      *route   // the route that the request takes
	meant    *route   // the one that was meant for it
	supposed string   // of the caller, for it to take the hit; "" when that is known
	findings []Finding
	unseen   []Unseen
}

// settled reports whether the rule that is meant is the one in effect.
func (v *view) settled() bool { return v.meant != nil && v.meant == v.hit }

func (v *view) note(format string, args ...any) { v.unseen = append(v.unseen, unseen(format, args...)) }

func (v *view) find(f Finding) { v.findings = append(v.findings, f) }

// meshView is that of a sidecar: one table governs a host whole, the others are ignored.
func (s *search) meshView() (*view, error) {
	tables, err := s.meshTables()
	if err != nil {
		return nil, err
	}
	v := &view{caller: s.caller, mesh: true, tables: tables}
	live, idle := partition(withoutBeaten(tables))
	live = httpFirst(live)
	if err := s.arrange(live); err != nil {
		return nil, err
	}
	s.follow(v, live)
	v.findings = append(v.findings, s.conflicts(v, live)...)
	v.findings = append(v.findings, s.rivalSidecars()...)
	if v.meant == nil {
		s.seek(v, live, idle)
	}
	for _, sidecar := range s.objects.doubtfulSidecars(s.caller) {
		v.note("it is not known whether %s selects the caller: it is taken not to (--labels says what the caller is)", object{"Sidecar", &sidecar.Meta})
	}
	return v, nil
}

// partition separates the tables that the proxy has from the others, of which that of the nearest host is the first.
func partition(tables []*table) (live, idle []*table) {
	for _, t := range tables {
		if t.inEffect() {
			live = append(live, t)
		} else {
			idle = append(idle, t)
		}
	}
	slices.SortStableFunc(idle, func(a, b *table) int { return a.before(b) })
	return live, idle
}

// withoutBeaten leaves out the tables of wildcards where the proxy has one with a better host: that one has the Service
// even if none of its rules is for the caller, and of one wildcard the first object has it.
func withoutBeaten(tables []*table) []*table {
	var best *table
	for _, t := range tables {
		if t.fault == nil && (best == nil || t.before(best) < 0) {
			best = t
		}
	}
	return slices.DeleteFunc(slices.Clone(tables), func(t *table) bool {
		return best != nil && t != best && t.fault == nil && (t.rank < best.rank || best.rank < rankExact && len(best.live) == 0 && !t.unordered(best))
	})
}

// httpFirst leaves out the tables of tcp and tls rules where there are http rules: those are for other connections.
func httpFirst(live []*table) []*table {
	isHTTP := func(t *table) bool { return t.live[0].spec.protocol == "http" }
	if !slices.ContainsFunc(live, isHTTP) {
		return live
	}
	return slices.DeleteFunc(live, func(t *table) bool { return !isHTTP(t) })
}

// arrange puts the table that wins first. Among objects that were never created, only --route can say which it is.
func (s *search) arrange(live []*table) error {
	slices.SortStableFunc(live, func(a, b *table) int { return a.before(b) })
	if len(live) < 2 || !live[0].unordered(live[1]) {
		return nil
	}
	if s.named != nil {
		if i := slices.IndexFunc(live, func(t *table) bool { return t.holds(*s.named) }); i >= 0 && live[0].unordered(live[i]) {
			live[0], live[i] = live[i], live[0]
			return nil
		}
	}
	return ambiguous(live[0].object, live[1].object, s.names)
}

// follow finds the route that the request takes in the first table.
func (s *search) follow(v *view, live []*table) {
	if len(live) == 0 {
		return
	}
	v.governs = live[0]
	hit, passed := take(live[0].live, s.request, s.wanted)
	v.hit = hit
	if v.supposed = supposed(hit, passed); v.supposed != "" {
		v.note("it is not known whether the caller %s: it is taken to, and to use %s of %s (--labels and --namespace say who calls)",
			v.supposed, hit.at, live[0].object)
	}
	if hit != nil && s.wanted(*hit) {
		v.meant = hit
		s.unreached(v)
	}
}

// unreached finds a rule with weights, behind the one that is in effect, that no request can reach.
func (s *search) unreached(v *view) {
	if r := s.behind(v, s.wanted); r != nil {
		v.find(routeShadowed(*v.hit, *r, SeverityWarning))
	}
}

// seek looks for a rule that would take the request but for a fault. A rule with weights is preferred; where no rule is
// in effect, or another one than --route names, any will do.
func (s *search) seek(v *view, live, idle []*table) {
	if v.governs != nil && v.hit == nil {
		v.find(noRuleMatches(v.governs, s.request))
	}
	s.seekIn(v, live, idle, s.wanted)
	s.seekDelegated(v, gapsOf(v, idle))
	if v.meant == nil && s.unserved(v) {
		s.seekIn(v, live, idle, func(r route) bool { return r.spec.local == "" && s.belongs(r) })
	}
	for _, g := range gapsOf(v, idle) {
		if g.sure {
			v.find(delegateMissing(g))
		} else {
			v.note("%s, to which %s of %s delegates, is not here", g.to, g.root.field, g.root.object)
		}
	}
}

// seekDelegated looks among the rules of delegates that are not in effect.
func (s *search) seekDelegated(v *view, gaps []gap) {
	for _, g := range gaps {
		t := &table{object: g.to}
		t.fill(g.lost, place{caller: s.caller, request: s.request, mesh: s.caller.Entry != EntryGateway, of: g.root.object.meta.Namespace})
		if hit, _ := take(t.live, s.request, s.wanted); v.meant == nil && hit != nil && s.wanted(*hit) {
			v.meant = hit
		}
	}
}

func gapsOf(v *view, idle []*table) []gap {
	var gaps []gap
	if v.governs != nil {
		gaps = append(gaps, v.governs.gaps...)
	}
	for _, t := range idle {
		gaps = append(gaps, t.gaps...)
	}
	return gaps
}

func (s *search) seekIn(v *view, live, idle []*table, wanted func(route) bool) {
	for _, try := range []func() bool{
		func() bool { return v.governs != nil && s.seekShadowed(v, wanted) },
		func() bool { return v.governs != nil && s.unserved(v) && s.seekExcluded(v, v.governs, wanted) },
		func() bool { return len(live) > 1 && s.seekLoser(v, live[1:], wanted) },
		func() bool { return s.seekIdle(v, idle, wanted) },
		func() bool { return v.governs != nil && v.hit == nil && seekAny(v, wanted) },
	} {
		if try() {
			return
		}
	}
}

// seekShadowed looks behind the route that the request takes, in the same table.
func (s *search) seekShadowed(v *view, wanted func(route) bool) bool {
	r := s.behind(v, wanted)
	if r != nil {
		v.meant = r
		v.find(routeShadowed(*v.hit, *r, SeverityError))
	}
	return r != nil
}

// behind finds a route that would take the request, of a rule that no request of any caller, gateway or port can reach:
// the one that takes the request takes all that it would. One that is left to other requests is as it was meant.
func (s *search) behind(v *view, wanted func(route) bool) *route {
	if v.hit == nil {
		return nil
	}
	routes := v.governs.live
	at := slices.IndexFunc(routes, func(r route) bool { return r.at == v.hit.at && r.spec == v.hit.spec })
	for i := at + 1; i < len(routes); i++ {
		if r := &routes[i]; r.spec != v.hit.spec && wanted(*r) && r.match.takes(s.request) && coversStatic(v.hit.match, r.match) && unreachable(routes, i) && s.oneGateway(v, v.hit.spec, r.spec) {
			return r
		}
	}
	return nil
}

// unserved reports whether no rule takes the request, or none of the object that --route names: a caller that a rule is
// not for, and that another one serves, gets what was meant for it.
func (s *search) unserved(v *view) bool { return v.hit == nil || !s.belongs(*v.hit) }

// seekExcluded looks among the routes that the caller does not get. A rule for another port was not meant for it.
func (s *search) seekExcluded(v *view, t *table, wanted func(route) bool) bool {
	for i := range t.excluded {
		e := &t.excluded[i]
		if e.because.on != onPort && wanted(e.route) && e.match.takes(s.request) {
			v.meant = &e.route
			v.find(sourceMismatch(*e, v.caller))
			return true
		}
	}
	return false
}

// seekLoser looks in the tables that lost against the one that governs; the conflict is found already. One of a
// farther tier was overridden on purpose.
func (s *search) seekLoser(v *view, losers []*table, wanted func(route) bool) bool {
	for _, t := range losers {
		if t.rank != v.governs.rank || t.tier != v.governs.tier && s.named == nil {
			continue
		}
		if hit, _ := take(t.live, s.request, wanted); hit != nil && wanted(*hit) {
			v.meant = hit
			return true
		}
	}
	return false
}

// seekIdle looks in the tables that the proxy does not have. One that is bound to gateways alone was meant for the mesh
// only if nothing else governs there.
func (s *search) seekIdle(v *view, idle []*table, wanted func(route) bool) bool {
	for _, t := range idle {
		elsewhere := t.guessed || t.fault != nil && t.fault.ID == idNotOnMesh
		if v.governs != nil && elsewhere && s.named == nil {
			continue
		}
		if hit, _ := take(t.live, s.request, wanted); hit != nil && wanted(*hit) {
			v.meant = hit
		} else if !s.unserved(v) || !s.seekExcluded(v, t, wanted) {
			continue
		}
		if t.fault != nil {
			v.find(*t.fault)
		}
		return true
	}
	return false
}

// seekAny takes the first rule of a table of which none takes the request: it is the nearest to what was meant.
func seekAny(v *view, wanted func(route) bool) bool {
	i := slices.IndexFunc(v.governs.live, wanted)
	if i >= 0 {
		v.meant = &v.governs.live[i]
	}
	return i >= 0
}
