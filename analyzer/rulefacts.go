package analyzer

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	networkingistio "istio.io/api/networking/v1alpha3"

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

func (s *setModel) destinationRuleFacts(r *destinationRule) *DestinationRuleFacts {
	f := &DestinationRuleFacts{Settings: []TLSSettingFacts{}}
	services := s.servicesOf(r.host)
	for _, b := range r.blocks() {
		out := TLSSettingFacts{Scope: "rule", Mode: b.settings.GetMode().String(), Verify: verification(b.settings), Conflicts: []TLSConflictFacts{}}
		switch {
		case b.subset != "":
			out.Scope = "subset"
		case b.port != 0:
			out.Scope = "port"
		}
		if out.Verify == "any-name" && s.namesServer(r.host) != No {
			out.Verify = "full"
		}
		out.From = Source{Object: r.Object, Path: b.path}
		out.Names = map[string]string{"host": "`" + r.spec.GetHost() + "`"}
		out.Picker = s.isPicker(r)
		found := map[string]*TLSConflictFacts{}
		for _, v := range services {
			s.noteConflicts(r, &b, v, found)
		}
		for _, kind := range slices.Sorted(maps.Keys(found)) {
			out.Conflicts = append(out.Conflicts, *found[kind])
		}
		f.Settings = append(f.Settings, out)
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
func (s *setModel) namesServer(host string) Tri {
	if s.namedHosts()[host] {
		return Yes
	}
	if s.gaps.any || s.gaps.kinds["ServiceEntry"] {
		return Unknown
	}
	return No
}

// isPicker recognises the endpoint picker of an InferencePool, whose
// certificate is its own: the published rule for it does not verify.
// https://gateway-api-inference-extension.sigs.k8s.io/guides/
func (s *setModel) isPicker(r *destinationRule) bool {
	name, rest, _ := strings.Cut(r.host, ".")
	if strings.HasSuffix(name, "-epp") {
		return true
	}
	namespace, _, _ := strings.Cut(rest, ".")
	return s.pickers()[[2]string{namespace, name}]
}

// servicesOf returns the Services that a host names.
func (s *setModel) servicesOf(host string) []*service {
	if !strings.HasPrefix(host, "*") {
		return s.serviceHosts()[host]
	}
	var out []*service
	for _, v := range s.services {
		if strings.HasSuffix(v.host(), host[1:]) {
			out = append(out, v)
		}
	}
	return out
}

// noteConflicts compares what a block sends with what the pods behind each port
// of the Service take. A conflict is certain only where every pod is known and
// all take the same, and where some client of the tree follows the block.
func (s *setModel) noteConflicts(r *destinationRule, b *tlsBlock, v *service, found map[string]*TLSConflictFacts) {
	for i := range v.spec.Ports {
		sp := &v.spec.Ports[i]
		if b.port != 0 && b.port != int(sp.Port) || orTCP(sp.Protocol) != "TCP" {
			continue
		}
		kind, decider := s.conflict(b, v, i)
		if kind == "" || !s.followed(r, b, v, int(sp.Port)) {
			continue
		}
		f := found[kind]
		if f == nil {
			f = &TLSConflictFacts{Kind: kind}
			f.Names = map[string]string{"service": refPlain(v.Object), "port": strconv.Itoa(int(sp.Port)), "decider": decider}
			found[kind] = f
		}
		for _, w := range v.selected {
			if !slices.ContainsFunc(f.Workloads, func(ref WorkloadRef) bool { return ref.ID == w.ID }) {
				f.Workloads = append(f.Workloads, w.ref())
			}
		}
	}
}

func (s *setModel) conflict(b *tlsBlock, v *service, i int) (kind, decider string) {
	if len(v.selected) == 0 || len(v.maybe) > 0 {
		return "", ""
	}
	for n, w := range v.selected {
		q := w.servicePortTarget(&v.spec.Ports[i])
		m := w.Facts.Mesh.Member
		if q == nil || m != "sidecar" && m != "none" || w.Facts.Gateway || w.implied {
			return "", ""
		}
		k := conflictKind(b.settings.GetMode(), m, q.facts.MTLS.Mode)
		if k == "" || n > 0 && k != kind {
			return "", ""
		}
		kind, decider = k, q.facts.MTLS.decider()
	}
	return kind, decider
}

// decider names what decides a mode.
func (f *MTLSFacts) decider() string {
	switch {
	case f.Scope == "default":
		return "Istio's default"
	case f.From.Object == nil:
		return "no proxy"
	default:
		return refName(f.From.Object)
	}
}

// conflictKind: a proxy that requires mutual TLS of the mesh takes neither
// plaintext nor other TLS; one that does not, and a pod without proxy, cannot
// answer it. MUTUAL may carry certificates of the mesh: nothing is said of it.
// https://istio.io/latest/docs/ops/common-problems/network-issues/#503-errors-after-setting-destination-rule
func conflictKind(mode networkingistio.ClientTLSSettings_TLSmode, member, server string) string {
	switch {
	case mode == networkingistio.ClientTLSSettings_DISABLE && server == "STRICT":
		return "plaintext-to-strict"
	case mode == networkingistio.ClientTLSSettings_DISABLE && server == "PERMISSIVE" && member == "sidecar":
		return "silent-plaintext"
	case mode == networkingistio.ClientTLSSettings_SIMPLE && server == "STRICT":
		return "tls-to-strict"
	case mode == networkingistio.ClientTLSSettings_ISTIO_MUTUAL && (member == "none" || server == "DISABLE"):
		return "mtls-to-plaintext"
	}
	return ""
}

// followed reports that a client of the tree does what the block says.
func (s *setModel) followed(r *destinationRule, b *tlsBlock, v *service, port int) bool {
	if b.subset != "" && !s.routed()[r.host+" "+b.subset] {
		return false
	}
	const most = 20 // namespaces and workloads that are asked
	follows := func(w *Workload) bool {
		c := s.clientTLS(w, v.host(), v.Namespace, port, b.subset)
		return c.rule == r && c.path.String() == b.path.String()
	}
	for i, w := range s.sidecarsIn(r.Namespace) {
		if i < most && follows(w) {
			return true
		}
	}
	for i, ns := range s.sidecarNamespaces() {
		if i < most && ns != r.Namespace && follows(s.sidecarsIn(ns)[0]) {
			return true
		}
	}
	return false
}
