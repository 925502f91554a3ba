package mesh

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// sliced says whether the EndpointSlices of every Service list the pods that its selector finds, and no others.
func (m *Mesh) sliced(ctx context.Context) error {
	services, err := m.API.Typed.CoreV1().Services("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("listing the Services: %w", err)
	}
	pods, err := m.API.Typed.CoreV1().Pods("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("listing the Pods: %w", err)
	}
	all, err := m.API.Typed.DiscoveryV1().EndpointSlices("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("listing the EndpointSlices: %w", err)
	}
	for _, s := range services.Items {
		if len(s.Spec.Selector) > 0 && !slices.Equal(selected(s, pods.Items), listedIn(s, all.Items)) {
			return fmt.Errorf("the EndpointSlices of %s/%s are behind its pods", s.Namespace, s.Name)
		}
	}
	return nil
}

// selected are the sorted addresses of the pods that a Service's selector finds.
func selected(s corev1.Service, pods []corev1.Pod) []string {
	var addresses []string
	selector := labels.SelectorFromSet(s.Spec.Selector)
	for _, p := range pods {
		if p.Namespace == s.Namespace && p.Status.PodIP != "" && selector.Matches(labels.Set(p.Labels)) {
			addresses = append(addresses, p.Status.PodIP)
		}
	}
	slices.Sort(addresses)
	return addresses
}

// listedIn are the sorted IPv4 addresses, ready or not, of a Service's slices.
func listedIn(s corev1.Service, all []discoveryv1.EndpointSlice) []string {
	var addresses []string
	for _, slice := range all {
		if slice.Namespace != s.Namespace || slice.Labels[discoveryv1.LabelServiceName] != s.Name || slice.AddressType != discoveryv1.AddressTypeIPv4 {
			continue
		}
		for _, e := range slice.Endpoints {
			addresses = append(addresses, e.Addresses...)
		}
	}
	slices.Sort(addresses)
	return addresses
}
