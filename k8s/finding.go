package k8s

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Severities of findings: an error explains a wrong split.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
	SeverityInfo    = "info"
)

// Finding is a fault, or a thing worth knowing, that the objects themselves show.
type Finding struct {
	ID       string   // stable: "not-on-mesh"
	Severity string   // "error", "warning" or "info"
	Object   string   // "VirtualService default/reviews"
	Field    string   // "spec.http[0].route[1].weight"
	Summary  string   // a sentence without its period
	Evidence []string // what was read
	Fix      string   // a command or a line of YAML
}

// Unseen is something that could not be known, and what was taken instead.
type Unseen struct {
	Stage string // "declared"
	Why   string
}

func unseen(format string, args ...any) Unseen {
	return Unseen{Stage: "declared", Why: fmt.Sprintf(format, args...)}
}

// operation is one of a JSON patch (RFC 6902).
type operation struct {
	Op    string `json:"op"`
	From  string `json:"from,omitempty"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// patch is the command that applies operations to an object.
func (o object) patch(ops ...operation) string {
	return fmt.Sprintf("kubectl patch %s %s -n %s --type=json -p %s",
		strings.ToLower(o.kind), shellQuote(o.meta.Name), shellQuote(o.meta.Namespace), shellQuote(compact(ops)))
}

// compact is JSON on one line. Values are made of strings, numbers, lists and maps by string, which always marshal.
func compact(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// pointer turns a field into a JSON pointer (RFC 6901): spec.http[0].route is /spec/http/0/route.
func pointer(field string) string {
	return "/" + strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(field)
}

// shellQuote keeps names from manifests, which anyone may have written, from being read by a shell.
func shellQuote(text string) string {
	if text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
