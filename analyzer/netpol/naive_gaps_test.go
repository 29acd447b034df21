package netpol_test

import (
	"fmt"
	"maps"
	rand "math/rand/v2"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/naive"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// placeholder stands for a label that another tool fills in: with one that
// selectors ask for, or one that none asks for.
const placeholder = "${FILLED}"

// Isolation with something left open: the answer is unknown only where two ways
// to complete the tree differ for the naive evaluator, and never yes or no where
// they do. What is open is a kind that was not read, a policy that another tool
// fills in, of which only its directions are believed, and a label of the pod; a namespace that
// is not declared and an object of an unknown kind leave nothing open here.
func TestIsolationInGapsAgainstNaive(t *testing.T) {
	t.Parallel()
	clusters := uint64(naive.Draws())
	said, vague := map[fact.Tri]int{}, 0
	for seed := range clusters {
		r := random{rand.New(rand.NewPCG(seed, 29))}
		gap := r.pick("-", "-", "-", "-", "", "NetworkPolicy", "Namespace", "ConfigMap")
		var tree []string
		if r.IntN(2) == 0 {
			tree = append(tree, sample.NamespaceNamed("ai"))
		}
		if r.IntN(4) == 0 {
			tree = append(tree, "apiVersion: example.org/v1\nkind: Mystery\nmetadata: {name: m, namespace: ai}\n")
		}
		unread := gap == "" || gap == "NetworkPolicy"
		var policies []networkingv1.NetworkPolicySpec
		for i := range r.IntN(3) {
			p := r.policy()
			if r.IntN(8) == 0 {
				p.PodSelector.MatchLabels = map[string]string{r.pick("app", "tier"): placeholder}
				unread = unread || naiveIngress(p)
			} else {
				policies = append(policies, p)
			}
			tree = append(tree, sample.JSON(t, networkingv1.NetworkPolicy{
				TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
				ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("p%d", i), Namespace: "ai"}, Spec: p,
			}))
		}
		pod := r.pod()
		filled := r.IntN(2) == 0
		if filled {
			pod.labels[r.pick("app", "tier", "team")] = placeholder
		}
		tree = append(tree, sample.JSON(t, corev1.Pod{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
			ObjectMeta: metav1.ObjectMeta{Name: "w", Namespace: "ai", Labels: pod.labels},
			Spec:       corev1.PodSpec{Containers: pod.containers()},
		}))
		loaded := analyzertest.Load(t, tree...)
		if gap != "-" {
			for _, scope := range loaded.Scopes {
				scope.Gaps = append(scope.Gaps, source.Gap{Kind: gap, Reason: "it was not read"})
			}
		}
		got := analyzertest.Workload(t, analyzer.Build(t.Context(), loaded), "ai/w[Pod]").Facts.Ingress.Isolated
		said[got]++
		want := naive.Agreed(naiveCompletions(policies, pod, unread), fact.Unknown)
		switch {
		case got == want:
		case got == fact.Unknown && filled:
			// One of several policies selects it whatever the label is, or the
			// selector asks only whether the label is there.
			vague++
		default:
			t.Fatalf("seed %d: isolated %s, want %s with gap %q in\n%s", seed, got, want, gap, strings.Join(tree, "\n"))
		}
	}
	t.Logf("isolated: %v; unknown where every completion agrees: %d", said, vague)
	for _, v := range []fact.Tri{fact.Yes, fact.No, fact.Unknown} {
		if said[v] < int(clusters)/10 {
			t.Errorf("%q was the answer %d times only", v, said[v])
		}
	}
	if vague*20 > int(clusters) {
		t.Errorf("%d answers are vaguer than they need be", vague)
	}
}

// naiveCompletions asks about every way to fill in the pod's label, and about one
// more policy for it where one may not have been read.
func naiveCompletions(policies []networkingv1.NetworkPolicySpec, pod naivePod, unread bool) []fact.Tri {
	values := []string{"a", "b", "neither"}
	for key, v := range pod.labels {
		if v == placeholder {
			var out []fact.Tri
			for _, value := range values {
				out = append(out, naiveCompletions(policies, pod.with(key, value), unread)...)
			}
			return out
		}
	}
	isolated := map[bool]fact.Tri{true: fact.Yes, false: fact.No}[naiveIsolated(policies, pod)]
	if unread {
		return []fact.Tri{isolated, fact.Yes}
	}
	return []fact.Tri{isolated}
}

// with is the pod with one label more, or another value of it.
func (p naivePod) with(key, value string) naivePod {
	labels := map[string]string{}
	maps.Copy(labels, p.labels)
	labels[key] = value
	p.labels = labels
	return p
}
