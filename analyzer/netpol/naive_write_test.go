package netpol_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
)

// document writes the policy as either API has it.
func (t naiveTier) document(i int) map[string]any {
	version, kind := "policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"
	spec := map[string]any{"subject": t.subject.document(), "priority": t.priority}
	switch {
	case !t.old:
		spec["tier"] = t.tier
	case t.tier == "Admin":
		version, kind = "policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"
	default:
		version, kind = "policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy"
		delete(spec, "priority")
	}
	for direction, rules := range t.rules {
		var list []any
		for _, r := range rules {
			list = append(list, r.document(direction, t.old))
		}
		spec[direction] = list
	}
	name := fmt.Sprintf("t%d", i)
	if kind == "BaselineAdminNetworkPolicy" {
		name = "default"
	}
	return map[string]any{"apiVersion": version, "kind": kind, "metadata": map[string]any{"name": name}, "spec": spec}
}

func (r naiveTierRule) document(direction string, old bool) map[string]any {
	action := r.action
	if old && action == "Accept" {
		action = "Allow"
	}
	var peers, ports []any
	for _, p := range r.peers {
		peers = append(peers, p.document())
	}
	for _, p := range r.ports {
		switch {
		case p.name != "" && old:
			ports = append(ports, map[string]any{"namedPort": p.name})
		case p.name != "":
			ports = append(ports, map[string]any{"destinationNamedPort": p.name})
		case old && p.first == p.last:
			ports = append(ports, map[string]any{"portNumber": map[string]any{"protocol": p.protocol, "port": p.first}})
		case old:
			ports = append(ports, map[string]any{"portRange": map[string]any{"protocol": p.protocol, "start": p.first, "end": p.last}})
		case p.first == p.last:
			ports = append(ports, map[string]any{strings.ToLower(string(p.protocol)): map[string]any{"destinationPort": map[string]any{"number": p.first}}})
		default:
			ports = append(ports, map[string]any{strings.ToLower(string(p.protocol)): map[string]any{
				"destinationPort": map[string]any{"range": map[string]any{"start": p.first, "end": p.last}},
			}})
		}
	}
	out := map[string]any{"action": action, map[string]string{"ingress": "from", "egress": "to"}[direction]: peers}
	if len(ports) > 0 {
		out[map[bool]string{true: "ports", false: "protocols"}[old]] = ports
	}
	return out
}

func (p naiveTierPeer) document() map[string]any {
	switch {
	case len(p.networks) > 0:
		return map[string]any{"networks": p.networks}
	case p.pods != nil:
		return map[string]any{"pods": map[string]any{"namespaceSelector": p.namespaces, "podSelector": p.pods}}
	default:
		return map[string]any{"namespaces": p.namespaces}
	}
}

// manifests writes the cluster as documents.
func (c *naiveCluster) manifests(tb testing.TB) string {
	tb.Helper()
	var out []string
	for name, labels := range c.namespaces {
		if name == c.undeclared {
			continue
		}
		out = append(out, sample.JSON(tb, corev1.Namespace{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		}))
	}
	slices.Sort(out)
	for i, pod := range c.pods {
		out = append(out, sample.JSON(tb, corev1.Pod{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("pod%d", i), Namespace: pod.namespace, Labels: pod.labels},
			Spec:       corev1.PodSpec{HostNetwork: pod.host, Containers: pod.containers()},
		}))
	}
	for _, p := range c.policies {
		out = append(out, naiveExplicit(tb, sample.JSON(tb, p), c.explicit))
	}
	for i, t := range c.tiers {
		out = append(out, sample.JSON(tb, t.document(i)))
	}
	return sample.Join(out...)
}

// containers: two of them may give one name to different ports.
func (p naivePod) containers() []corev1.Container {
	return []corev1.Container{{Name: "c", Image: "i", Ports: p.ports[:3]}, {Name: "d", Image: "i", Ports: p.ports[3:]}}
}

// naiveExplicit writes what the API's types leave out when it is empty: as an
// empty value, or as null.
func naiveExplicit(tb testing.TB, policy string, how int) string {
	tb.Helper()
	if how == 0 {
		return policy
	}
	var o map[string]any
	if err := json.Unmarshal([]byte(policy), &o); err != nil {
		tb.Fatal(err)
	}
	empty := any([]any{})
	if how == 2 {
		empty = nil
	}
	fill := func(m map[string]any, fields ...string) {
		for _, f := range fields {
			if m[f] == nil {
				m[f] = empty
			}
		}
	}
	spec := o["spec"].(map[string]any)
	fill(spec, "ingress", "egress", "policyTypes")
	if s, _ := spec["podSelector"].(map[string]any); len(s) == 0 && how == 2 {
		spec["podSelector"] = nil
	}
	for direction, peers := range map[string]string{"ingress": "from", "egress": "to"} {
		rules, _ := spec[direction].([]any)
		for _, r := range rules {
			fill(r.(map[string]any), "ports", peers)
		}
	}
	return sample.JSON(tb, o)
}
