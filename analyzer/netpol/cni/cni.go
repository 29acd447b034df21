package cni

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// Scopes returns which pods a policy may select and in which directions it may
// change a verdict. It returns none for an object of another group, and for one
// that decides nothing about connections.
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

// ovnScopes reads an EgressFirewall, or OpenShift's older EgressNetworkPolicy.
// Both limit the egress of every pod of their namespace.
// https://ovn-kubernetes.io/features/network-security-controls/egress-firewall/
func ovnScopes(o *source.Object) []Scope {
	if o.Kind != "EgressFirewall" && o.Kind != "EgressNetworkPolicy" {
		return nil // these are about routes and addresses
	}
	return []Scope{{Egress: true, Hint: inventory.EveryPod(), Pods: allOfNamespace}}
}

// matching selects pods by their labels.
func matching(sel inventory.Selector) func(*inventory.Workload) fact.Tri {
	return func(w *inventory.Workload) fact.Tri { return sel.Matches(w.LabelSet) }
}

// unknownKind returns the scope of an object of a kind that is not known: all
// that it may select if it is named a policy, unless it is only staged.
func unknownKind(o *source.Object) []Scope {
	if !strings.Contains(o.Kind, "Policy") || strings.HasPrefix(o.Kind, "Staged") {
		return nil
	}
	return []Scope{Everything(o)}
}

// Family returns the product that a group of policies belongs to: cilium,
// calico, antrea, ovn or tiers.
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

// Scope is the pods that one part of a policy selects, and the directions in
// which it may change a verdict. The answer for what is not understood is
// unknown.
type Scope struct {
	Ingress, Egress bool
	Within          func(*inventory.Namespace) fact.Tri // nil: the policy's own namespace only
	Pods            func(*inventory.Workload) fact.Tri  // of the namespaces within
	Hint            inventory.Selector                  // labels that the pods must have, to look them up in an index
	Nodes           bool                                // it also selects nodes, and with them pods of the host network
	NodesOnly       bool                                // it selects nothing else
}

// Everything returns the scope of a policy that is not understood: every pod of
// its namespace or, without one, of the cluster, and nodes.
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

// Covers reports whether the scope may select pods of a namespace. The policy's
// own is not checked where Within is nil.
func (s *Scope) Covers(ns *inventory.Namespace) bool {
	return s.Within == nil || s.Within(ns) != fact.No
}

// IsKind reports a kind of policy that Scopes or the tiers read, by its name
// alone: the group of a document that could not be read may not be known.
func IsKind(kind string) bool {
	return slices.Contains([]string{
		"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy", "EgressFirewall",
		"ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy",
	}, kind)
}
