package k8s

import "slices"

// RulesOf lists the rules of one object as [Objects.Rules] does. The route names the object as in [Objects.Lookup]. It
// is an error when there is no such object.
func (o *Objects) RulesOf(route string, caller Caller) ([]Lookup, error) {
	named, err := o.named(route, firstNonEmpty(caller.Namespace, defaultNamespace))
	if err != nil {
		return nil, err
	}
	all, err := o.Rules(caller)
	return slices.DeleteFunc(all, func(l Lookup) bool { return l.Rule.Ref() != named.ref() }), err
}
