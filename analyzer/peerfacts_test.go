package analyzer

import (
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

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

func policyFactsOf(t *testing.T, manifests ...string) *fact.NetworkPolicyFacts {
	t.Helper()
	found := factsOfType[fact.NetworkPolicyFacts](build(t, docs(manifests...)))
	if len(found) != 1 {
		t.Fatalf("%d policies", len(found))
	}
	return found[0]
}

// [to and from] https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
// [by its name] https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
func TestDeadPeers(t *testing.T) {
	const ray = "apiVersion: example.org/v1\nkind: Cluster\nmetadata: {name: r, namespace: ai}\n"
	for _, c := range []struct {
		name, peer string
		more       []string
		matches    fact.Tri
		missing    string
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
			f := policyFactsOf(t, append([]string{peerTree, in("ai", "pol", `{podSelector: {}, ingress: [{from: [`+c.peer+`]}]}`)}, c.more...)...)
			if p := f.Rules[0].Peers[0]; p.Matches != c.matches || p.Missing != c.missing {
				t.Errorf("matches %s, missing %q; want %s, %q", p.Matches, p.Missing, c.matches, c.missing)
			}
		})
	}
}

// [api] https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
func TestPortsOfRules(t *testing.T) {
	const second = "apiVersion: v1\nkind: Pod\nmetadata: {name: second, namespace: ai, labels: {app: server}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 8000}]}]}\n"
	in := func(rule string) string {
		return in("ai", "pol", `{podSelector: {matchLabels: {app: server}}, ingress: [`+rule+`]}`)
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
			f := policyFactsOf(t, append([]string{peerTree, c.policy}, c.more...)...)
			if p := f.Rules[0].Ports[0]; p.Declared != c.declared || p.Service.Present != c.service {
				t.Errorf("declared %s, of a Service %v; want %s, %v", p.Declared, p.Service.Present, c.declared, c.service)
			}
		})
	}
}

// Only what another rule certainly admits to the same pods is redundant.
func TestRedundantRules(t *testing.T) {
	wide := in("ai", "a-wide", `{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}`)
	rule := func(spec string) string { return in("ai", "b", spec) }
	for _, c := range []struct {
		name, other, policy string
		want                bool
	}{
		{"a part of what every pod may", wide, rule(`{podSelector: {matchLabels: {app: server}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 8000}]}]}`), true},
		{"addresses, which it does not admit", wide, rule(`{podSelector: {matchLabels: {app: server}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}`), false},
		{"more ports than it", in("ai", "a", `{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}`), rule(`{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}`), false},
		{"another direction", in("ai", "a", `{podSelector: {}, policyTypes: [Egress], egress: [{}]}`), rule(`{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}`), false},
		{"pods that the other does not select", in("ai", "a", `{podSelector: {matchLabels: {app: server}}, ingress: [{}]}`), rule(`{podSelector: {matchLabels: {app: other}}, ingress: [{from: [{podSelector: {}}]}]}`), false},
		{"the same again: the later one", in("ai", "a", `{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}`), rule(`{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}`), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := factsOfType[fact.NetworkPolicyFacts](build(t, docs(peerTree, c.other, c.policy)))
			got, first := found[1].Rules[0].Redundant, found[0].Rules[0].Redundant
			if got != c.want || got && first {
				t.Errorf("redundant %v, the other %v; want %v, and never both", got, first, c.want)
			}
		})
	}
}
