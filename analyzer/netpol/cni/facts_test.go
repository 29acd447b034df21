package cni_test

import (
	"slices"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// Policies are counted once for each kind and namespace, with the workloads of
// the tree that any of them leaves open.
func TestUnmodelledPolicyFacts(t *testing.T) {
	t.Parallel()
	other := func(version, kind, name, rest string) string {
		return "apiVersion: " + version + "\nkind: " + kind + "\nmetadata: {name: " + name + rest + "\n"
	}
	m := analyzertest.Build(t, sample.Join(mixedTown,
		other("cilium.io/v2", "CiliumNetworkPolicy", "0", ", namespace: ai}\nspec: {endpointSelector: {matchLabels: {app: none}}, ingress: [{}]}"),
		other("cilium.io/v2", "CiliumNetworkPolicy", "a", ", namespace: ai}\nspec: {endpointSelector: {matchLabels: {app: vllm}}, ingress: [{}]}"),
		other("cilium.io/v2", "CiliumNetworkPolicy", "b", ", namespace: ai}\nspec: {endpointSelector: {}, egress: [{}]}"),
		other("cilium.io/v2", "CiliumNetworkPolicy", "c", ", namespace: web}\nspec: {endpointSelector: {matchLabels: {app: none}}, egress: [{}]}"),
		other("projectcalico.org/v3", "NetworkPolicy", "d", ", namespace: far}\nspec: {types: [Ingress]}"),
		other("crd.antrea.io/v1beta1", "NetworkPolicy", "e", ", namespace: web}\nspec: {appliedTo: [{podSelector: {}}], ingress: [{action: Drop}]}"),
		other("policy.networking.k8s.io/v1alpha9", "ClusterNetworkPolicy", "f", "}\nspec: {}"),
		other("projectcalico.org/v3", "StagedNetworkPolicy", "g", ", namespace: ai}\nspec: {}"),
	))
	var got []string
	for _, s := range m.Subjects {
		if f, ok := s.Facts.(*fact.UnmodelledPolicyFacts); ok {
			got = append(got, s.From.Object.Name+" "+f.Family+" "+f.UnknownDirections+" "+s.Names["kind"]+" of "+s.Names["scope"]+" "+s.Names["directions"]+" "+s.Names["count"])
		}
	}
	want := []string{
		"a cilium both CiliumNetworkPolicy of namespace `ai` ingress and egress 3 workloads",
		"c cilium none CiliumNetworkPolicy of namespace `web`  0 workloads",
		"d calico none NetworkPolicy of namespace `far`  0 workloads",
		"e antrea ingress NetworkPolicy of namespace `web` ingress 1 workload",
		"f tiers both ClusterNetworkPolicy of the cluster ingress and egress 5 workloads",
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("subjects = %q, want %q", got, want)
	}
}
