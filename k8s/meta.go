package k8s

import (
	"strings"
	"time"
)

// Meta is the part of an object's metadata that routing depends on.
type Meta struct {
	Name              string            `json:"name"`
	Namespace         string            `json:"namespace"`
	Labels            map[string]string `json:"labels"`
	Annotations       map[string]string `json:"annotations"`
	CreationTimestamp time.Time         `json:"creationTimestamp"` // zero in a file that was never applied
	Generation        int64             `json:"generation"`
	ResourceVersion   string            `json:"resourceVersion"`
}

func (m *Meta) meta() *Meta { return m }

// object names one object in findings and in conflicts.
type object struct {
	kind string
	meta *Meta
}

// String is "VirtualService default/reviews", or "Namespace default" of what is in no namespace.
func (o object) String() string {
	if o.meta.Namespace == "" {
		return o.kind + " " + o.meta.Name
	}
	return o.kind + " " + o.meta.Namespace + "/" + o.meta.Name
}

// ref is "virtualservice/default/reviews", what --route takes.
func (o object) ref() string {
	return strings.ToLower(o.kind) + "/" + o.meta.Namespace + "/" + o.meta.Name
}

func (o object) is(other object) bool {
	return o.kind == other.kind && o.meta.Namespace == other.meta.Namespace && o.meta.Name == other.meta.Name
}

// NamespaceOfRef is the namespace in what [Rule.Ref] gives.
func NamespaceOfRef(ref string) string {
	_, rest, _ := strings.Cut(ref, "/")
	namespace, _, _ := strings.Cut(rest, "/")
	return namespace
}
