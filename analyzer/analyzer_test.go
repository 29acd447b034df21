package analyzer

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// build reads manifests as one tree and derives their model.
func build(tb testing.TB, manifests string) *Model {
	tb.Helper()
	return Build(context.Background(), load(tb, manifests))
}

func load(tb testing.TB, manifests string) *source.Tree {
	tb.Helper()
	tree, err := loader.Load(context.Background(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(manifests)})
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range tree.Problems {
		tb.Fatalf("the test's own manifests do not parse: %s at %d:%d", p.Message, p.Span.Start.Line, p.Span.Start.Col)
	}
	return tree
}

// view is a workload with the facts that rules see of it.
type view struct {
	*inventory.Workload

	Facts *fact.WorkloadFacts
}

func workload(tb testing.TB, m *Model, id string) view {
	tb.Helper()
	var ids []string
	n := 0
	for i := range m.Subjects {
		f, ok := m.Subjects[i].Facts.(*fact.WorkloadFacts)
		if !ok {
			continue
		}
		w := m.Workloads[n]
		n++
		if w.ID == id {
			return view{w, f}
		}
		ids = append(ids, w.ID)
	}
	tb.Fatalf("no workload %s; there are %s", id, strings.Join(ids, ", "))
	return view{}
}

func portFacts(tb testing.TB, w view, number int) fact.PortFacts {
	tb.Helper()
	i := slices.IndexFunc(w.Facts.Ports, func(p fact.PortFacts) bool { return p.Number == number })
	if i < 0 {
		tb.Fatalf("%s has no port %d", w.ID, number)
	}
	return w.Facts.Ports[i]
}

// docs joins documents of a stream.
func docs(d ...string) string { return strings.Join(d, "\n---\n") }

const vllm = `apiVersion: apps/v1
kind: Deployment
metadata: {name: vllm, namespace: ai}
spec:
  selector: {matchLabels: {app: vllm}}
  template:
    metadata: {labels: {app: vllm, tier: model}}
    spec:
      containers:
        - name: vllm
          image: vllm/vllm-openai
          ports:
            - {name: http, containerPort: 8000}
            - {name: metrics, containerPort: 9090}
            - {name: gossip, containerPort: 7946, protocol: UDP}
`

const vllmID = "ai/vllm[Deployment]"

// policy is a NetworkPolicy of namespace ai with this spec.
func policy(spec string) string {
	return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: ai}\nspec: " + spec + "\n"
}

// https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
func TestIsolation(t *testing.T) {
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
			f := workload(t, build(t, docs(vllm, policy(c.spec))), vllmID).Facts
			if f.Ingress.Isolated != c.ingress || f.Egress.Isolated != c.egress {
				t.Errorf("ingress %s, egress %s; want %s, %s", f.Ingress.Isolated, f.Egress.Isolated, c.ingress, c.egress)
			}
		})
	}
}

// A refused, unread or unmodelled policy may isolate: absence is not proved.
func TestIsolationUnknown(t *testing.T) {
	other := func(head string) string { return head + "\nmetadata: {name: x, namespace: ai}\nspec: {}\n" }
	for name, extra := range map[string]string{
		"refused by the API server": policy(`{podSelectors: {}}`),
		"no namespace":              "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}}\n",
		"Cilium":                    other("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy"),
		"Calico, cluster-wide":      "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: x}\nspec: {}\n",
		"admin tier":                "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: x}\nspec: {}\n",
	} {
		t.Run(name, func(t *testing.T) {
			if got := workload(t, build(t, docs(vllm, extra)), vllmID).Facts.Ingress.Isolated; got != fact.Unknown {
				t.Errorf("isolated = %s, want unknown", got)
			}
		})
	}
	if got := workload(t, build(t, docs(vllm, strings.Replace(other("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy"), "ai", "web", 1))), vllmID).Facts.Ingress.Isolated; got != fact.No {
		t.Errorf("a Cilium policy of another namespace: isolated = %s, want no", got)
	}
}

// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
func TestAdmissions(t *testing.T) {
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
			spec := `{podSelector: {matchLabels: {app: vllm}}, policyTypes: [Ingress], ingress: ` + c.ingress + `}`
			p := portFacts(t, workload(t, build(t, docs(vllm, policy(spec))), vllmID), 8000)
			if p.Everyone.Admitted != c.everyone || p.Cluster.Admitted != c.cluster {
				t.Errorf("everyone %s, cluster %s; want %s, %s", p.Everyone.Admitted, p.Cluster.Admitted, c.everyone, c.cluster)
			}
			if c.everyone == fact.Yes && p.Everyone.From.Object == nil {
				t.Error("the admission does not say where it comes from")
			}
		})
	}
}

