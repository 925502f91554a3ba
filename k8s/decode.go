package k8s

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode"
)

const (
	istioGroup    = "networking.istio.io"
	securityGroup = "security.istio.io"
	gatewayGroup  = "gateway.networking.k8s.io"
)

// validName is what the API server lets objects be called (RFC 1123), and validKind what kinds are.
var (
	validName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`)
	validKind = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)
)

// header is what every object says about itself.
type header struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Items      []json.RawMessage `json:"items"`
}

func (h header) group() string {
	group, _, found := strings.Cut(h.APIVersion, "/")
	if !found {
		return ""
	}
	return group
}

// Add decodes one JSON object, or a list of objects, and adds what it holds. Objects without a namespace get the given
// one. Kinds of no interest are counted only; unknown fields are ignored. An object that no API server takes, because of
// its name, is left out, unless it is a route: then it is an error.
func (o *Objects) Add(document []byte, namespace string) error {
	return o.add(document, header{}, namespace)
}

// AddAs adds one JSON object of a known kind, as an item of an API server's list is: it need not say its kind itself.
func (o *Objects) AddAs(apiVersion, kind string, document []byte) error {
	if o.Kinds == nil {
		o.Kinds = map[string]int{}
	}
	o.Kinds[kind]++
	return o.addKind(header{APIVersion: apiVersion, Kind: kind}, document, defaultNamespace)
}

func (o *Objects) add(document []byte, list header, namespace string) error {
	var h header
	if err := json.Unmarshal(document, &h); err != nil {
		return errors.New(describe(err, document))
	}
	if h.Kind == "" {
		// Items of a typed list carry neither kind nor apiVersion.
		h.Kind, h.APIVersion = strings.TrimSuffix(list.Kind, "List"), list.APIVersion
	}
	switch {
	case h.Kind == "":
		return errors.New("no kind: every document needs apiVersion and kind")
	case !validKind.MatchString(h.Kind):
		return fmt.Errorf("kind %q: a kind is made of letters and digits", h.Kind)
	case strings.HasSuffix(h.Kind, "List"):
		for i, item := range h.Items {
			if err := o.add(item, h, namespace); err != nil {
				return fmt.Errorf("item %d: %w", i+1, err)
			}
		}
		return nil
	}
	if o.Kinds == nil {
		o.Kinds = map[string]int{}
	}
	o.Kinds[h.Kind]++
	err := o.addKind(h, document, namespace)
	if wrong := new(nameError); errors.As(err, &wrong) && !isRoute(h.Kind) {
		o.Refused = append(o.Refused, wrong.Error())
		return nil
	}
	return err
}

func (o *Objects) addKind(h header, document []byte, namespace string) error {
	switch h.group() + "/" + h.Kind {
	case istioGroup + "/VirtualService":
		return decode(o, h.Kind, &o.VirtualServices, document, namespace, checkVirtualService)
	case istioGroup + "/DestinationRule":
		return decode(o, h.Kind, &o.DestinationRules, document, namespace, nil)
	case istioGroup + "/ServiceEntry":
		return decode(o, h.Kind, &o.ServiceEntries, document, namespace, nil)
	case istioGroup + "/Gateway":
		return decode(o, h.Kind, &o.Gateways, document, namespace, nil)
	case gatewayGroup + "/HTTPRoute":
		return decode(o, h.Kind, &o.HTTPRoutes, document, namespace, checkHTTPRoute)
	case gatewayGroup + "/GRPCRoute":
		return decode(o, h.Kind, &o.GRPCRoutes, document, namespace, checkGRPCRoute)
	case gatewayGroup + "/Gateway":
		return decode(o, "KubeGateway", &o.KubeGateways, document, namespace, nil)
	case gatewayGroup + "/ReferenceGrant":
		return decode(o, h.Kind, &o.ReferenceGrants, document, namespace, nil)
	case istioGroup + "/Sidecar":
		return decode(o, h.Kind, &o.Sidecars, document, namespace, nil)
	case istioGroup + "/EnvoyFilter":
		return decode(o, h.Kind, &o.EnvoyFilters, document, namespace, nil)
	case securityGroup + "/PeerAuthentication":
		return decode(o, h.Kind, &o.PeerAuthentications, document, namespace, nil)
	case securityGroup + "/AuthorizationPolicy":
		return decode(o, h.Kind, &o.AuthorizationPolicies, document, namespace, nil)
	}
	return o.addCore(h, document, namespace)
}

// addCore adds the kinds of Kubernetes itself.
func (o *Objects) addCore(h header, document []byte, namespace string) error {
	switch h.group() + "/" + h.Kind {
	case "discovery.k8s.io/EndpointSlice":
		return decode(o, h.Kind, &o.EndpointSlices, document, namespace, nil)
	case "/Namespace":
		return decode(o, h.Kind, &o.Namespaces, document, namespace, nil)
	case "/Service":
		return decode(o, h.Kind, &o.Services, document, namespace, nil)
	case "/Pod":
		return decode(o, h.Kind, &o.Pods, document, namespace, nil)
	case "apps/Deployment", "apps/StatefulSet", "apps/DaemonSet", "apps/ReplicaSet":
		return decode(o, h.Kind, &o.Workloads, document, namespace, nil)
	case "/VirtualService", "/HTTPRoute", "/GRPCRoute":
		return fmt.Errorf("%s with the apiVersion %q: give its group and version", h.Kind, h.APIVersion)
	}
	return nil
}

func decode[T any, P interface {
	*T
	meta() *Meta
}](o *Objects, kind string, list *[]T, document []byte, namespace string, check func(P) error) error {
	var item T
	err := json.Unmarshal(document, &item)
	m := P(&item).meta()
	switch {
	case kind == "Namespace":
		m.Namespace = "" // it is in none
	case m.Namespace == "":
		m.Namespace = namespace
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s: %s", printable(object{kind, m}.String()), describe(err, document))
	case m.Name == "":
		return fmt.Errorf("%s without a name: add metadata.name", kind)
	case !validName.MatchString(m.Name) || m.Namespace != "" && !validName.MatchString(m.Namespace):
		return &nameError{object{kind, m}}
	}
	if check != nil {
		if err := check(&item); err != nil {
			return fmt.Errorf("%s: %w", object{kind, m}, err)
		}
	}
	put[T, P](o, kind, list, item)
	return nil
}

// nameError is an object that no API server takes.
type nameError struct{ object object }

func (e *nameError) Error() string {
	_, name, _ := strings.Cut(e.object.String(), " ")
	return fmt.Sprintf("%s %q: a name is made of lower case letters, digits, . and -", e.object.kind, name)
}

// isRoute reports whether objects of the kind may hold weights.
func isRoute(kind string) bool {
	return kind == "VirtualService" || kind == "HTTPRoute" || kind == "GRPCRoute"
}

// describe says in the words of a manifest what encoding/json says in those of Go.
func describe(err error, document []byte) string {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return printable(err.Error())
	}
	field := "the document"
	if wrong.Field != "" {
		field = locate(document, wrong.Field, wrong.Offset)
	}
	value := wrong.Value
	switch {
	case strings.HasPrefix(value, "number "):
		value = "the " + value
	case value == "array":
		value = "a list"
	case value == "object":
		value = "an object"
	case value == "bool":
		value = "true or false"
	default:
		value = "a " + value
	}
	return fmt.Sprintf("%s is %s where %s is needed", field, value, typeName(wrong.Type))
}

// printable keeps line ends and escape sequences in a manifest from getting into a message.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "an integer"
	case reflect.Float64:
		return "a number"
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	default:
		return "an object"
	}
}
