package cluster

import (
	"path"
	"strings"
)

// scope is where the objects of a kind must be read for every one that matters to be there.
type scope int

const (
	everywhere scope = iota
	atCaller         // in the caller's namespace and in the root namespace
)

// kind is one to read.
type kind struct {
	name     string // as k8s.Objects.Complete has it
	manifest string // as manifests have it
	plural   string
	group    string   // "" = the core group
	versions []string // the first one that the server has is read
	scope    scope
}

const (
	rootNamespace = "istio-system" // where Istio's configuration applies to the whole mesh

	networking = "networking.istio.io"
	security   = "security.istio.io"
	gatewayAPI = "gateway.networking.k8s.io"
)

// kinds are those of a first reading. Services come first: every cluster has them.
func kinds() []kind {
	istio := []string{"v1", "v1beta1", "v1alpha3"}
	gateway := []string{"v1", "v1beta1", "v1alpha2"}
	return []kind{
		services(),
		{"VirtualService", "VirtualService", "virtualservices", networking, istio, everywhere},
		{"DestinationRule", "DestinationRule", "destinationrules", networking, istio, everywhere},
		{"Gateway", "Gateway", "gateways", networking, istio, everywhere},
		{"Sidecar", "Sidecar", "sidecars", networking, istio, atCaller},
		{"ServiceEntry", "ServiceEntry", "serviceentries", networking, istio, everywhere},
		{"EnvoyFilter", "EnvoyFilter", "envoyfilters", networking, []string{"v1alpha3", "v1"}, atCaller},
		{"PeerAuthentication", "PeerAuthentication", "peerauthentications", security, []string{"v1", "v1beta1"}, everywhere},
		{"AuthorizationPolicy", "AuthorizationPolicy", "authorizationpolicies", security, []string{"v1", "v1beta1"}, everywhere},
		{"HTTPRoute", "HTTPRoute", "httproutes", gatewayAPI, gateway, everywhere},
		{"GRPCRoute", "GRPCRoute", "grpcroutes", gatewayAPI, gateway, everywhere},
		{"ReferenceGrant", "ReferenceGrant", "referencegrants", gatewayAPI, gateway, everywhere},
		{"KubeGateway", "Gateway", "gateways", gatewayAPI, gateway, everywhere},
		{"Namespace", "Namespace", "namespaces", "", []string{"v1"}, everywhere},
	}
}

func services() kind {
	return kind{"Service", "Service", "services", "", []string{"v1"}, everywhere}
}

func pods() kind { return kind{"Pod", "Pod", "pods", "", []string{"v1"}, everywhere} }

func endpointSlices() kind {
	return kind{"EndpointSlice", "EndpointSlice", "endpointslices", "discovery.k8s.io", []string{"v1"}, everywhere}
}

// path is that of the list in a namespace, "" being all of them.
func (k kind) path(version, namespace string) string {
	root := path.Join("apis", k.group, version)
	if k.group == "" {
		root = path.Join("api", version)
	}
	if namespace == "" {
		return path.Join(root, k.plural)
	}
	return path.Join(root, "namespaces", namespace, k.plural)
}

// apiVersion is that of the objects of a path.
func (k kind) apiVersion(path string) string {
	parts := strings.Split(path, "/")
	if k.group == "" {
		return parts[1]
	}
	return k.group + "/" + parts[2]
}

// core reports whether every server has the kind.
func (k kind) core() bool { return k.group == "" || k.group == "discovery.k8s.io" }

// routes reports whether objects of the kind may have weights.
func (k kind) routes() bool {
	return k.name == "VirtualService" || k.name == "HTTPRoute" || k.name == "GRPCRoute"
}

// people is the kind as a report names it.
func (k kind) people() string {
	if k.name == "KubeGateway" {
		return "Gateways of the Gateway API"
	}
	if strings.HasSuffix(k.plural, "ies") {
		return strings.TrimSuffix(k.name, "y") + "ies"
	}
	return k.name + "s"
}
