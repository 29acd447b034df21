package cni

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// Scopes reads whom a policy of another kind selects, and in which
// directions. None are of an object that decides nothing about connections.
func Scopes(o *source.Object) []Scope {
	switch o.Group() {
	case "cilium.io":
		return ciliumScopes(o)
	case "crd.projectcalico.org", "projectcalico.org":
		return calicoScopes(o)
	case "crd.antrea.io":
		return antreaScopes(o)
	case "k8s.ovn.org", "network.openshift.io":
		return ovnScopes(o)
	}
	return nil
}

// ovnScopes: an EgressFirewall, and OpenShift's older EgressNetworkPolicy,
// limit the egress of every pod of their namespace.
// https://ovn-kubernetes.io/features/network-security-controls/egress-firewall/
func ovnScopes(o *source.Object) []Scope {
	if o.Kind != "EgressFirewall" && o.Kind != "EgressNetworkPolicy" {
		return nil // routes and addresses
	}
	return []Scope{{Egress: true, Hint: inventory.EveryPod(), Pods: allOfNamespace}}
}

func matching(sel inventory.Selector) func(*inventory.Workload) fact.Tri {
	return func(w *inventory.Workload) fact.Tri { return sel.Matches(w.LabelSet) }
}

// unread is the answer for a kind of policy that nobody here has heard of.
func unknownKind(o *source.Object) []Scope {
	if !strings.Contains(o.Kind, "Policy") || strings.HasPrefix(o.Kind, "Staged") {
		return nil
	}
	return []Scope{Everything(o)}
}

func Family(group string) string {
	switch group {
	case "cilium.io":
		return "cilium"
	case "crd.antrea.io":
		return "antrea"
	case "k8s.ovn.org", "network.openshift.io":
		return "ovn"
	case decode.TierGroup:
		return "tiers"
	}
	return "calico"
}

// Scope is whom one part of a policy selects, and in which directions it
// can change a verdict. Anything that was not understood selects unknowably.
type Scope struct {
	Ingress, Egress bool
	Within          func(*inventory.Namespace) fact.Tri // nil: the policy's own namespace
	Pods            func(*inventory.Workload) fact.Tri
	Hint            inventory.Selector // labels that the pods must have, for the index
	Nodes           bool               // it selects nodes, and with them pods of the host network
	NodesOnly       bool
}

// Everything is what a policy may do that could not be read: in its namespace,
// if it names one, and to nodes too, if not.
func Everything(o *source.Object) Scope {
	out := Scope{Ingress: true, Egress: true, Hint: inventory.EveryPod(), Pods: notKnown}
	if o.Namespace == "" {
		out.Within, out.Nodes = anyNamespace, true
	}
	return out
}

func anyNamespace(*inventory.Namespace) fact.Tri { return fact.Yes }

func notKnown(*inventory.Workload) fact.Tri { return fact.Unknown }

func allOfNamespace(*inventory.Workload) fact.Tri { return fact.Yes }

func (s *Scope) Covers(ns *inventory.Namespace) bool {
	return s.Within == nil || s.Within(ns) != fact.No
}

// IsKind recognises the kinds that otherScopes and the tiers read, by their
// name alone: of a document that could not be read the group may be unknown.
func IsKind(kind string) bool {
	return slices.Contains([]string{
		"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy", "EgressFirewall",
		"ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy",
	}, kind)
}
