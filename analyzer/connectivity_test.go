package analyzer

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// town is a cluster that traps are set in: ai/vllm serves http 8000, metrics
// 9090 and UDP 7946; web/front calls it; mon/agent runs in the host network.
const town = `apiVersion: v1
kind: Namespace
metadata: {name: web, labels: {team: shop}}
---
apiVersion: v1
kind: Namespace
metadata: {name: mon, labels: {team: ops}}
---
apiVersion: v1
kind: Pod
metadata: {name: front, namespace: web, labels: {app: front}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: side, namespace: ai, labels: {app: side}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 7000}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: mon, labels: {app: agent}}
spec: {hostNetwork: true, containers: [{name: c, image: i}]}
---
` + vllm

const (
	frontID = "web/front[Pod]"
	sideID  = "ai/side[Pod]"
	agentID = "mon/agent[Pod]"
	outside = "8.8.8.8"
)

func in(namespace, name, spec string) string {
	return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " + name + ", namespace: " + namespace + "}\nspec: " + spec + "\n"
}

// trap is one question; want is its verdict.
type trap struct {
	name      string
	manifests []string
	src, dst  string
	protocol  corev1.Protocol
	port      int32
	want      fact.Verdict
}

func (c trap) check(t *testing.T) {
	t.Helper()
	t.Run(c.name, func(t *testing.T) {
		m := build(t, docs(append([]string{town}, c.manifests...)...))
		rows, err := m.Sets.Connectivity(connect.ConnectivityOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := newAnswers(t, rows).verdict(c.src, c.dst, naivePortNumber{c.protocol, c.port}); got != c.want {
			t.Errorf("%s → %s %s/%d = %s, want %s", c.src, c.dst, c.protocol, c.port, got, c.want)
		}
	})
}

// The traps of NetworkPolicy, by the number they have in our notes. [np] is
// https://kubernetes.io/docs/concepts/services-networking/network-policies/ and
// [api] https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
func TestConnectivityTraps(t *testing.T) {
	open, closed := `{podSelector: {}, ingress: [{}]}`, `{podSelector: {}}`
	noEgress := in("web", "out", `{policyTypes: [Egress]}`)
	from := func(peers string) []string {
		return []string{in("ai", "p", `{podSelector: {matchLabels: {app: vllm}}, ingress: [{from: [`+peers+`]}]}`)}
	}
	ports := func(ports string) []string {
		return []string{in("ai", "p", `{podSelector: {}, ingress: [{ports: [`+ports+`]}]}`)}
	}
	out := func(rules string) []string {
		return []string{in("web", "p", `{podSelector: {}, policyTypes: [Egress], egress: [`+rules+`]}`)}
	}
	for _, c := range []trap{
		{"1 nothing isolates [np: two sorts of isolation]", nil, frontID, vllmID, "TCP", 8000, fact.Allowed},
		{"1 union: one of two admits [np: additive]", []string{in("ai", "a", closed), in("ai", "b", open)}, frontID, vllmID, "TCP", 8000, fact.Allowed},
		{"1 both sides must admit [np: two sorts of isolation]", []string{in("ai", "a", open), noEgress}, frontID, vllmID, "TCP", 8000, fact.Denied},
		{"1 a policy of another namespace [np]", []string{in("web", "a", closed)}, frontID, vllmID, "TCP", 8000, fact.Allowed},
		{"2 an empty egress list without types isolates no egress [defaults.go]", []string{in("web", "a", `{podSelector: {}, egress: []}`)}, frontID, vllmID, "TCP", 8000, fact.Allowed},
		{"2 an egress rule without types denies ingress too [api: policyTypes]", []string{in("ai", "a", `{podSelector: {}, egress: [{}]}`)}, frontID, vllmID, "TCP", 8000, fact.Denied},
		{"3 a listed type without rules denies [np: default deny]", []string{noEgress}, frontID, vllmID, "TCP", 8000, fact.Denied},
		{"3 ingress rules under types that omit them are dead [api: policyTypes]", []string{in("ai", "a", `{podSelector: {}, policyTypes: [Egress], ingress: [{from: [{podSelector: {}}]}]}`)}, frontID, vllmID, "TCP", 8000, fact.Allowed},
		{"4 missing from is any peer, outside too [api: from]", []string{in("ai", "a", open)}, outside, vllmID, "TCP", 8000, fact.Allowed},
		{"4 empty from is any peer [api: from]", []string{in("ai", "a", `{podSelector: {}, ingress: [{from: []}]}`)}, outside, vllmID, "TCP", 8000, fact.Allowed},
		{"4 null from is any peer [api: from]", []string{in("ai", "a", `{podSelector: {}, ingress: [{from: null, ports: null}]}`)}, outside, vllmID, "UDP", 1, fact.Allowed},
		{"4 an empty list of rules is none [api: ingress]", []string{in("ai", "a", `{podSelector: {}, ingress: []}`)}, outside, vllmID, "TCP", 8000, fact.Denied},
		{"5 podSelector alone stays in its namespace [np: to and from]", from(`{podSelector: {}}`), frontID, vllmID, "TCP", 8000, fact.Denied},
		{"5 podSelector alone finds its neighbours [np: to and from]", from(`{podSelector: {}}`), sideID, vllmID, "TCP", 8000, fact.Allowed},
		{"5 empty namespaceSelector is every namespace [api: namespaceSelector]", from(`{namespaceSelector: {}}`), frontID, vllmID, "TCP", 8000, fact.Allowed},
		{"5 both in one item are ANDed [np: to and from]", from(`{namespaceSelector: {matchLabels: {team: shop}}, podSelector: {matchLabels: {app: other}}}`), frontID, vllmID, "TCP", 8000, fact.Denied},
		{"5 two items are ORed [np: to and from]", from(`{namespaceSelector: {matchLabels: {team: shop}}}, {podSelector: {matchLabels: {app: other}}}`), frontID, vllmID, "TCP", 8000, fact.Allowed},
		{"5 selectors admit nobody from outside [np]", from(`{namespaceSelector: {}}`), outside, vllmID, "TCP", 8000, fact.Denied},
		{"6 an empty peer is refused, so nothing is known [api: NetworkPolicyPeer]", from(`{}`), frontID, vllmID, "TCP", 8000, fact.Undetermined},
		{"7 a namespace by its name [np: by its name]", from(`{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: web}}}`), frontID, vllmID, "TCP", 8000, fact.Allowed},
		{"7 an undeclared namespace has its name too [np: by its name]", []string{in("web", "p", `{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ai}}}]}]}`)}, sideID, frontID, "TCP", 80, fact.Allowed},
		{"7 other labels of an undeclared namespace are unknown [np: by its name]", []string{in("web", "p", `{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ml}}}]}]}`)}, sideID, frontID, "TCP", 80, fact.Undetermined},
		{"8 protocol defaults to TCP [api: protocol]", ports(`{port: 7946}`), frontID, vllmID, "UDP", 7946, fact.Denied},
		{"8 a named port has the destination's number [api: port]", ports(`{port: http}`), frontID, vllmID, "TCP", 8000, fact.Allowed},
		{"8 and another number on another pod [api: port]", ports(`{port: http}`), frontID, sideID, "TCP", 7000, fact.Allowed},
		{"8 and not the first one there [api: port]", ports(`{port: http}`), frontID, sideID, "TCP", 8000, fact.Denied},
		{"8 a named port has a protocol [api: port]", ports(`{port: gossip}`), frontID, vllmID, "TCP", 7946, fact.Denied},
		{"8 a port left out is all of its protocol [api: port]", ports(`{protocol: UDP}`), frontID, vllmID, "UDP", 65535, fact.Allowed},
		{"8 endPort is inclusive [api: endPort]", ports(`{port: 8000, endPort: 8002}`), frontID, vllmID, "TCP", 8002, fact.Allowed},
		{"8 egress to a named port has the destination's number [api: port]", out(`{ports: [{port: http}]}`), frontID, vllmID, "TCP", 8000, fact.Allowed},
		{"8 egress to a named port reaches no address [api: port]", out(`{ports: [{port: http}]}`), frontID, outside, "TCP", 80, fact.Denied},
		{"8 the Service's port is not the pod's [np: applied to pods]", append(ports(`{port: 80}`), "apiVersion: v1\nkind: Service\nmetadata: {name: vllm, namespace: ai}\nspec: {selector: {app: vllm}, ports: [{port: 80, targetPort: 8000}]}\n"), frontID, vllmID, "TCP", 8000, fact.Denied},
		{"9 ipBlock never means pods [np: ipBlock]", from(`{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: "::/0"}}`), frontID, vllmID, "TCP", 8000, fact.Denied},
		{"9 ipBlock [np: ipBlock]", from(`{ipBlock: {cidr: 8.0.0.0/8}}`), outside, vllmID, "TCP", 8000, fact.Allowed},
		{"9 except [api: except]", from(`{ipBlock: {cidr: 8.0.0.0/8, except: [8.8.0.0/16]}}`), outside, vllmID, "TCP", 8000, fact.Denied},
		{"9 another block fills the hole [np: union]", from(`{ipBlock: {cidr: 8.0.0.0/8, except: [8.8.0.0/16]}}, {ipBlock: {cidr: 8.8.8.8/32}}`), outside, vllmID, "TCP", 8000, fact.Allowed},
		{"9 IPv6 is not covered by 0.0.0.0/0 [np: ipBlock]", from(`{ipBlock: {cidr: 0.0.0.0/0}}`), "2001:db8::1", vllmID, "TCP", 8000, fact.Denied},
		{"9 the metadata service lies in 0.0.0.0/0 [np: ipBlock]", out(`{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}`), frontID, "169.254.169.254", "TCP", 80, fact.Allowed},
		{"10 a node reaches its own pods, and which they are is open [np: prerequisites]", []string{in("ai", "a", closed)}, agentID, vllmID, "TCP", 8000, fact.Undetermined},
		{"10 a pod and its node, likewise [np: prerequisites]", []string{noEgress}, frontID, agentID, "TCP", 80, fact.Undetermined},
		{"10 a rule for everybody holds for nodes [api: from]", []string{in("ai", "a", open)}, agentID, vllmID, "TCP", 8000, fact.Allowed},
		{"11 a hostNetwork pod is no subject [np: hostNetwork]", []string{in("mon", "a", closed)}, frontID, agentID, "TCP", 80, fact.Allowed},
		{"11 nor does a selector find it [np: hostNetwork]", from(`{namespaceSelector: {}}`), agentID, vllmID, "TCP", 8000, fact.Undetermined},
		{"12 SCTP is a protocol like the others [np: SCTP]", ports(`{protocol: SCTP, port: 38412}`), frontID, vllmID, "SCTP", 38412, fact.Allowed},
		{"15 port 53 alone is no DNS [api: protocol]", out(`{ports: [{port: 53}]}`), frontID, outside, "UDP", 53, fact.Denied},
		{"15 both protocols are [api: protocol]", out(`{ports: [{port: 53}, {port: 53, protocol: UDP}]}`), frontID, outside, "UDP", 53, fact.Allowed},
		{"19 a policy of another kind may decide otherwise [docs.cilium.io]", []string{"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x, namespace: ai}\nspec: {}\n"}, frontID, vllmID, "TCP", 8000, fact.Undetermined},
		{"19 in its own namespace only [docs.cilium.io]", []string{"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x, namespace: ai}\nspec: {}\n"}, outside, frontID, "TCP", 80, fact.Allowed},
		{"a label that a controller sets", from(`{podSelector: {matchLabels: {statefulset.kubernetes.io/pod-name: side-0}}}`), sideID, vllmID, "TCP", 8000, fact.Undetermined},
		{"a pod selector that may select", []string{in("ai", "p", `{podSelector: {matchLabels: {pod-template-hash: a}}}`)}, frontID, vllmID, "TCP", 8000, fact.Undetermined},
	} {
		c.check(t)
	}
}

func text(rows []connect.Connection) []string {
	var out []string
	for _, r := range rows {
		var ports netset.Ports
		names := netset.Protocols()
		ports[slices.Index(names[:], r.Protocol)] = r.Ports
		out = append(out, r.Src.Name+" → "+r.Dst.Name+" "+ports.String()+" "+string(r.Verdict))
	}
	return out
}

// Rows are partitioned at the borders of blocks, hold no pair of a workload
// with itself (trap 10), and do not change with Services (trap 14).
func TestConnectivityRows(t *testing.T) {
	manifests := docs(strings.ReplaceAll(vllm, "name: vllm,", "name: a,"), vllm,
		policy(`{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: http}, {port: 8001}]}]}`))
	for _, more := range []string{"", "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ai}\nspec: {type: LoadBalancer, selector: {app: vllm}, ports: [{port: 80, targetPort: 8000}]}\n"} {
		rows, err := build(t, docs(manifests, more)).Sets.Connectivity(connect.ConnectivityOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"10.0.0.0-10.255.255.255 → ai/a[Deployment] TCP 8000-8001 allowed",
			"10.0.0.0-10.255.255.255 → ai/vllm[Deployment] TCP 8000-8001 allowed",
		}
		if got := text(rows); !slices.Equal(got, want) {
			t.Errorf("rows = %q, want %q", got, want)
		}
	}
}

func TestConnectivityExposure(t *testing.T) {
	m := build(t, docs(vllm, policy(`{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [
  {from: [{namespaceSelector: {matchLabels: {team: ml}}, podSelector: {matchLabels: {app: web}}}, {podSelector: {matchLabels: {app: bench}}}], ports: [{port: 8000}]},
  {from: [{namespaceSelector: {}}], ports: [{port: 9090}]}],
 egress: [{to: [{namespaceSelector: {}}], ports: [{port: http}]}]}`)))
	rows, err := m.Sets.Connectivity(connect.ConnectivityOptions{Exposure: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"ai/pod{app=bench} → ai/vllm[Deployment] TCP 8000, 9090 allowed",
		"any-namespace/any-pod → ai/vllm[Deployment] TCP 9090 allowed",
		"namespace{team=ml}/pod{app=web} → ai/vllm[Deployment] TCP 8000, 9090 allowed",
		"ai/vllm[Deployment] → any-namespace/any-pod every TCP port unknown",
	}
	if got := text(rows); !slices.Equal(got, want) {
		t.Errorf("rows = %q, want %q", got, want)
	}
	if rows, _ := m.Sets.Connectivity(connect.ConnectivityOptions{}); len(rows) != 0 {
		t.Errorf("without exposure there are %q", text(rows))
	}
}

func TestWhy(t *testing.T) {
	m := build(t, docs(town, in("ai", "deny", `{podSelector: {}}`), in("ai", "allow", `{podSelector: {matchLabels: {app: vllm}}, ingress: [{ports: [{port: 1}]}, {from: [{podSelector: {}}, {namespaceSelector: {matchLabels: {team: shop}}}], ports: [{port: http}]}]}`)))
	for _, c := range []struct {
		from, to string
		port     int
		verdict  fact.Verdict
		want     []string
	}{
		{"front", "vllm", 8000, fact.Allowed, []string{
			"allow spec.ingress[1].from[1]: admits every pod of namespaces `team=shop` on TCP 8000",
			"front metadata.name: no NetworkPolicy isolates its egress",
		}},
		{frontID, vllmID, 9090, fact.Denied, []string{
			"deny spec.podSelector: isolates the ingress of ai/vllm[Deployment], and no rule admits web/front[Pod] on TCP 9090, UDP 9090, SCTP 9090; a rule under spec.ingress would have to",
			"allow spec.podSelector: isolates the ingress of ai/vllm[Deployment], and no rule admits web/front[Pod] on TCP 9090, UDP 9090, SCTP 9090; a rule under spec.ingress would have to",
			"front metadata.name: no NetworkPolicy isolates its egress",
		}},
		{"mon", "ai/vllm", 8000, fact.Undetermined, []string{
			"deny spec.podSelector: isolates the ingress of ai/vllm[Deployment], and no rule admits mon/agent[Pod] on TCP 8000, UDP 8000, SCTP 8000; a rule under spec.ingress would have to",
			"allow spec.podSelector: isolates the ingress of ai/vllm[Deployment], and no rule admits mon/agent[Pod] on TCP 8000, UDP 8000, SCTP 8000; a rule under spec.ingress would have to",
			"agent spec.hostNetwork: runs in the host network: its traffic is its node's, which is always allowed on the node of ai/vllm[Deployment] and elsewhere by rules for everybody only",
			"agent spec.hostNetwork: runs in the host network, where NetworkPolicies are not enforced",
		}},
	} {
		reasons, verdict, err := m.Sets.Why(c.from, c.to, c.port)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range reasons {
			got = append(got, r.Object.Name+" "+r.Path.String()+": "+r.Effect)
		}
		if verdict != c.verdict || !slices.Equal(got, c.want) {
			t.Errorf("%s → %s %d = %s\n%s\nwant %s\n%s", c.from, c.to, c.port, verdict, strings.Join(got, "\n"), c.verdict, strings.Join(c.want, "\n"))
		}
	}
}
