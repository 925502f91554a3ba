package mesh

import "k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

// namespaceObject is a Namespace without labels.
func namespaceObject(name string) *unstructured.Unstructured {
	return object("v1", "Namespace", "", name, nil)
}

// meshConfig is Istio's own configuration. Mutual TLS is off, as the pods here have no sidecar of their own.
func meshConfig() *unstructured.Unstructured {
	return object("v1", "ConfigMap", rootNamespace, "istio", map[string]any{"data": map[string]any{
		"mesh": `rootNamespace: istio-system
trustDomain: cluster.local
enableAutoMtls: false
defaultConfig: {discoveryAddress: "` + istiodXDS + `", proxyMetadata: {}}
`,
		"meshNetworks": "networks: {}",
	}})
}

// podObject is a Pod with one container.
func podObject(namespace, name string, labels map[string]any) *unstructured.Unstructured {
	u := object("v1", "Pod", namespace, name, map[string]any{"spec": map[string]any{
		"containers": []any{map[string]any{"name": name, "image": name}},
	}})
	u.Object["metadata"].(map[string]any)["labels"] = labels
	return u
}

// object is an object of any kind with the fields besides its name.
func object(version, kind, namespace, name string, fields map[string]any) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{"apiVersion": version, "kind": kind, "metadata": map[string]any{"name": name}}}
	for key, value := range fields {
		u.Object[key] = value
	}
	if namespace != "" {
		u.SetNamespace(namespace)
	}
	return u
}
