package netpol

import (
	"net/netip"

	"go4.org/netipx"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Peer is one peer of a rule, or the subject of a tier policy, parsed once:
// pods by their labels and those of their namespaces, or a block of addresses.
type Peer struct {
	Path yaml.Path // of the peer in its policy; nil for the subject of a tier policy

	own         *inventory.Namespace // the policy's own namespace, where the peer has no namespaceSelector
	namespaces  inventory.Selector   // where own is nil
	pods        inventory.Selector   // every pod where the peer has no podSelector
	podSelector bool                 // a podSelector is written, be it empty
	block       *ipBlock             // nil for selectors

	resolved *PeerSet // the pods of the tree that the selectors find; nil for a block
}

// ipBlock is a block of addresses without its exceptions.
type ipBlock struct {
	cidr      string // as written
	prefix    netip.Prefix
	addresses *netipx.IPSet
}

// parsePeer reads a peer of a NetworkPolicy. A peer with a podSelector alone
// stays in the policy's own namespace; one with both selectors means such pods
// in such namespaces.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
func parsePeer(p *networkingv1.NetworkPolicyPeer, own *inventory.Namespace, path yaml.Path) *Peer {
	if p.IPBlock != nil {
		return &Peer{Path: path, block: parseBlock(p.IPBlock.CIDR, p.IPBlock.Except)}
	}
	out := &Peer{Path: path, own: own, pods: inventory.EveryPod()}
	if p.PodSelector != nil {
		out.podSelector, out.pods = true, inventory.LabelSelector(p.PodSelector)
	}
	if p.NamespaceSelector != nil {
		out.own, out.namespaces = nil, inventory.LabelSelector(p.NamespaceSelector)
	}
	return out
}

// parseTierPods reads the pods of a tier policy's subject or peer. Without a
// namespaceSelector these are pods of every namespace.
func parseTierPods(p *decode.TierPeer) *Peer {
	if p.Namespaces != nil {
		return &Peer{namespaces: inventory.LabelSelector(p.Namespaces), pods: inventory.EveryPod()}
	}
	namespaces := inventory.EveryPod() // "if empty, it selects all Namespaces"
	if p.Pods.NamespaceSelector != nil {
		namespaces = inventory.LabelSelector(p.Pods.NamespaceSelector)
	}
	return &Peer{namespaces: namespaces, pods: inventory.LabelSelector(p.Pods.PodSelector), podSelector: true}
}

// parseBlock reads a block that decode has validated. An exception is cut out
// of its own block only; another block of the rule may still admit it.
func parseBlock(cidr string, except []string) *ipBlock {
	b := &ipBlock{cidr: cidr, addresses: &netipx.IPSet{}}
	prefix, ok := netset.ParsePrefix(cidr)
	if !ok {
		return b
	}
	b.prefix = prefix
	var builder netipx.IPSetBuilder
	builder.AddPrefix(prefix)
	for _, e := range except {
		if hole, ok := netset.ParsePrefix(e); ok {
			builder.RemovePrefix(hole)
		}
	}
	if set, err := builder.IPSet(); err == nil {
		b.addresses = set
	}
	return b
}

// everyPod reports the peer that is every pod of every namespace.
func (p *Peer) everyPod() bool {
	return p.block == nil && p.own == nil && p.namespaces.Empty() && p.pods.Empty()
}

// onlyNamespaces reports a peer with a namespaceSelector and no podSelector.
func (p *Peer) onlyNamespaces() bool { return p.block == nil && p.own == nil && !p.podSelector }

// onlyPods reports a peer with a podSelector that asks for labels, and no
// namespaceSelector.
func (p *Peer) onlyPods() bool { return p.block == nil && p.own != nil && !p.pods.Empty() }

// String names selectors as rows of connectivity do, `namespace{team=a}/pod{app=web}`.
func (p *Peer) String() string {
	if p.block != nil {
		return p.block.cidr
	}
	namespace, pod := "any-namespace", "any-pod"
	switch {
	case p.own != nil:
		namespace = fact.Display(p.own.Name)
	case !p.namespaces.Empty():
		namespace = "namespace{" + p.namespaces.Text + "}"
	}
	if !p.pods.Empty() {
		pod = "pod{" + p.pods.Text + "}"
	}
	return namespace + "/" + pod
}

// Describe says in words who the peer is, as messages do: "pods `app=web` of
// its namespace".
func (p *Peer) Describe() string {
	if p.block != nil {
		return "`" + p.block.cidr + "`"
	}
	pods := "every pod"
	if !p.pods.Empty() {
		pods = "pods `" + p.pods.String() + "`"
	}
	switch {
	case p.own != nil:
		return pods + " of its namespace"
	case p.namespaces.Empty():
		return pods + " of every namespace"
	default:
		return pods + " of namespaces `" + p.namespaces.String() + "`"
	}
}

// selects answers whether the peer's selectors select an endpoint in the
// cluster. It does not answer for addresses: see Matcher.admitsAddress.
func (p *Peer) selects(x *Endpoint) fact.Tri {
	switch {
	case x.Kind == ExternalEndpoint:
		return p.selectsExternal(x.External)
	case x.OnHostNetwork():
		// "in general hostNetwork Pod traffic is treated the same as all other
		// traffic to/from the node IP": selectors do not find it.
		// https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
		return fact.No
	default:
		return p.resolved.Selects(x)
	}
}
