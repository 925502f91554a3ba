package k8s

// complete adds to a rule's destinations what stands behind them.
func (o *Objects) complete(r *Rule, reaches []reach, s *spec, request *Request) {
	if r == nil {
		return
	}
	bare := o.bareBackends(s, reaches, request)
	for i := range r.Destinations {
		d := &r.Destinations[i]
		for j := range reaches {
			to := &reaches[j]
			if to.host == d.Host && to.subset == d.Subset && to.target.port == d.Port {
				o.completeOne(d, to, bare)
				break
			}
		}
	}
}

func (o *Objects) completeOne(d *Destination, to *reach, bare backends) {
	d.Limits = to.settings.limits()
	if mode := to.settings.mode(); mode != "" {
		d.TLS = to.settings.tls.object().String() + " " + to.settings.tls.field + ".mode: " + mode
	}
	pods, sure := to.pods()
	d.Policies = o.policyNames(pods)
	if !to.behind.known {
		return
	}
	for _, b := range pods {
		d.Pods = append(d.Pods, PodBehind{Name: b.name, Addresses: b.addrs, Version: b.version()})
	}
	if sure {
		d.Ready = new(len(pods))
	}
	if sure && bare.known {
		among := 0
		for _, b := range bare.list {
			for _, own := range pods {
				if own.name == b.name {
					among++
				}
			}
		}
		d.Bare = &among
	}
}

// policyNames are the policies that may refuse requests to one of the pods.
func (o *Objects) policyNames(pods []backend) []string {
	var names []string
	seen := map[string]bool{}
	for _, b := range pods {
		if b.pod == nil || o.sidecar(b) == Absent {
			continue
		}
		for _, p := range o.policiesOn(b) {
			if name := p.String(); p.action() != "AUDIT" && !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}

// bareBackends are the endpoints of the Service that is called: where requests go without a rule. Without a request it
// is the Service that the rule is for, if it is one alone.
func (o *Objects) bareBackends(s *spec, reaches []reach, request *Request) backends {
	if len(reaches) == 0 {
		return backends{}
	}
	caller := reaches[0].caller
	host := ""
	switch {
	case request != nil:
		host = o.namesOf(request.Host, caller).service
	case len(s.hosts) == 1:
		host = s.hosts[0]
	}
	return o.backends(o.serviceOf(host, caller))
}
