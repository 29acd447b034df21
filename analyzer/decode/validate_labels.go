package decode

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	typeistio "istio.io/api/type/v1beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// labelSelector checks what the API server accepts when an object is created. A
// placeholder is passed over: the selector is then compared as unknown.
// k8s.io/apimachinery pkg/apis/meta/v1/validation/validation.go
// (ValidateLabelSelector, without AllowInvalidLabelValueInSelector).
func (d *Decoder) labelSelector(sel *metav1.LabelSelector, at yaml.Path) {
	if sel == nil {
		return
	}
	d.labels(sel.MatchLabels, at.Join("matchLabels"))
	for i := range sel.MatchExpressions {
		d.selectorRequirement(&sel.MatchExpressions[i], at.Join("matchExpressions", i))
	}
}

// selectorRequirement is ValidateLabelSelectorRequirement of the same file.
func (d *Decoder) selectorRequirement(r *metav1.LabelSelectorRequirement, at yaml.Path) {
	switch r.Operator {
	case metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn:
		if len(r.Values) == 0 {
			d.refuse("missing-field", at, fmt.Sprintf("operator %s needs values: the API server refuses the whole object", r.Operator), "list the values, or use Exists or DoesNotExist")
		}
	case metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist:
		if len(r.Values) > 0 {
			d.refuse("not-allowed", at.Join("values"), fmt.Sprintf("operator %s takes no values: the API server refuses the whole object", r.Operator), "remove values, or use In or NotIn")
		}
	case "": // the decoder knows the enumeration
		d.refuse("missing-field", at, "a requirement needs an operator: the API server refuses the whole object", "write one of In, NotIn, Exists, DoesNotExist")
	}
	d.labelKey(r.Key, at.Join("key"), false)
	for i, v := range r.Values {
		d.labelValue(v, at.Join("values", i))
	}
}

// labels is ValidateLabels of the same file.
func (d *Decoder) labels(set map[string]string, at yaml.Path) {
	for _, key := range slices.Sorted(maps.Keys(set)) {
		d.labelKey(key, at.Join(key), true)
		d.labelValue(set[key], at.Join(key))
	}
}

// labelKey checks a label key, which is a key of a mapping (ofMap) or the value
// of a field.
func (d *Decoder) labelKey(key string, at yaml.Path, ofMap bool) {
	if IsPlaceholder(key) || len(validation.IsQualifiedName(key)) == 0 {
		return
	}
	d.problems = append(d.problems, FieldProblem{
		Problem: "not-allowed", Path: at, Key: ofMap,
		Message: Quote(key) + " is not a label key: the API server refuses the whole object",
		Help:    "write at most 63 letters, digits, `-`, `_` or `.`, which begin and end with a letter or digit, after an optional DNS name and `/`",
	})
}

func (d *Decoder) labelValue(value string, at yaml.Path) {
	if !IsPlaceholder(value) && len(validation.IsValidLabelValue(value)) > 0 {
		d.refuse("not-allowed", at, Quote(value)+" is not a label value: the API server refuses the whole object",
			"write at most 63 letters, digits, `-`, `_` or `.`, which begin and end with a letter or digit")
	}
}

// workloadSelector checks a selector of Istio by Istio's own rules, which are
// fewer than those of Kubernetes.
//   - istio/istio pkg/config/validation/validation.go (validateWorkloadSelector)
//   - istio/api type/v1beta1/selector.proto (XValidation)
func (d *Decoder) workloadSelector(sel *typeistio.WorkloadSelector) {
	labels := sel.GetMatchLabels()
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		at := yaml.Path{"spec", "selector", "matchLabels", key}
		switch value := labels[key]; {
		case IsPlaceholder(key) || IsPlaceholder(value):
		case key == "":
			d.refuse("not-allowed", at, "a selector has no empty key: Istio refuses the whole policy", "name the label")
		case strings.Contains(key+value, "*"):
			d.refuse("not-allowed", at, "a selector has no wildcards: Istio refuses the whole policy", "name the label's value in full")
		}
	}
}
