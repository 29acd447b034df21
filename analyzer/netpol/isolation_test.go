package netpol_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
func TestIsolation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, spec      string
		ingress, egress fact.Tri
	}{
		{"no rules, no types: ingress", `{podSelector: {}}`, fact.Yes, fact.No},
		{"empty egress list without types does not isolate egress", `{podSelector: {}, egress: []}`, fact.Yes, fact.No},
		{"an egress rule without types isolates both", `{podSelector: {}, egress: [{}]}`, fact.Yes, fact.Yes},
		{"egress only", `{podSelector: {}, policyTypes: [Egress]}`, fact.No, fact.Yes},
		{"ingress rules under types that omit them", `{podSelector: {}, policyTypes: [Egress], ingress: [{}]}`, fact.No, fact.Yes},
		{"missing podSelector selects all", `{policyTypes: [Ingress]}`, fact.Yes, fact.No},
		{"null podSelector selects all", `{podSelector: null}`, fact.Yes, fact.No},
		{"other label", `{podSelector: {matchLabels: {app: qdrant}}}`, fact.No, fact.No},
		{"In", `{podSelector: {matchExpressions: [{key: app, operator: In, values: [qdrant, vllm]}]}}`, fact.Yes, fact.No},
		{"NotIn with the key absent selects", `{podSelector: {matchExpressions: [{key: team, operator: NotIn, values: [x]}]}}`, fact.Yes, fact.No},
		{"NotIn", `{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [vllm]}]}}`, fact.No, fact.No},
		{"Exists", `{podSelector: {matchExpressions: [{key: tier, operator: Exists}]}}`, fact.Yes, fact.No},
		{"DoesNotExist", `{podSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}}`, fact.No, fact.No},
		{"labels and expressions are ANDed", `{podSelector: {matchLabels: {app: vllm}, matchExpressions: [{key: tier, operator: In, values: [web]}]}}`, fact.No, fact.No},
		{"a label that a controller sets", `{podSelector: {matchLabels: {pod-template-hash: abc}}}`, fact.Unknown, fact.No},
		{"a placeholder in the selector", `{podSelector: {matchLabels: {app: "${APP}"}}}`, fact.Unknown, fact.No},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.VLLM, sample.NetworkPolicy("ai", "p", c.spec))), sample.VLLMID).Facts
			if f.Ingress.Isolated != c.ingress || f.Egress.Isolated != c.egress {
				t.Errorf("ingress %s, egress %s; want %s, %s", f.Ingress.Isolated, f.Egress.Isolated, c.ingress, c.egress)
			}
		})
	}
}

// A refused, unread or unmodelled policy may isolate: absence is not proved.
func TestIsolationUnknown(t *testing.T) {
	t.Parallel()
	other := func(head string) string { return head + "\nmetadata: {name: x, namespace: ai}\nspec: {}\n" }
	for name, extra := range map[string]string{
		"refused by the API server": sample.NetworkPolicy("ai", "p", `{podSelectors: {}}`),
		"no namespace":              "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}}\n",
		"Cilium":                    other("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy"),
		"Calico, cluster-wide":      "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: x}\nspec: {}\n",
		"admin tier":                "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: x}\nspec: {}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.VLLM, extra)), sample.VLLMID).Facts.Ingress.Isolated; got != fact.Unknown {
				t.Errorf("isolated = %s, want unknown", got)
			}
		})
	}
	if got := analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.VLLM, strings.Replace(other("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy"), "ai", "web", 1))), sample.VLLMID).Facts.Ingress.Isolated; got != fact.No {
		t.Errorf("a Cilium policy of another namespace: isolated = %s, want no", got)
	}
}

// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
func TestAdmissions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, ingress     string
		everyone, cluster fact.Tri // on port 8000
	}{
		{"empty list admits nobody", `[]`, fact.No, fact.No},
		{"empty rule admits everybody", `[{}]`, fact.Yes, fact.No},
		{"empty from admits everybody", `[{from: []}]`, fact.Yes, fact.No},
		{"null from admits everybody", `[{from: null, ports: []}]`, fact.Yes, fact.No},
		{"on the port", `[{ports: [{port: 8000}]}]`, fact.Yes, fact.No},
		{"on another port", `[{ports: [{port: 9090}]}]`, fact.No, fact.No},
		{"named port", `[{ports: [{port: http}]}]`, fact.Yes, fact.No},
		{"named port of the other protocol", `[{ports: [{port: http, protocol: UDP}]}]`, fact.No, fact.No},
		{"name of no port", `[{ports: [{port: grpc}]}]`, fact.No, fact.No},
		{"port of UDP", `[{ports: [{port: 8000, protocol: UDP}]}]`, fact.No, fact.No},
		{"all ports of TCP", `[{ports: [{protocol: TCP}]}]`, fact.Yes, fact.No},
		{"range", `[{ports: [{port: 7000, endPort: 8000}]}]`, fact.Yes, fact.No},
		{"range below", `[{ports: [{port: 7000, endPort: 7999}]}]`, fact.No, fact.No},
		{"all IPv4", `[{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]`, fact.Yes, fact.No},
		{"all IPv6", `[{from: [{ipBlock: {cidr: "::/0"}}]}]`, fact.Yes, fact.No},
		{"two halves", `[{from: [{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}]}]`, fact.Yes, fact.No},
		{"two halves in two rules", `[{from: [{ipBlock: {cidr: 0.0.0.0/1}}]}, {from: [{ipBlock: {cidr: 128.0.0.0/1}}]}]`, fact.Yes, fact.No},
		{"except carves out", `[{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]`, fact.No, fact.No},
		{"another block fills the hole", `[{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}, {ipBlock: {cidr: 10.0.0.0/8}}]}]`, fact.Yes, fact.No},
		{"every namespace", `[{from: [{namespaceSelector: {}}]}]`, fact.No, fact.Yes},
		{"every pod of every namespace", `[{from: [{namespaceSelector: {}, podSelector: {}}]}]`, fact.No, fact.Yes},
		{"some pods of every namespace", `[{from: [{namespaceSelector: {}, podSelector: {matchLabels: {a: b}}}]}]`, fact.No, fact.No},
		{"every pod of the own namespace", `[{from: [{podSelector: {}}]}]`, fact.No, fact.No},
		{"some namespaces", `[{from: [{namespaceSelector: {matchLabels: {a: b}}}]}]`, fact.No, fact.No},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			spec := `{podSelector: {matchLabels: {app: vllm}}, policyTypes: [Ingress], ingress: ` + c.ingress + `}`
			p := analyzertest.Port(t, analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.VLLM, sample.NetworkPolicy("ai", "p", spec))), sample.VLLMID), 8000)
			if p.Everyone.Admitted != c.everyone || p.Cluster.Admitted != c.cluster {
				t.Errorf("everyone %s, cluster %s; want %s, %s", p.Everyone.Admitted, p.Cluster.Admitted, c.everyone, c.cluster)
			}
			if c.everyone == fact.Yes && p.Everyone.From.Object == nil {
				t.Error("the admission does not say where it comes from")
			}
		})
	}
}

// Policies add up: one that may select the pod may admit what the others do not.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
func TestAdmissionByAPolicyThatMaySelect(t *testing.T) {
	t.Parallel()
	closed := sample.NetworkPolicy("ai", "closed", `{podSelector: {}}`)
	open := sample.NetworkPolicy("ai", "open", `{podSelector: {matchLabels: {app: a}}, ingress: [{}]}`)
	for labels, want := range map[string]fact.Tri{"app: b": fact.No, "app: a": fact.Yes, "app: '${APP}'": fact.Unknown} {
		f := analyzertest.Port(t, analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.Namespace("a: b"), sample.Pod(labels, "", ""), closed, open)), "ai/w[Pod]"), 8000)
		if f.Everyone.Admitted != want {
			t.Errorf("%s: everyone is admitted: %s, want %s", labels, f.Everyone.Admitted, want)
		}
	}
}
