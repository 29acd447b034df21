package analyzer

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

func parsePrefix(s string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}

// selector answers, in three values, whether it selects something with these
// labels. The matching itself is Kubernetes' own (apimachinery).
type selector struct {
	reqs  labels.Requirements
	valid bool // an invalid selector (operator without values) selects unknowably
	text  string
}

// labelSelector reads a LabelSelector. nil selects as Kubernetes' field that
// holds it says; callers decide that.
func labelSelector(s *metav1.LabelSelector) selector {
	sel, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return selector{text: asWritten(s)}
	}
	reqs, _ := sel.Requirements()
	return selector{reqs: reqs, valid: true, text: sel.String()}
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

// mapSelector reads a plain map of labels, as Services and Istio select with.
func mapSelector(m map[string]string) selector {
	return labelSelector(&metav1.LabelSelector{MatchLabels: m})
}

func (s selector) empty() bool { return s.valid && len(s.reqs) == 0 }

// String writes the selector as people do, `app=vllm,tier in (a,b)`.
func (s selector) String() string {
	if s.empty() {
		return "every pod"
	}
	return s.text
}

// equalities returns the labels that the selector asks for literally.
func (s selector) equalities() map[string]string {
	out := map[string]string{}
	for _, r := range s.reqs {
		if op := r.Operator(); (op == selection.Equals || op == selection.In || op == selection.DoubleEquals) && r.Values().Len() == 1 {
			out[r.Key()] = r.Values().UnsortedList()[0]
		}
	}
	return out
}

// labelSet is what is known of a pod's or namespace's labels. Open means that
// there may be more than known: the object is not in the tree.
type labelSet struct {
	known map[string]string
	open  bool
	may   []string // keys that a controller may set
	told  []string // domains of labels of which none is there but the known ones
}

// matches answers requirement by requirement: one clear no decides.
func (s selector) matches(l labelSet) Tri {
	if !s.valid {
		return Unknown
	}
	answer := Yes
	for i := range s.reqs {
		r := &s.reqs[i]
		_, known := l.known[r.Key()]
		switch {
		case !known && l.mayHold(r.Key()):
			answer = Unknown
		case isPlaceholderSet(l.known[r.Key()], r):
			answer = Unknown
		case !r.Matches(labels.Set(l.known)):
			return No
		}
	}
	return answer
}

// isPlaceholderSet reports a comparison in which either side is filled in by
// another tool before anything is applied.
func isPlaceholderSet(have string, r *labels.Requirement) bool {
	if isPlaceholder(have) {
		return true
	}
	for v := range r.Values() {
		if isPlaceholder(v) {
			return true
		}
	}
	return false
}

// controllerSet recognises label keys that a controller writes on pods, so
// that their absence from a template says nothing. Sources: each project's
// constants (Kubernetes apps/batch well-known labels, Istio injection, KServe,
// Knative, KubeRay, Gateway API, JobSet, LeaderWorkerSet, Kubeflow trainer).
// Others are written by the process itself: which member of a database leads
// (Patroni, Spilo: https://patroni.readthedocs.io/en/latest/kubernetes.html),
// and the state of a Vault server
// (https://developer.hashicorp.com/vault/docs/configuration/service-registration/kubernetes).
func controllerSet(key string) bool {
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

// nameLabel is on every namespace and holds its name.
const nameLabel = "kubernetes.io/metadata.name"

// namespaceLabels adds the label that the API server puts on every namespace.
// https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name
func namespaceLabels(name string, known map[string]string) map[string]string {
	out := maps.Clone(known)
	if out == nil {
		out = map[string]string{}
	}
	out[nameLabel] = name
	return out
}
