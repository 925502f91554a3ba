package main

import (
	"fmt"
	"strings"

	"respy/diagnose"
	"respy/k8s"
)

// shares are the weights that a plan is for: the user's own, or those of a rule of the files.
func (c *planConfig) shares(std streams) ([]diagnose.Share, error) {
	if c.expect.shares != "" {
		if len(c.expect.files) > 0 || c.expect.route != "" || c.target != "" {
			note(std.err, "the weights are those of --expect: no rule is looked for")
		}
		return parseNameless(c.expect.shares)
	}
	if len(c.expect.files) == 0 {
		return nil, usagef("no weights to plan for: give them, as in --expect 90,10, or a file that holds them, as in -f routes.yaml")
	}
	rule, err := c.expect.rule(c.target, std)
	if err != nil {
		return nil, err
	}
	var shares []diagnose.Share
	total := 0.0
	for _, v := range diagnose.FromRule(diagnose.FromFile, rule, nil).Versions {
		shares = append(shares, diagnose.Share{Name: v.Name, Weight: v.Weight})
		total += v.Weight
	}
	if total == 0 {
		return nil, usagef("every weight of %s is 0: give weights with --expect, as in --expect 90,10", ruleName(rule))
	}
	note(std.err, "the weights are those of %s", ruleName(rule))
	if rule.Protocol != "http" {
		note(std.err, "the weights of a %s rule count connections: read connections for requests", rule.Protocol)
	}
	return shares, nil
}

// rule is the one that the URL takes; without a URL the only one with weights.
func (e *expectConfig) rule(target string, std streams) (*k8s.Rule, error) {
	objects, err := k8s.Load(e.files, std.in, e.namespace)
	if err != nil {
		return nil, usagef("%v", err)
	}
	caller := k8s.Caller{Namespace: e.namespace}
	if target != "" {
		return e.ruleOfURL(target, objects, caller)
	}
	var all []k8s.Lookup
	if e.route != "" {
		all, err = objects.RulesOf(e.route, caller)
	} else {
		all, err = objects.Rules(caller)
	}
	if err != nil {
		return nil, usagef("%v", err)
	}
	return e.onlyWeighted(all)
}

func (e *expectConfig) ruleOfURL(target string, objects *k8s.Objects, caller k8s.Caller) (*k8s.Rule, error) {
	request, err := k8s.NewRequest("", target, "", nil)
	if err != nil {
		return nil, usagef("%v", err)
	}
	lookup, err := objects.Lookup(request, caller, e.route)
	switch {
	case err != nil:
		return nil, usagef("%v", err)
	case lookup.Rule == nil:
		var why []string
		for _, u := range lookup.Unseen {
			why = append(why, u.Why)
		}
		return nil, usagef("%s takes no rule of the files: %s; give another URL, or --route KIND/NAME", target, strings.Join(why, "; "))
	case len(lookup.Rule.Destinations) < 2:
		return nil, usagef("%s takes %s, which has no weights to plan for: give another URL, or --route KIND/NAME", target, ruleName(lookup.Rule))
	}
	return lookup.Rule, nil
}

// onlyWeighted is the rule with weights, if there is just one.
func (e *expectConfig) onlyWeighted(all []k8s.Lookup) (*k8s.Rule, error) {
	var found *k8s.Rule
	var names []string
	seen := map[string]bool{}
	for _, l := range all {
		name := ruleName(l.Rule)
		if len(l.Rule.Destinations) < 2 || seen[name] {
			continue // an HTTPRoute is listed once for each of its parents
		}
		seen[name] = true
		found, names = l.Rule, append(names, name)
	}
	switch {
	case len(names) == 1:
		return found, nil
	case len(names) == 0 && e.route != "":
		return nil, usagef("--route %s has no rule with weights: name another, or give weights with --expect", e.route)
	case len(names) == 0:
		return nil, usagef("no rule of the files has weights: give them with --expect, as in --expect 90,10")
	case e.route != "":
		return nil, usagef("--route %s has %d rules with weights: give the URL of the one that is meant", e.route, len(names))
	}
	return nil, usagef("%d rules have weights: %s; say which with --route, or give a URL", len(names), strings.Join(names, ", "))
}

func ruleName(r *k8s.Rule) string {
	return fmt.Sprintf("%s rule %d", r.Ref(), r.Index+1)
}
