package mesh

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	networkingistio "istio.io/api/networking/v1alpha3"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// tlsBlock is one tls block of a rule, with where it applies.
type tlsBlock struct {
	settings *networkingistio.ClientTLSSettings
	path     yaml.Path
	port     int // 0 is every port
	subset   string
}

func (r *destinationRule) blocks() []tlsBlock {
	out := policyBlocks(r.spec.GetTrafficPolicy(), "", yaml.Path{"spec", "trafficPolicy"})
	for i, sub := range r.spec.GetSubsets() {
		out = append(out, policyBlocks(sub.GetTrafficPolicy(), sub.GetName(), yaml.Path{"spec", "subsets", i, "trafficPolicy"})...)
	}
	return out
}

func policyBlocks(p *networkingistio.TrafficPolicy, subset string, at yaml.Path) []tlsBlock {
	var out []tlsBlock
	if t := p.GetTls(); t != nil {
		out = append(out, tlsBlock{t, at.Join("tls"), 0, subset})
	}
	for i, level := range p.GetPortLevelSettings() {
		if t := level.GetTls(); t != nil {
			out = append(out, tlsBlock{t, at.Join("portLevelSettings", i, "tls"), int(level.GetPort().GetNumber()), subset})
		}
	}
	return out
}

func (m *Mesh) destinationRuleFacts(r *destinationRule) *fact.DestinationRuleFacts {
	f := &fact.DestinationRuleFacts{TLSSettings: []fact.TLSSettingFacts{}}
	services := m.servicesOf(r.host)
	for _, b := range r.blocks() {
		out := fact.TLSSettingFacts{Scope: "rule", Mode: b.settings.GetMode().String(), Verify: verification(b.settings), Conflicts: []fact.TLSConflictFacts{}}
		switch {
		case b.subset != "":
			out.Scope = "subset"
		case b.port != 0:
			out.Scope = "port"
		}
		if out.Verify == "any-name" && m.namesServer(r.host) != fact.No {
			out.Verify = "full"
		}
		out.From = fact.Source{Object: r.Object, Path: b.path}
		out.Names = map[string]string{"host": "`" + r.spec.GetHost() + "`"}
		out.EndpointPicker = m.isPicker(r)
		found := map[string]*fact.TLSConflictFacts{}
		for _, v := range services {
			m.addConflicts(r, &b, v, found)
		}
		for _, kind := range slices.Sorted(maps.Keys(found)) {
			out.Conflicts = append(out.Conflicts, *found[kind])
		}
		f.TLSSettings = append(f.TLSSettings, out)
	}
	return f
}

// verification says what of the server's certificate is checked. Without
// caCertificates the system's authorities count, and without sni and
// subjectAltNames the name is that of the request; an sni alone turns that off.
// istio/istio pilot/pkg/networking/core/cluster_tls.go (constructUpstreamTLS,
// setAutoSniAndAutoSanValidation).
func verification(t *networkingistio.ClientTLSSettings) string {
	switch mode := t.GetMode(); {
	case mode != networkingistio.ClientTLSSettings_SIMPLE && mode != networkingistio.ClientTLSSettings_MUTUAL:
		return "none"
	case t.GetInsecureSkipVerify().GetValue():
		return "skipped"
	case t.GetSni() != "" && len(t.GetSubjectAltNames()) == 0:
		return "any-name"
	default:
		return "full"
	}
}

// namesServer answers whether a ServiceEntry names the server of a host, which
// stands in for the rule's own subjectAltNames.
// istio/istio pilot/pkg/networking/core/cluster_tls.go (constructUpstreamTLS).
func (m *Mesh) namesServer(host string) fact.Tri {
	if m.namedHosts[host] {
		return fact.Yes
	}
	if m.Inventory.Gaps.Anywhere("ServiceEntry") {
		return fact.Unknown
	}
	return fact.No
}

// isPicker recognises the endpoint picker of an InferencePool, whose
// certificate is its own: the published rule for it does not verify.
// https://gateway-api-inference-extension.sigs.k8s.io/guides/
func (m *Mesh) isPicker(r *destinationRule) bool {
	name, rest, _ := strings.Cut(r.host, ".")
	if strings.HasSuffix(name, "-epp") {
		return true
	}
	namespace, _, _ := strings.Cut(rest, ".")
	return m.pickers[[2]string{namespace, name}]
}

