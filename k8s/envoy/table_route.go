package envoy

import (
	"net/http"

	"respy/k8s"
)

// route is what the table does with the request: the first matching route of the virtual host for the authority.
func (t table) route(req k8s.Request) Route {
	r := Route{Kind: KindNone, Protocol: HTTP, Config: t.name, Index: -1, Version: t.version, Updated: t.updated}
	v, domain, ok := t.virtualHost(req.Authority)
	if !ok {
		return r
	}
	r.VirtualHost, r.Domain = v.name, domain
	if v.body.field("require_tls").String() == "ALL" && req.Scheme == "http" {
		r.Kind, r.Status = KindRedirect, http.StatusMovedPermanently
		return r
	}
	if v.body.has("matcher") {
		r.other("a matcher tree")
		return r
	}
	for i, m := range v.body.list("routes") {
		match, notes := matchRoute(m.field("match"), req)
		r.Notes = append(r.Notes, notes...)
		if match {
			r.Index = i
			r.describe(m, v.body)
			return r
		}
	}
	return r
}

// describe fills in the route that was found, of that virtual host.
func (r *Route) describe(m, host message) {
	r.Name = m.text("name")
	r.Match = m.field("match").canonical()
	r.Source = parseSource(m)
	r.Fault = faultOf(m, host)
	r.setAction(m)
}
