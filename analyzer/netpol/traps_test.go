package netpol_test

import (
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// trap is one question; want is its verdict.
type trap struct {
	name      string
	manifests []string
	src, dst  string
	protocol  string
	port      int
	want      fact.Verdict
}

func (c trap) check(t *testing.T) {
	t.Helper()
	t.Run(c.name, func(t *testing.T) {
		t.Parallel()
		analyzertest.CheckVerdict(t, append([]string{sample.Town}, c.manifests...), c.src, c.dst, c.protocol, c.port, c.want)
	})
}

// The traps of NetworkPolicy, by the number they have in our notes. [np] is
// https://kubernetes.io/docs/concepts/services-networking/network-policies/ and
// [api] https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
func TestConnectivityTraps(t *testing.T) {
	t.Parallel()
	open, closed := `{podSelector: {}, ingress: [{}]}`, `{podSelector: {}}`
	noEgress := sample.NetworkPolicy("web", "out", `{policyTypes: [Egress]}`)
	from := func(peers string) []string {
		return []string{sample.NetworkPolicy("ai", "p", `{podSelector: {matchLabels: {app: vllm}}, ingress: [{from: [`+peers+`]}]}`)}
	}
	ports := func(ports string) []string {
		return []string{sample.NetworkPolicy("ai", "p", `{podSelector: {}, ingress: [{ports: [`+ports+`]}]}`)}
	}
	out := func(rules string) []string {
		return []string{sample.NetworkPolicy("web", "p", `{podSelector: {}, policyTypes: [Egress], egress: [`+rules+`]}`)}
	}
	for _, c := range []trap{
		{"1 nothing isolates [np: two sorts of isolation]", nil, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"1 union: one of two admits [np: additive]", []string{sample.NetworkPolicy("ai", "a", closed), sample.NetworkPolicy("ai", "b", open)}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"1 both sides must admit [np: two sorts of isolation]", []string{sample.NetworkPolicy("ai", "a", open), noEgress}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"1 a policy of another namespace [np]", []string{sample.NetworkPolicy("web", "a", closed)}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"2 an empty egress list without types isolates no egress [defaults.go]", []string{sample.NetworkPolicy("web", "a", `{podSelector: {}, egress: []}`)}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"2 an egress rule without types denies ingress too [api: policyTypes]", []string{sample.NetworkPolicy("ai", "a", `{podSelector: {}, egress: [{}]}`)}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"3 a listed type without rules denies [np: default deny]", []string{noEgress}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"3 ingress rules under types that omit them are dead [api: policyTypes]", []string{sample.NetworkPolicy("ai", "a", `{podSelector: {}, policyTypes: [Egress], ingress: [{from: [{podSelector: {}}]}]}`)}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"4 missing from is any peer, outside too [api: from]", []string{sample.NetworkPolicy("ai", "a", open)}, sample.Outside, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"4 empty from is any peer [api: from]", []string{sample.NetworkPolicy("ai", "a", `{podSelector: {}, ingress: [{from: []}]}`)}, sample.Outside, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"4 null from is any peer [api: from]", []string{sample.NetworkPolicy("ai", "a", `{podSelector: {}, ingress: [{from: null, ports: null}]}`)}, sample.Outside, sample.VLLMID, "UDP", 1, fact.Allowed},
		{"4 an empty list of rules is none [api: ingress]", []string{sample.NetworkPolicy("ai", "a", `{podSelector: {}, ingress: []}`)}, sample.Outside, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"5 podSelector alone stays in its namespace [np: to and from]", from(`{podSelector: {}}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"5 podSelector alone finds its neighbours [np: to and from]", from(`{podSelector: {}}`), sample.SideID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"5 empty namespaceSelector is every namespace [api: namespaceSelector]", from(`{namespaceSelector: {}}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"5 both in one item are ANDed [np: to and from]", from(`{namespaceSelector: {matchLabels: {team: shop}}, podSelector: {matchLabels: {app: other}}}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"5 two items are ORed [np: to and from]", from(`{namespaceSelector: {matchLabels: {team: shop}}}, {podSelector: {matchLabels: {app: other}}}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"5 selectors admit nobody from outside [np]", from(`{namespaceSelector: {}}`), sample.Outside, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"6 an empty peer is refused, so nothing is known [api: NetworkPolicyPeer]", from(`{}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Undetermined},
		{"7 a namespace by its name [np: by its name]", from(`{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: web}}}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"7 an undeclared namespace has its name too [np: by its name]", []string{sample.NetworkPolicy("web", "p", `{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ai}}}]}]}`)}, sample.SideID, sample.FrontID, "TCP", 80, fact.Allowed},
		{"7 other labels of an undeclared namespace are unknown [np: by its name]", []string{sample.NetworkPolicy("web", "p", `{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ml}}}]}]}`)}, sample.SideID, sample.FrontID, "TCP", 80, fact.Undetermined},
		{"8 protocol defaults to TCP [api: protocol]", ports(`{port: 7946}`), sample.FrontID, sample.VLLMID, "UDP", 7946, fact.Denied},
		{"8 a named port has the destination's number [api: port]", ports(`{port: http}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"8 and another number on another pod [api: port]", ports(`{port: http}`), sample.FrontID, sample.SideID, "TCP", 7000, fact.Allowed},
		{"8 and not the first one there [api: port]", ports(`{port: http}`), sample.FrontID, sample.SideID, "TCP", 8000, fact.Denied},
		{"8 a named port has a protocol [api: port]", ports(`{port: gossip}`), sample.FrontID, sample.VLLMID, "TCP", 7946, fact.Denied},
		{"8 a port left out is all of its protocol [api: port]", ports(`{protocol: UDP}`), sample.FrontID, sample.VLLMID, "UDP", 65535, fact.Allowed},
		{"8 endPort is inclusive [api: endPort]", ports(`{port: 8000, endPort: 8002}`), sample.FrontID, sample.VLLMID, "TCP", 8002, fact.Allowed},
		{"8 egress to a named port has the destination's number [api: port]", out(`{ports: [{port: http}]}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"8 egress to a named port reaches no address [api: port]", out(`{ports: [{port: http}]}`), sample.FrontID, sample.Outside, "TCP", 80, fact.Denied},
		{"8 the Service's port is not the pod's [np: applied to pods]", append(ports(`{port: 80}`), "apiVersion: v1\nkind: Service\nmetadata: {name: vllm, namespace: ai}\nspec: {selector: {app: vllm}, ports: [{port: 80, targetPort: 8000}]}\n"), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"9 ipBlock never means pods [np: ipBlock]", from(`{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: "::/0"}}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"9 ipBlock [np: ipBlock]", from(`{ipBlock: {cidr: 8.0.0.0/8}}`), sample.Outside, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"9 except [api: except]", from(`{ipBlock: {cidr: 8.0.0.0/8, except: [8.8.0.0/16]}}`), sample.Outside, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"9 another block fills the hole [np: union]", from(`{ipBlock: {cidr: 8.0.0.0/8, except: [8.8.0.0/16]}}, {ipBlock: {cidr: 8.8.8.8/32}}`), sample.Outside, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"9 IPv6 is not covered by 0.0.0.0/0 [np: ipBlock]", from(`{ipBlock: {cidr: 0.0.0.0/0}}`), "2001:db8::1", sample.VLLMID, "TCP", 8000, fact.Denied},
		{"9 the metadata service lies in 0.0.0.0/0 [np: ipBlock]", out(`{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}`), sample.FrontID, "169.254.169.254", "TCP", 80, fact.Allowed},
		{"10 a node reaches its own pods, and which they are is open [np: prerequisites]", []string{sample.NetworkPolicy("ai", "a", closed)}, sample.AgentID, sample.VLLMID, "TCP", 8000, fact.Undetermined},
		{"10 a pod and its node, likewise [np: prerequisites]", []string{noEgress}, sample.FrontID, sample.AgentID, "TCP", 80, fact.Undetermined},
		{"10 a rule for everybody holds for nodes [api: from]", []string{sample.NetworkPolicy("ai", "a", open)}, sample.AgentID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"11 a hostNetwork pod is no subject [np: hostNetwork]", []string{sample.NetworkPolicy("mon", "a", closed)}, sample.FrontID, sample.AgentID, "TCP", 80, fact.Allowed},
		{"11 nor does a selector find it [np: hostNetwork]", from(`{namespaceSelector: {}}`), sample.AgentID, sample.VLLMID, "TCP", 8000, fact.Undetermined},
		{"12 SCTP is a protocol like the others [np: SCTP]", ports(`{protocol: SCTP, port: 38412}`), sample.FrontID, sample.VLLMID, "SCTP", 38412, fact.Allowed},
		{"15 port 53 alone is no DNS [api: protocol]", out(`{ports: [{port: 53}]}`), sample.FrontID, sample.Outside, "UDP", 53, fact.Denied},
		{"15 both protocols are [api: protocol]", out(`{ports: [{port: 53}, {port: 53, protocol: UDP}]}`), sample.FrontID, sample.Outside, "UDP", 53, fact.Allowed},
		{"19 a policy of another kind may decide otherwise [docs.cilium.io]", []string{"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x, namespace: ai}\nspec: {}\n"}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Undetermined},
		{"19 in its own namespace only [docs.cilium.io]", []string{"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x, namespace: ai}\nspec: {}\n"}, sample.Outside, sample.FrontID, "TCP", 80, fact.Allowed},
		{"a label that a controller sets", from(`{podSelector: {matchLabels: {statefulset.kubernetes.io/pod-name: side-0}}}`), sample.SideID, sample.VLLMID, "TCP", 8000, fact.Undetermined},
		{"a pod selector that may select", []string{sample.NetworkPolicy("ai", "p", `{podSelector: {matchLabels: {pod-template-hash: a}}}`)}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Undetermined},
	} {
		c.check(t)
	}
}
