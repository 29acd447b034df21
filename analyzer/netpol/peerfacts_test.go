package netpol_test

import (
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// A stray dash is only recognised where the tree holds every pod of the
// policy's namespace: else the pods that the second peer is for may be there.
func TestSplitPeerInAnOpenNamespace(t *testing.T) {
	t.Parallel()
	const (
		split = `{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: shop}}}, {podSelector: {matchLabels: {app: front}}}]}]}`
		crd   = "apiVersion: example.org/v1\nkind: Mystery\nmetadata: {name: m, namespace: ai}\n"
	)
	for _, c := range []struct {
		name string
		more []string
		want fact.Tri
	}{
		{"every pod is known", nil, fact.Yes},
		{"a kind that may make pods", []string{crd}, fact.No},
	} {
		if f := analyzertest.PolicyFacts(t, append([]string{peerTree, sample.NetworkPolicy("ai", "pol", split)}, c.more...)...); f.Rules[0].SplitPeer != c.want {
			t.Errorf("%s: %s, want %s", c.name, f.Rules[0].SplitPeer, c.want)
		}
	}
}

// Of a namespace that the cluster fills, a policy of its own may select pods
// that the tree does not hold.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#working-with-namespaces
func TestPoliciesOfASharedNamespace(t *testing.T) {
	t.Parallel()
	for namespace, want := range map[string]fact.Tri{"shop": fact.No, "kube-public": fact.Unknown, "openshift-dns": fact.Unknown, "istio-system": fact.Unknown} {
		f := analyzertest.PolicyFacts(t, sample.NamespaceNamed(namespace), sample.PodNamed(namespace, "server"), sample.NetworkPolicy(namespace, "pol", `{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: nobody}}}]}]}`))
		if got := f.Rules[0].Peers[0].Matches; got != want {
			t.Errorf("%s: the peer finds %s, want %s", namespace, got, want)
		}
	}
}

// A policy for every pod of a namespace names a port for those that have it.
func TestNamedPortOfSomePods(t *testing.T) {
	t.Parallel()
	other := func(port string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: other, namespace: ai, labels: {app: other}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: " + port + "}]}]}\n"
	}
	for _, c := range []struct{ name, selector, port, want string }{
		{"for every pod", `{}`, "8000", "all"},
		{"for both, one serves the number without the name", `{matchExpressions: [{key: app, operator: In, values: [server, other]}]}`, "8000", "some"},
		{"for both, one serves another number", `{matchExpressions: [{key: app, operator: In, values: [server, other]}]}`, "9000", "all"},
	} {
		f := analyzertest.PolicyFacts(t, peerTree, other(c.port), sample.NetworkPolicy("ai", "pol", `{podSelector: `+c.selector+`, ingress: [{ports: [{port: http}]}]}`))
		if got := f.Rules[0].Ports[0].Declared; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

const peerTree = `apiVersion: v1
kind: Namespace
metadata: {name: ai, labels: {team: ml}}
---
apiVersion: v1
kind: Namespace
metadata: {name: web, labels: {team: shop}}
---
apiVersion: v1
kind: Pod
metadata: {name: server, namespace: ai, labels: {app: server}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8000}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: server, namespace: ai}
spec: {selector: {app: server}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Pod
metadata: {name: front, namespace: web, labels: {app: front}}
spec: {containers: [{name: c, image: i, ports: [{name: web, containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: node, namespace: web, labels: {app: node}}
spec: {hostNetwork: true, containers: [{name: c, image: i}]}
`

// [to and from] https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
// [by its name] https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
func TestDeadPeers(t *testing.T) {
	t.Parallel()
	const ray = "apiVersion: example.org/v1\nkind: Cluster\nmetadata: {name: r, namespace: ai}\n"
	for _, c := range []struct {
		name, peer string
		more       []string
		finds      fact.Tri
		lacks      string
	}{
		{"its own pods", `{podSelector: {matchLabels: {app: server}}}`, nil, fact.Yes, ""},
		{"no such pod here [to and from]", `{podSelector: {matchLabels: {app: nobody}}}`, nil, fact.No, "pods"},
		{"such pods live elsewhere", `{podSelector: {matchLabels: {app: front}}}`, nil, fact.No, "namespace"},
		{"a controller may make such a pod", `{podSelector: {matchLabels: {app: nobody}}}`, []string{ray}, fact.Unknown, ""},
		{"a label that a controller sets", `{podSelector: {matchLabels: {statefulset.kubernetes.io/pod-name: x}}}`, nil, fact.Unknown, ""},
		{"a namespace of the tree without such a pod", `{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: web}}, podSelector: {matchLabels: {app: fornt}}}`, nil, fact.No, "pods"},
		{"a namespace that the tree does not hold", `{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}`, nil, fact.Unknown, ""},
		{"a label that no namespace of the tree carries may be another's", `{namespaceSelector: {matchLabels: {team: ops}}}`, nil, fact.Unknown, ""},
		{"a namespace by a label that it does not carry [by its name]", `{namespaceSelector: {matchLabels: {name: web}}}`, nil, fact.Unknown, "label"},
		{"a label of which the value is nobody's name", `{namespaceSelector: {matchLabels: {name: ops}}}`, nil, fact.Unknown, ""},
		{"pods of the host network are there and not found", `{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: web}}, podSelector: {matchLabels: {app: node}}}`, nil, fact.Unknown, ""},
		{"an address is somebody", `{ipBlock: {cidr: 10.0.0.0/8}}`, nil, fact.Yes, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := analyzertest.PolicyFacts(t, append([]string{peerTree, sample.NetworkPolicy("ai", "pol", `{podSelector: {}, ingress: [{from: [`+c.peer+`]}]}`)}, c.more...)...)
			if p := f.Rules[0].Peers[0]; p.Matches != c.finds || p.Missing != c.lacks {
				t.Errorf("finds %s, lacks %q; want %s, %q", p.Matches, p.Missing, c.finds, c.lacks)
			}
		})
	}
}

