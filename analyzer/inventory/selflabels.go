package inventory

import (
	appsv1 "k8s.io/api/apps/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
)

// labelsItself lists the keys that the pods of a replicated database may write
// on themselves, to tell which of them leads. Patroni and its like do so under
// `role`, with a ServiceAccount of their own that may patch pods:
// https://patroni.readthedocs.io/en/latest/kubernetes.html#customizing-labels
func labelsItself(o *decode.Decoded) []string {
	set, ok := o.Typed.(*appsv1.StatefulSet)
	if !ok {
		return nil
	}
	spec := &set.Spec.Template.Spec
	token := spec.AutomountServiceAccountToken
	if spec.ServiceAccountName == "" || spec.ServiceAccountName == "default" || token != nil && !*token {
		return nil
	}
	return []string{"role"}
}
