package netpol_test

import (
	"fmt"
	rand "math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/naive"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

type naivePod struct {
	labels map[string]string
	ports  []corev1.ContainerPort
}

// naiveSelects: "the result of matchLabels and matchExpressions are ANDed".
func naiveSelects(s metav1.LabelSelector, labels map[string]string) bool {
	for k, v := range s.MatchLabels {
		if have, ok := labels[k]; !ok || have != v {
			return false
		}
	}
	for _, e := range s.MatchExpressions {
		have, ok := labels[e.Key]
		in := false
		for _, v := range e.Values {
			in = in || ok && v == have
		}
		switch e.Operator {
		case metav1.LabelSelectorOpIn:
			if !in {
				return false
			}
		case metav1.LabelSelectorOpNotIn:
			if in {
				return false
			}
		case metav1.LabelSelectorOpExists:
			if !ok {
				return false
			}
		case metav1.LabelSelectorOpDoesNotExist:
			if ok {
				return false
			}
		}
	}
	return true
}

// naiveIngress: "if no policyTypes are specified, Ingress will always be set".
func naiveIngress(p networkingv1.NetworkPolicySpec) bool {
	if len(p.PolicyTypes) == 0 {
		return true
	}
	return slices.Contains(p.PolicyTypes, networkingv1.PolicyTypeIngress)
}

func naiveIsolated(policies []networkingv1.NetworkPolicySpec, pod naivePod) bool {
	for _, p := range policies {
		if naiveSelects(p.PodSelector, pod.labels) && naiveIngress(p) {
			return true
		}
	}
	return false
}

// naivePort: "if this field is empty or missing, this rule matches all ports".
func naivePort(ports []networkingv1.NetworkPolicyPort, pod naivePod, c corev1.ContainerPort) bool {
	if len(ports) == 0 {
		return true
	}
	for _, p := range ports {
		protocol := corev1.ProtocolTCP // "if not specified, this field defaults to TCP"
		if p.Protocol != nil {
			protocol = *p.Protocol
		}
		if protocol != c.Protocol {
			continue
		}
		if p.Port == nil { // "matches all port names and numbers"
			return true
		}
		if p.Port.Type == intstr.String {
			for _, named := range pod.ports {
				if named.Name == p.Port.StrVal && named.Protocol == protocol && named.ContainerPort == c.ContainerPort {
					return true
				}
			}
			continue
		}
		end := p.Port.IntVal
		if p.EndPort != nil { // "the range of ports from port to endPort if set, inclusive"
			end = *p.EndPort
		}
		if c.ContainerPort >= p.Port.IntVal && c.ContainerPort <= end {
			return true
		}
	}
	return false
}

// naiveAdmits answers for one address outside the cluster.
func naiveAdmits(policies []networkingv1.NetworkPolicySpec, pod naivePod, c corev1.ContainerPort, from netip.Addr) bool {
	for _, p := range policies {
		if !naiveSelects(p.PodSelector, pod.labels) || !naiveIngress(p) {
			continue
		}
		for _, r := range p.Ingress {
			if naivePort(r.Ports, pod, c) && (len(r.From) == 0 || naiveFrom(r.From, from)) {
				return true
			}
		}
	}
	return false
}

func naiveFrom(peers []networkingv1.NetworkPolicyPeer, from netip.Addr) bool {
	for _, peer := range peers {
		if peer.IPBlock == nil || !netip.MustParsePrefix(peer.IPBlock.CIDR).Contains(from) {
			continue
		}
		excepted := false
		for _, e := range peer.IPBlock.Except {
			excepted = excepted || netip.MustParsePrefix(e).Contains(from)
		}
		if !excepted {
			return true
		}
	}
	return false
}

// naiveEveryone holds when one address of each region that the generator's
// blocks can tell apart is admitted.
func naiveEveryone(policies []networkingv1.NetworkPolicySpec, pod naivePod, c corev1.ContainerPort) bool {
	all := func(addresses ...string) bool {
		for _, a := range addresses {
			if !naiveAdmits(policies, pod, c, netip.MustParseAddr(a)) {
				return false
			}
		}
		return true
	}
	return all("1.0.0.1", "10.0.0.1", "10.128.0.1", "130.0.0.1") || all("2001:db8::1", "9000::1", "fd00::1")
}

// random draws clusters that exercise every feature named above.
type random struct{ *rand.Rand }

func (r random) pick(of ...string) string { return of[r.IntN(len(of))] }

func (r random) labels() map[string]string {
	out := map[string]string{}
	for _, k := range []string{"app", "tier", "team"} {
		if r.IntN(3) > 0 {
			out[k] = r.pick("a", "b")
		}
	}
	return out
}

func (r random) selector() metav1.LabelSelector {
	var s metav1.LabelSelector
	if r.IntN(3) == 0 {
		s.MatchLabels = r.labels()
	}
	for range r.IntN(3) {
		e := metav1.LabelSelectorRequirement{Key: r.pick("app", "tier", "team", "none"), Operator: metav1.LabelSelectorOperator(r.pick("In", "NotIn", "Exists", "DoesNotExist"))}
		if e.Operator == metav1.LabelSelectorOpIn || e.Operator == metav1.LabelSelectorOpNotIn {
			e.Values = [][]string{{"a"}, {"b"}, {"a", "b"}}[r.IntN(3)]
		}
		s.MatchExpressions = append(s.MatchExpressions, e)
	}
	return s
}

func (r random) ports() []networkingv1.NetworkPolicyPort {
	var out []networkingv1.NetworkPolicyPort
	for range r.IntN(3) {
		var p networkingv1.NetworkPolicyPort
		if r.IntN(2) == 0 {
			protocol := corev1.Protocol(r.pick("TCP", "UDP", "SCTP"))
			p.Protocol = &protocol
		}
		switch r.IntN(4) {
		case 0:
			port := intstr.FromString(r.pick("http", "grpc", "other"))
			p.Port = &port
		case 1:
			port := intstr.FromInt32(int32([]int{80, 8000, 9000}[r.IntN(3)]))
			p.Port = &port
		case 2:
			port, end := intstr.FromInt32([]int32{1, 80, 81, 85}[r.IntN(4)]), []int32{85, 7999, 8000, 8500, 9000, 65534, 65535}[r.IntN(7)]
			p.Port, p.EndPort = &port, &end
		}
		out = append(out, p)
	}
	return out
}

func (r random) peers() []networkingv1.NetworkPolicyPeer {
	var out []networkingv1.NetworkPolicyPeer
	for range r.IntN(4) {
		var peer networkingv1.NetworkPolicyPeer
		switch r.IntN(4) {
		case 0:
			s := r.selector()
			peer.PodSelector = &s
		case 1:
			b := networkingv1.IPBlock{CIDR: r.pick("0.0.0.0/0", "::/0")}
			for range r.IntN(3) {
				if b.CIDR == "0.0.0.0/0" {
					b.Except = append(b.Except, r.pick("10.0.0.0/8", "128.0.0.0/1", "10.128.0.0/9"))
				} else {
					b.Except = append(b.Except, r.pick("fd00::/8", "::/1", "8000::/1"))
				}
			}
			peer.IPBlock = &b
		default:
			peer.IPBlock = &networkingv1.IPBlock{CIDR: r.pick("0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/8", "10.128.0.0/9", "::/1", "8000::/1", "fd00::/8")}
		}
		out = append(out, peer)
	}
	return out
}

func (r random) policy() networkingv1.NetworkPolicySpec {
	p := networkingv1.NetworkPolicySpec{PodSelector: r.selector()}
	for range r.IntN(3) {
		p.Ingress = append(p.Ingress, networkingv1.NetworkPolicyIngressRule{Ports: r.ports(), From: r.peers()})
	}
	for range r.IntN(2) {
		p.Egress = append(p.Egress, networkingv1.NetworkPolicyEgressRule{})
	}
	for range r.IntN(2) {
		p.PolicyTypes = append(p.PolicyTypes, networkingv1.PolicyType(r.pick("Ingress", "Egress")))
	}
	return p
}

func (r random) pod() naivePod {
	pod := naivePod{labels: r.labels()}
	for i, name := range []string{"http", "grpc", ""} {
		pod.ports = append(pod.ports, corev1.ContainerPort{
			Name: name, ContainerPort: int32([]int{80, 8000, 9000}[i]), Protocol: corev1.Protocol(r.pick("TCP", "UDP", "SCTP")),
		})
	}
	// A name may stand for one number of each protocol.
	if p := corev1.Protocol(r.pick("TCP", "UDP", "SCTP")); p != pod.ports[0].Protocol {
		pod.ports = append(pod.ports, corev1.ContainerPort{Name: "http", ContainerPort: 8500, Protocol: p})
	}
	return pod
}

// The engine agrees with the naive evaluator on every question about random
// clusters.
func TestPoliciesAgainstNaive(t *testing.T) {
	t.Parallel()
	questions := map[string]int{}
	clusters := uint64(naive.Draws())
	for seed := range clusters {
		r := random{rand.New(rand.NewPCG(seed, 11))}
		var tree []string
		var policies []networkingv1.NetworkPolicySpec
		for i := range r.IntN(4) {
			p := r.policy()
			policies = append(policies, p)
			tree = append(tree, sample.JSON(t, networkingv1.NetworkPolicy{
				TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
				ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("p%d", i), Namespace: "ai"}, Spec: p,
			}))
		}
		var pods []naivePod
		for i := range 1 + r.IntN(4) {
			pod := r.pod()
			pods = append(pods, pod)
			tree = append(tree, sample.JSON(t, corev1.Pod{
				TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
				ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("pod%d", i), Namespace: "ai", Labels: pod.labels},
				Spec:       corev1.PodSpec{Containers: pod.containers()},
			}))
		}
		m := analyzertest.Build(t, strings.Join(tree, "\n---\n"))
		for i, pod := range pods {
			f := analyzertest.Workload(t, m, fmt.Sprintf("ai/pod%d[Pod]", i)).Facts
			isolated := naiveIsolated(policies, pod)
			ask(t, seed, questions, "isolated", f.Ingress.Isolated, isolated, tree)
			for j, c := range pod.ports {
				everyone := isolated && naiveEveryone(policies, pod, c)
				ask(t, seed, questions, "everyone", f.Ports[j].Everyone.Admitted, everyone, tree)
			}
		}
	}
	// A generator that always draws the same answer would prove nothing.
	for _, q := range []string{"isolated yes", "isolated no", "everyone yes", "everyone no"} {
		if questions[q] < int(clusters)/15 {
			t.Errorf("%q was the answer %d times only", q, questions[q])
		}
	}
}

func ask(t *testing.T, seed uint64, asked map[string]int, question string, got fact.Tri, want bool, tree []string) {
	t.Helper()
	answer := map[bool]fact.Tri{true: fact.Yes, false: fact.No}[want]
	asked[question+" "+string(answer)]++
	if got != answer {
		t.Fatalf("seed %d: %s = %s, want %s in\n%s", seed, question, got, answer, strings.Join(tree, "\n"))
	}
}
