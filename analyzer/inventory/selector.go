package inventory

import (
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Selector answers, in three values, whether it selects something with these
// labels. The matching itself is Kubernetes' own (apimachinery).
type Selector struct {
	Reqs  labels.Requirements
	Valid bool // an invalid selector (operator without values) selects unknowably
	Text  string
}

// LabelSelector reads a LabelSelector. nil selects as Kubernetes' field that
// holds it says; callers decide that.
func LabelSelector(s *metav1.LabelSelector) Selector {
	sel, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return Selector{Text: asWritten(s)}
	}
	reqs, _ := sel.Requirements()
	return Selector{Reqs: reqs, Valid: true, Text: sel.String()}
}

// asWritten tells of a selector that is none, for people to find it.
func asWritten(s *metav1.LabelSelector) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(s.MatchLabels)) {
		parts = append(parts, key+"="+s.MatchLabels[key])
	}
	for i := range s.MatchExpressions {
		e := &s.MatchExpressions[i]
		parts = append(parts, e.Key+" "+string(e.Operator)+" ("+strings.Join(e.Values, ",")+")")
	}
	return strings.Join(parts, ",")
}

// MapSelector reads a plain map of labels, as Services and Istio select with.
func MapSelector(m map[string]string) Selector {
	return LabelSelector(&metav1.LabelSelector{MatchLabels: m})
}

// Empty reports a selector that selects everything.
func (s Selector) Empty() bool { return s.Valid && len(s.Reqs) == 0 }

// String writes the selector as people do, `app=vllm,tier in (a,b)`.
func (s Selector) String() string {
	if s.Empty() {
		return "every pod"
	}
	return s.Text
}

// Equalities returns the labels that the selector asks for literally.
func (s Selector) Equalities() map[string]string {
	out := map[string]string{}
	for _, r := range s.Reqs {
		if op := r.Operator(); (op == selection.Equals || op == selection.In || op == selection.DoubleEquals) && r.Values().Len() == 1 {
			out[r.Key()] = r.Values().UnsortedList()[0]
		}
	}
	return out
}

// LabelSet is what is known of a pod's or namespace's labels. Open means that
// there may be more than known: the object is not in the tree.
type LabelSet struct {
	Known map[string]string
	Open  bool
	may   []string // keys that a controller may set
	told  []string // domains of labels of which none is there but the known ones
}

// Matches answers requirement by requirement: one clear no decides.
func (s Selector) Matches(l LabelSet) fact.Tri {
	if !s.Valid {
		return fact.Unknown
	}
	answer := fact.Yes
	for i := range s.Reqs {
		r := &s.Reqs[i]
		_, known := l.Known[r.Key()]
		switch {
		case !known && l.MayHold(r.Key()):
			answer = fact.Unknown
		case isPlaceholderSet(l.Known[r.Key()], r):
			answer = fact.Unknown
		case !r.Matches(labels.Set(l.Known)):
			return fact.No
		}
	}
	return answer
}

// isPlaceholderSet reports a comparison in which either side is filled in by
// another tool before anything is applied.
func isPlaceholderSet(have string, r *labels.Requirement) bool {
	if decode.IsPlaceholder(have) {
		return true
	}
	for v := range r.Values() {
		if decode.IsPlaceholder(v) {
			return true
		}
	}
	return false
}

// ControllerSet recognises label keys that a controller writes on pods, so
// that their absence from a template says nothing. Sources: each project's
// constants (Kubernetes apps/batch well-known labels, Istio injection, KServe,
// Knative, KubeRay, Gateway API, JobSet, LeaderWorkerSet, Kubeflow trainer).
// Others are written by the process itself: which member of a database leads
// (Patroni, Spilo: https://patroni.readthedocs.io/en/latest/kubernetes.html),
// and the state of a Vault server
// (https://developer.hashicorp.com/vault/docs/configuration/service-registration/kubernetes).
func ControllerSet(key string) bool {
	switch key {
	case "pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid", "job-name",
		"statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "notebook-name", "spark-role",
		"spilo-role", "vault-active", "vault-initialized", "vault-perf-standby", "vault-sealed", "vault-version":
		return true
	}
	domain, _, found := strings.Cut(key, "/")
	return found && slices.Contains([]string{
		"batch.kubernetes.io", "security.istio.io", "service.istio.io", "istio.io", "gateway.networking.k8s.io",
		"gateway.istio.io", "serving.kserve.io", "serving.knative.dev", "ray.io", "jobset.sigs.k8s.io",
		"leaderworkerset.sigs.k8s.io", "training.kubeflow.org", "strimzi.io", "cnpg.io", "workflows.argoproj.io",
	}, domain)
}

// NameLabel is on every namespace and holds its name.
const NameLabel = "kubernetes.io/metadata.name"

// NamespaceLabels adds the label that the API server puts on every namespace.
// https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name
func NamespaceLabels(name string, known map[string]string) map[string]string {
	out := maps.Clone(known)
	if out == nil {
		out = map[string]string{}
	}
	out[NameLabel] = name
	return out
}

// And is the conjunction of two answers.
func And(a, b fact.Tri) fact.Tri {
	switch {
	case a == fact.No || b == fact.No:
		return fact.No
	case a == fact.Unknown || b == fact.Unknown:
		return fact.Unknown
	}
	return fact.Yes
}

// SelectorAt reads a LabelSelector. One that the API server would refuse, or
// that is filled in by another tool, is invalid: it selects unknowably.
func SelectorAt(n *yaml.Node) Selector {
	if parsed, ok := decode.LabelSelectorAt(n); ok {
		return LabelSelector(parsed)
	}
	return Selector{}
}

// EveryPod is the selector without requirements.
func EveryPod() Selector { return Selector{Valid: true} }

// Both is the conjunction; the zero Tri is a no.
func Both(a, b fact.Tri) fact.Tri {
	switch {
	case a == fact.Yes && b == fact.Yes:
		return fact.Yes
	case (a == fact.Yes || a == fact.Unknown) && (b == fact.Yes || b == fact.Unknown):
		return fact.Unknown
	}
	return fact.No
}
