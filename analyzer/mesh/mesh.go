package mesh

import (
	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// Mesh is what a set says of a service mesh: which workloads belong to it, which
// mode of mutual TLS each of their ports accepts, and what clients send.
type Mesh struct {
	Inventory *inventory.Inventory
	Config    *Config

	present bool // the set has Istio objects or configures a mesh
	enrols  bool // labels of the tree enrol some workload
	// revisions are those that the tree's own injection webhooks serve; nil
	// without such a webhook.
	revisions map[string]bool
	members   map[*inventory.Workload]membership

	istioPolicies       map[string]bool // namespaces with Istio policies for workloads
	peerAuths           []*peerAuthentication
	peerAuthsOf         map[*inventory.Workload][]*peerAuthentication  // that select a workload for certain
	possiblePeerAuthsOf map[*inventory.Workload][]*peerAuthentication  // that may select it
	general             map[*inventory.Namespace][]*peerAuthentication // without a selector
	generalInForce      map[*inventory.Namespace][]*peerAuthentication
	modes               map[*inventory.Port]PortMTLS

	rules     destinationRules
	sidecars  map[string][]*sidecarScope // Sidecar objects by namespace
	selective map[string]bool            // namespaces with DestinationRules or Sidecars for single workloads
	lookups
}

// New reads the objects of Istio in the inventory and decides about every
// workload. config is what [ReadConfig] found in the same set.
func New(inv *inventory.Inventory, config *Config) *Mesh {
	m := &Mesh{
		Inventory: inv, Config: config, members: map[*inventory.Workload]membership{}, istioPolicies: map[string]bool{},
		peerAuthsOf: map[*inventory.Workload][]*peerAuthentication{}, possiblePeerAuthsOf: map[*inventory.Workload][]*peerAuthentication{},
		general: map[*inventory.Namespace][]*peerAuthentication{}, generalInForce: map[*inventory.Namespace][]*peerAuthentication{},
		sidecars: map[string][]*sidecarScope{}, selective: map[string]bool{},
	}
	m.revisions = readRevisions(inv.Objects)
	m.readPeerAuthentications()
	m.readDestinationRules()
	m.readSidecars()
	m.decideMembers()
	m.selectPeerAuthentications()
	m.modes = m.portModes()
	m.lookups = newLookups(m)
	return m
}

// decideMembers decides for every workload whether its pods get a sidecar or
// are captured by ambient's ztunnel.
func (m *Mesh) decideMembers() {
	for _, o := range m.Inventory.Objects {
		if i, ok := o.Typed.(*decode.Istio); ok && i != nil {
			m.present = true
			switch o.Kind {
			case "PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication":
				m.istioPolicies[o.Namespace] = true
			}
		}
	}
	m.present = m.present || m.Config.ofMesh
	for _, w := range m.Inventory.Workloads {
		decision := m.membership(w)
		m.members[w] = decision
		// A manifest exported from a cluster contains the sidecar because the
		// cluster enrolled it: it says nothing of what this tree enrols.
		if decision.member.InMesh() && decision.reason != alreadyInjected {
			m.enrols = true
		}
	}
}

// Configured reports that the set has Istio objects or the configuration of a
// mesh.
func (m *Mesh) Configured() bool { return m.present }

// Present reports that the set has Istio objects, configures a mesh or enrols
// workloads in one.
func (m *Mesh) Present() bool { return m.present || m.enrols }

// Member says whether the workload's pods are in the mesh: sidecar, ambient,
// none or unknown.
func (m *Mesh) Member(w *inventory.Workload) fact.Member { return m.members[w].member }

// ServiceMember is the membership that the pods behind a Service have in
// common; unknown where they differ, where there are none, and for gateways,
// whose listeners declare their protocol themselves.
func (m *Mesh) ServiceMember(v *inventory.Service) fact.Member {
	member := fact.UnknownMember
	for i, w := range v.Selected {
		switch {
		case w.Gateway:
			member = fact.UnknownMember
		case i == 0:
			member = m.Member(w)
		case m.Member(w) != member:
			member = fact.UnknownMember
		}
	}
	return member
}

// Assume adds to the sentences that say what the answers take for granted.
func (m *Mesh) Assume(to map[string]bool) {
	if m.present && m.Config.source.Object == nil {
		to["the mesh has Istio's default configuration (root namespace `istio-system`, automatic mutual TLS)"] = true
	}
	for w, decision := range m.members {
		if decision.reason == byRevision && m.revisions == nil {
			to["Istio revision `"+decision.revision+"` is installed"] = true
		}
		if decision.member == fact.UnknownMember {
			continue
		}
		for _, p := range w.Ports {
			if m.modes[p].Scope == fact.DefaultScope {
				to["no mesh-wide PeerAuthentication exists outside the tree"] = true
			}
		}
	}
}

// RootNamespace is the namespace whose policies hold for the whole mesh.
// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-root_namespace
func (m *Mesh) RootNamespace() string { return m.Config.RootNamespace }

// TrustDomains returns the mesh's own trust domain and then its aliases. Unless
// the mesh configuration is known they are Istio's default, and known is false.
// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-trust_domain
func (m *Mesh) TrustDomains() (domains []string, known bool) {
	return m.Config.trustDomains, m.Config.ofMesh && m.Config.trustKnown
}

// Assuming returns the mesh as it were if every workload without an opt-out had
// a sidecar.
func (m *Mesh) Assuming() *Mesh {
	out := *m
	out.members = make(map[*inventory.Workload]membership, len(m.members))
	for w, decision := range m.members {
		if !decision.member.InMesh() && !decision.reason.stays() {
			decision.member = fact.Sidecar
		}
		out.members[w] = decision
	}
	out.modes = out.portModes()
	out.lookups = newLookups(&out)
	return &out
}

// stays reports reasons that keep a workload out of the mesh whatever else is
// assumed: an explicit opt-out, and pods that no webhook ever injects.
func (r reason) stays() bool {
	switch r {
	case optOut, ambientOptOut, namespaceDisabled, neverInjected, hostNetwork:
		return true
	case alreadyInjected, byNamespace, byRevision, unknownRevision, byPod, byDefault, noLabel, labelOnOwner, annotationOnly,
		ambientNamespace, ambientPod, notRead, undeclaredNamespace, undiscoveredByIstiod:
	}
	return false
}
