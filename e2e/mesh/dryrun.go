package mesh

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// DryRun has the API server say whether it would take an object, of which it knows every field.
func (a *API) DryRun(ctx context.Context, u *unstructured.Unstructured) error {
	client, err := a.resource(u)
	if err != nil {
		return err
	}
	text, err := u.MarshalJSON()
	if err != nil {
		return fmt.Errorf("writing %s %s: %w", u.GetKind(), u.GetName(), err)
	}
	force := true
	_, err = client.Patch(ctx, u.GetName(), types.ApplyPatchType, text, metav1.PatchOptions{
		FieldManager: scenarioManager, Force: &force, DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict,
	})
	return err
}