// [api] https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func TestPortsOfRules(t *testing.T) {
	t.Parallel()
	const second = "apiVersion: v1\nkind: Pod\nmetadata: {name: second, namespace: ai, labels: {app: server}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 8000}]}]}\n"
	in := func(rule string) string {
		return sample.NetworkPolicy("ai", "pol", `{podSelector: {matchLabels: {app: server}}, ingress: [`+rule+`]}`)
	}
	out := func(rule string) string {
		return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: out, namespace: web}\nspec: {podSelector: {}, policyTypes: [Egress], egress: [" + rule + "]}\n"
	}
	const toServer = `to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ai}}, podSelector: {matchLabels: {app: server}}}], `
	for _, c := range []struct {
		name, policy string
		more         []string
		declared     string
		service      bool
	}{
		{"a name that the container has", in(`{ports: [{port: http}]}`), nil, "all", false},
		{"a name that it has not", in(`{ports: [{port: grpc}]}`), nil, "none", false},
		{"the name with another protocol [api: port]", in(`{ports: [{port: http, protocol: UDP}]}`), nil, "none", false},
		{"a name that another pod of the same number has not", in(`{ports: [{port: http}]}`), []string{second}, "some", false},
		{"egress asks the destination [api: port]", out(`{` + toServer + `ports: [{port: http}]}`), nil, "all", false},
		{"and not the caller", out(`{` + toServer + `ports: [{port: web}]}`), nil, "none", false},
		{"an address names no port", out(`{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: http}]}`), nil, "address", false},
		{"anybody may name it", out(`{ports: [{port: nothing}]}`), nil, "unknown", false},
		{"the Service's number", in(`{ports: [{port: 80}]}`), nil, "unknown", true},
		{"beside the pod's", in(`{ports: [{port: 80}, {port: 8000}]}`), nil, "unknown", false},
		{"with the pod's in another rule", in(`{ports: [{port: 80}]}, {ports: [{port: http}]}`), nil, "unknown", false},
		{"the pod's", in(`{ports: [{port: 8000}]}`), nil, "unknown", false},
		{"a number that is nobody's", in(`{ports: [{port: 81}]}`), nil, "unknown", false},
		{"the Service's number with another protocol", in(`{ports: [{port: 80, protocol: UDP}]}`), nil, "unknown", false},
		{"a range that holds the Service's number", in(`{ports: [{port: 80, endPort: 90}]}`), nil, "unknown", false},
		{"the Service's number, from the caller's side", out(`{` + toServer + `ports: [{port: 80}]}`), nil, "unknown", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := analyzertest.PolicyFacts(t, append([]string{peerTree, c.policy}, c.more...)...)
			if p := f.Rules[0].Ports[0]; p.Declared != c.declared || p.Service.Present != c.service {
				t.Errorf("declared %s, of a Service %v; want %s, %v", p.Declared, p.Service.Present, c.declared, c.service)
			}
		})
	}
}

// Only what another rule certainly admits to the same pods is redundant.
func TestRedundantRules(t *testing.T) {
	t.Parallel()
	wide := sample.NetworkPolicy("ai", "a-wide", `{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}`)
	rule := func(spec string) string { return sample.NetworkPolicy("ai", "b", spec) }
	for _, c := range []struct {
		name, other, policy string
		want                bool
	}{
		{"a part of what every pod may", wide, rule(`{podSelector: {matchLabels: {app: server}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 8000}]}]}`), true},
		{"addresses, which it does not admit", wide, rule(`{podSelector: {matchLabels: {app: server}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}`), false},
		{"more ports than it", sample.NetworkPolicy("ai", "a", `{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}`), rule(`{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}`), false},
		{"another direction", sample.NetworkPolicy("ai", "a", `{podSelector: {}, policyTypes: [Egress], egress: [{}]}`), rule(`{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}`), false},
		{"pods that the other does not select", sample.NetworkPolicy("ai", "a", `{podSelector: {matchLabels: {app: server}}, ingress: [{}]}`), rule(`{podSelector: {matchLabels: {app: other}}, ingress: [{from: [{podSelector: {}}]}]}`), false},
		{"the same again: the later one", sample.NetworkPolicy("ai", "a", `{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}`), rule(`{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}`), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			found := analyzertest.FactsOf[fact.NetworkPolicyFacts](analyzertest.Build(t, sample.Join(peerTree, c.other, c.policy)))
			got, first := found[1].Rules[0].Redundant, found[0].Rules[0].Redundant
			if got != c.want || got && first {
				t.Errorf("redundant %v, the other %v; want %v, and never both", got, first, c.want)
			}
		})
	}
}

func TestServedPortsInOrder(t *testing.T) {
	t.Parallel()
	manifest := "apiVersion: v1\nkind: Pod\nmetadata: {name: s, namespace: ai, labels: {app: s}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 18888}, {containerPort: 8333, name: s3}, {containerPort: 9333}]}]}\n"
	f := analyzertest.PolicyFacts(t, manifest, sample.NetworkPolicy("ai", "pol", `{podSelector: {matchLabels: {app: s}}, ingress: [{from: [{podSelector: {}}]}]}`))
	if got, want := f.Rules[0].Names["served"], "8333 (`s3`), 9333, 18888"; got != want {
		t.Errorf("serves %s, want %s", got, want)
	}
}