// servicesOf returns the Services that a host names.
func (m *Mesh) servicesOf(host string) []*inventory.Service {
	if !strings.HasPrefix(host, "*") {
		return m.serviceHosts[host]
	}
	var out []*inventory.Service
	for _, v := range m.Inventory.Services {
		if strings.HasSuffix(v.Host(), host[1:]) {
			out = append(out, v)
		}
	}
	return out
}

// addConflicts compares what a block sends with what the pods behind each port
// of the Service accept. A conflict is reported only where every pod is known
// and all accept the same, and where a client of the tree follows the block.
func (m *Mesh) addConflicts(r *destinationRule, b *tlsBlock, v *inventory.Service, found map[string]*fact.TLSConflictFacts) {
	for i := range v.Spec.Ports {
		sp := &v.Spec.Ports[i]
		if b.port != 0 && b.port != int(sp.Port) || decode.OrTCP(sp.Protocol) != "TCP" {
			continue
		}
		kind, decider := m.conflict(b, v, i)
		if kind == "" || !m.followed(r, b, v, int(sp.Port)) {
			continue
		}
		f := found[kind]
		if f == nil {
			f = &fact.TLSConflictFacts{Kind: kind}
			f.Names = map[string]string{"service": fact.RefPlain(v.Object), "port": strconv.Itoa(int(sp.Port)), "decider": decider}
			found[kind] = f
		}
		for _, w := range v.Selected {
			if !slices.ContainsFunc(f.Workloads, func(ref fact.WorkloadRef) bool { return ref.ID == w.ID }) {
				f.Workloads = append(f.Workloads, w.Ref())
			}
		}
	}
}

// conflict returns the kind of conflict that all pods behind a port of the
// Service have with the block, "" without one, and what decides their mode.
func (m *Mesh) conflict(b *tlsBlock, v *inventory.Service, i int) (kind, by string) {
	if len(v.Selected) == 0 || len(v.PossiblySelected) > 0 {
		return "", ""
	}
	for n, w := range v.Selected {
		q := w.ServicePortTarget(&v.Spec.Ports[i])
		member := m.Member(w)
		if q == nil || member != fact.Sidecar && member != fact.NoMesh || w.Gateway || w.Implied {
			return "", ""
		}
		mode := m.PortMTLS(w, q)
		k := conflictKind(b.settings.GetMode(), member, mode.Mode)
		if k == "" || n > 0 && k != kind {
			return "", ""
		}
		kind, by = k, mode.Decider()
	}
	return kind, by
}

// conflictKind returns the kind of conflict between the TLS that a block sends
// and what a port accepts, "" without one. A proxy that requires mutual TLS of
// the mesh accepts neither plaintext nor other TLS; one with mode DISABLE, and a
// pod without proxy, cannot terminate it. MUTUAL may carry certificates of the
// mesh: it is never called a conflict.
// https://istio.io/latest/docs/ops/common-problems/network-issues/#503-errors-after-setting-destination-rule
func conflictKind(mode networkingistio.ClientTLSSettings_TLSmode, member fact.Member, server fact.MTLSMode) string {
	switch {
	case mode == networkingistio.ClientTLSSettings_DISABLE && server == fact.Strict:
		return "plaintext-to-strict"
	case mode == networkingistio.ClientTLSSettings_DISABLE && server == fact.Permissive && member == fact.Sidecar:
		return "silent-plaintext"
	case mode == networkingistio.ClientTLSSettings_SIMPLE && server == fact.Strict:
		return "tls-to-strict"
	case mode == networkingistio.ClientTLSSettings_ISTIO_MUTUAL && (member == fact.NoMesh || server == fact.Disable):
		return "mtls-to-plaintext"
	}
	return ""
}

// followed reports that the block decides for some client of the tree.
func (m *Mesh) followed(r *destinationRule, b *tlsBlock, v *inventory.Service, port int) bool {
	if b.subset != "" && !m.routed[r.host+" "+b.subset] {
		return false
	}
	const most = 20 // bounds the namespaces, and the workloads of the rule's own, that are tried
	follows := func(w *inventory.Workload) bool {
		c := m.ClientTLS(w, v.Host(), v.Namespace, port, b.subset)
		return c.rule == r && c.From.Path.String() == b.path.String()
	}
	for i, w := range m.clients[r.Namespace] {
		if i < most && follows(w) {
			return true
		}
	}
	for i, ns := range m.clientNamespaces {
		if i < most && ns != r.Namespace && follows(m.clients[ns][0]) {
			return true
		}
	}
	return false
}
