package k8s

import "fmt"

// TieError is two objects for one host between which their age would decide, and files do not tell it.
type TieError struct {
	first, second object
	host          string
}

func ambiguous(a, b object, n names) error {
	return &TieError{a, b, firstNonEmpty(n.service, n.literal)}
}

func (e *TieError) Error() string {
	return fmt.Sprintf("%s and %s are both for %s, and without creationTimestamp nothing tells which one is in effect: "+
		"choose with --route %s", e.first, e.second, e.host, e.first.ref())
}

// Finding is the tie as what it will be once both are created: one of them is ignored.
func (e *TieError) Finding() Finding {
	return Finding{ID: "conflicting-routes", Severity: SeverityError, Object: e.second.String(), Field: "spec.hosts",
		Summary: fmt.Sprintf("%s is for %s as well: the older one will be in effect alone, and without creationTimestamp nothing tells which that is", e.first, e.host),
		Evidence: []string{e.first.String() + ": not created yet", e.second.String() + ": not created yet",
			"--route " + e.first.ref() + " or --route " + e.second.ref() + " chooses one of them here"},
		Fix: fmt.Sprintf("move the rules of %s into %s", e.second, e.first)}
}