func namespaceDoc(labels string) string {
	return "apiVersion: v1\nkind: Namespace\nmetadata: {name: ai, labels: {" + labels + "}}\n"
}

func pod(labels, annotations, extra string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: w, namespace: ai, labels: {" + labels + "}, annotations: {" + annotations + "}}\n" +
		"spec: {" + extra + "containers: [{name: c, image: i, ports: [{containerPort: 8000}]}]}\n"
}

// The order of istio/istio's mutatingwebhook.yaml selectors and injectRequired,
// then ambient: https://istio.io/latest/docs/ambient/usage/add-workloads/
func TestMembership(t *testing.T) {
	for _, c := range []struct {
		name, Namespace, labels, annotations, spec string
		member, reason                             string
	}{
		{"enabled namespace", "istio-injection: enabled", "", "", "", "sidecar", "namespace"},
		{"namespace that is not in the tree", "-", "", "", "", "unknown", "undeclared-namespace"},
		{"pod label in an unread namespace", "-", `sidecar.istio.io/inject: "true"`, "", "", "sidecar", "pod"},
		{"opt-out in an unread namespace", "-", `sidecar.istio.io/inject: "false"`, "", "", "none", "opt-out"},
		{"no label", "team: a", "", "", "", "none", "no-label"},
		{"disabled beats the pod's wish", "istio-injection: disabled", `sidecar.istio.io/inject: "true"`, "", "", "none", "namespace-disabled"},
		{"unknown value", "istio-injection: on-please", "", "", "", "none", "namespace-disabled"},
		{"pod opts out by label", "istio-injection: enabled", `sidecar.istio.io/inject: "false"`, "", "", "none", "opt-out"},
		{"pod opts out by annotation", "istio-injection: enabled", "", `sidecar.istio.io/inject: "false"`, "", "none", "opt-out"},
		{"label wins over annotation", "istio-injection: enabled", `sidecar.istio.io/inject: "true"`, `sidecar.istio.io/inject: "false"`, "", "sidecar", "namespace"},
		{"a word that is no boolean opts out", "istio-injection: enabled", `sidecar.istio.io/inject: "maybe"`, "", "", "none", "opt-out"},
		{"revision namespace", "istio.io/rev: canary", "", "", "", "sidecar", "revision"},
		{"istio-injection beats revision", "istio-injection: disabled, istio.io/rev: canary", "", "", "", "none", "namespace-disabled"},
		{"pod label in an unlabelled namespace", "a: b", `sidecar.istio.io/inject: "true"`, "", "", "sidecar", "pod"},
		{"pod revision in an unlabelled namespace", "a: b", "istio.io/rev: canary", "", "", "sidecar", "revision"},
		{"annotation cannot enable", "a: b", "", `sidecar.istio.io/inject: "true"`, "", "none", "annotation-only"},
		{"host network", "istio-injection: enabled", "", "", "hostNetwork: true, ", "none", "host-network"},
		{"ambient namespace", "istio.io/dataplane-mode: ambient", "", "", "", "ambient", "ambient-namespace"},
		{"ambient pod", "a: b", "istio.io/dataplane-mode: ambient", "", "", "ambient", "ambient-pod"},
		{"ambient opt-out", "istio.io/dataplane-mode: ambient", "istio.io/dataplane-mode: none", "", "", "none", "ambient-opt-out"},
		{"sidecar wins over ambient", "istio-injection: enabled, istio.io/dataplane-mode: ambient", "", "", "", "sidecar", "namespace"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := pod(c.labels, c.annotations, c.spec)
			if c.Namespace != "-" {
				tree = docs(namespaceDoc(c.Namespace), tree)
			}
			m := workload(t, build(t, tree), "ai/w[Pod]").Facts.Mesh
			if string(m.Member) != c.member || m.Reason != c.reason {
				t.Errorf("%s because of %s; want %s because of %s", m.Member, m.Reason, c.member, c.reason)
			}
		})
	}
}

// kubectl apply unites the labels of one namespace's documents.
func TestNamespaceDocumentsUnite(t *testing.T) {
	tree := docs(namespaceDoc("a: b"), namespaceDoc("istio-injection: enabled"), pod("", "", ""))
	if m := workload(t, build(t, tree), "ai/w[Pod]").Facts.Mesh; m.Member != "sidecar" {
		t.Errorf("member = %s, want sidecar", m.Member)
	}
}
