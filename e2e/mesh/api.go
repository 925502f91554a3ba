package mesh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

const (
	adminToken = "administrator"

	// The field managers: what a scenario sets over the base is told apart by them.
	baseManager     = "base"
	scenarioManager = "scenario"

	applyLimit = 30 * time.Second
)

// An API is the administrator's access to the API server.
type API struct {
	Typed   kubernetes.Interface
	dynamic dynamic.Interface
	mapper  *restmapper.DeferredDiscoveryRESTMapper
}

// newAPI prepares the access, over connections that dial makes.
func newAPI(dial func(context.Context, string, string) (net.Conn, error)) (*API, error) {
	c := &rest.Config{
		Host: apiAddress, BearerToken: adminToken, TLSClientConfig: rest.TLSClientConfig{Insecure: true},
		Dial: dial, QPS: 1000, Burst: 2000, WarningHandler: rest.NoWarnings{},
	}
	typed, err := kubernetes.NewForConfig(c)
	if err != nil {
		return nil, fmt.Errorf("preparing the access to the API: %w", err)
	}
	dynamic, err := dynamic.NewForConfig(c)
	if err != nil {
		return nil, fmt.Errorf("preparing the access to the API: %w", err)
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(typed.Discovery()))
	return &API{typed, dynamic, mapper}, nil
}

func (a *API) ready(ctx context.Context) error {
	return a.Typed.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
}

// ReadObjects reads the objects of a YAML file.
func ReadObjects(path string) ([]*unstructured.Unstructured, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading objects: %w", err)
	}
	defer f.Close()
	var objects []*unstructured.Unstructured
	for d := yaml.NewYAMLOrJSONDecoder(f, 4096); ; {
		u := &unstructured.Unstructured{}
		err := d.Decode(&u.Object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		if len(u.Object) > 0 {
			objects = append(objects, u)
		}
	}
}

// resource is the client of an object's kind in its namespace, default where it names none.
func (a *API) resource(u *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := u.GroupVersionKind()
	mapping, err := a.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		a.mapper.Reset()
		mapping, err = a.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	}
	if err != nil {
		return nil, fmt.Errorf("finding the kind %s: %w", kind.Kind, err)
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return a.dynamic.Resource(mapping.Resource), nil
	}
	return a.dynamic.Resource(mapping.Resource).Namespace(namespaceOf(u)), nil
}

func namespaceOf(u *unstructured.Unstructured) string {
	if n := u.GetNamespace(); n != "" {
		return n
	}
	return metav1.NamespaceDefault
}

// Apply applies the objects as kubectl apply --server-side --force-conflicts does. A kind or namespace that is only just
// being made is waited for.
func (a *API) Apply(ctx context.Context, manager string, objects ...*unstructured.Unstructured) error {
	for _, u := range objects {
		var refused error
		err := await(ctx, applyLimit, func() error {
			err := a.apply(ctx, manager, u)
			if err == nil || apierrors.IsNotFound(err) || meta.IsNoMatchError(errors.Unwrap(err)) {
				return err
			}
			refused = err
			return nil
		})
		if err := errors.Join(err, refused); err != nil {
			return fmt.Errorf("applying %s %s: %w", u.GetKind(), u.GetName(), err)
		}
	}
	return nil
}

func (a *API) apply(ctx context.Context, manager string, u *unstructured.Unstructured) error {
	client, err := a.resource(u)
	if err != nil {
		return err
	}
	_, err = client.Apply(ctx, u.GetName(), u, metav1.ApplyOptions{FieldManager: manager, Force: true})
	return err
}

// Delete deletes the objects and what they own, and waits until they are gone.
func (a *API) Delete(ctx context.Context, objects ...*unstructured.Unstructured) error {
	for _, u := range objects {
		client, err := a.resource(u)
		if err != nil {
			return err
		}
		policy := propagation(u)
		err = client.Delete(ctx, u.GetName(), metav1.DeleteOptions{PropagationPolicy: &policy})
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("deleting %s %s: %w", u.GetKind(), u.GetName(), err)
		}
	}
	for _, u := range objects {
		if err := a.awaitGone(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

// DeleteKinds deletes everything of the objects' kinds in their namespaces, and waits until these objects are gone.
func (a *API) DeleteKinds(ctx context.Context, objects ...*unstructured.Unstructured) error {
	seen := map[string]bool{}
	for _, u := range objects {
		client, err := a.resource(u)
		if err != nil {
			return err
		}
		if key := u.GetKind() + "/" + u.GetNamespace(); !seen[key] {
			seen[key] = true
			if err := client.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
				return fmt.Errorf("deleting every %s: %w", u.GetKind(), err)
			}
		}
	}
	for _, u := range objects {
		if err := a.awaitGone(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

// propagation has what a workload or Service owns deleted first; custom resources own nothing, and the controllers learn
// of their kinds late.
func propagation(u *unstructured.Unstructured) metav1.DeletionPropagation {
	switch u.GetKind() {
	case "Deployment", "Job", "Service":
		return metav1.DeletePropagationForeground
	}
	return metav1.DeletePropagationBackground
}

func (a *API) awaitGone(ctx context.Context, u *unstructured.Unstructured) error {
	client, err := a.resource(u)
	if err != nil {
		return err
	}
	return await(ctx, applyLimit, func() error {
		_, err := client.Get(ctx, u.GetName(), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(fmt.Errorf("%s %s is still there", u.GetKind(), u.GetName()), err)
	})
}

// awaitDefinitions waits until every custom resource is served.
func (a *API) awaitDefinitions(ctx context.Context) error {
	definitions := a.dynamic.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	return await(ctx, startLimit, func() error {
		list, err := definitions.List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, u := range list.Items {
			if !hasCondition(u, "Established") {
				return fmt.Errorf("%s is not served yet", u.GetName())
			}
		}
		return nil
	})
}

// hasCondition says whether a condition of the object's status is true.
func hasCondition(u unstructured.Unstructured, name string) bool {
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, c := range conditions {
		if c, ok := c.(map[string]any); ok && c["type"] == name && c["status"] == "True" {
			return true
		}
	}
	return false
}
