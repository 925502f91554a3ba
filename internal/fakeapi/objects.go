package fakeapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"
)

// object is one stored object, with what lists are chosen by.
type object struct {
	group, plural   string
	namespace, name string
	labels          map[string]string
	kind, version   string // version: group and version, as in the manifest
	text            json.RawMessage
}

// plurals are the kinds that are served.
func plurals() map[string]string {
	return map[string]string{
		"Service": "services", "Pod": "pods", "Namespace": "namespaces", "EndpointSlice": "endpointslices",
		"VirtualService": "virtualservices", "DestinationRule": "destinationrules", "Gateway": "gateways",
		"Sidecar": "sidecars", "ServiceEntry": "serviceentries", "EnvoyFilter": "envoyfilters",
		"PeerAuthentication": "peerauthentications", "AuthorizationPolicy": "authorizationpolicies",
		"HTTPRoute": "httproutes", "GRPCRoute": "grpcroutes", "ReferenceGrant": "referencegrants",
	}
}

// parse reads manifests: documents of YAML or JSON, kind List too. Kinds that are not served are left out.
func parse(manifests []byte) ([]object, error) {
	var all []object
	for _, text := range bytes.Split(manifests, []byte("\n---")) {
		var document map[string]any
		if err := yaml.Unmarshal(text, &document); err != nil {
			return nil, fmt.Errorf("manifests: %w", err)
		}
		items := []any{document}
		if list, ok := document["items"].([]any); ok {
			items = list
		}
		for _, item := range items {
			o, err := newObject(item)
			if err != nil {
				return nil, err
			}
			if o.plural != "" {
				all = append(all, o)
			}
		}
	}
	return all, nil
}

// newObject completes an object as a server would, with what depends on no clock.
func newObject(item any) (object, error) {
	content, ok := item.(map[string]any)
	if !ok || content["kind"] == nil {
		return object{}, nil
	}
	o := object{kind: fmt.Sprint(content["kind"]), version: fmt.Sprint(content["apiVersion"])}
	o.plural = plurals()[o.kind]
	if group, _, found := strings.Cut(o.version, "/"); found {
		o.group = group
	}
	metadata, ok := content["metadata"].(map[string]any)
	if !ok {
		return object{}, fmt.Errorf("%s without metadata", o.kind)
	}
	o.name = fmt.Sprint(metadata["name"])
	if o.kind != "Namespace" {
		if metadata["namespace"] == nil {
			metadata["namespace"] = "default"
		}
		o.namespace = fmt.Sprint(metadata["namespace"])
	}
	o.labels = map[string]string{}
	if labels, ok := metadata["labels"].(map[string]any); ok {
		for key, value := range labels {
			o.labels[key] = fmt.Sprint(value)
		}
	}
	if o.group == "" || o.group == "discovery.k8s.io" {
		delete(content, "kind") // items of built-in lists do not carry them
		delete(content, "apiVersion")
	}
	text, err := json.Marshal(content)
	o.text = text
	return o, err
}
