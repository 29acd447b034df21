package mesh

import (
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// outcome says what becomes of a connection: the common answer of the pods
// behind the port.
func (c *clientView) outcome(mode string, v *inventory.Service, i int) string {
	if len(v.Selected) == 0 || len(v.PossiblySelected) > 0 {
		return "unknown"
	}
	answer := ""
	for _, w := range v.Selected {
		q := w.ServicePortTarget(&v.Spec.Ports[i])
		if q == nil {
			return "unknown"
		}
		next := c.mesh.Connection(mode, c.mesh.Member(w), c.mesh.PortMTLS(w, q).Mode, v.Headless())
		if answer != "" && next != answer {
			return "unknown"
		}
		answer = next
	}
	return answer
}

// Connection meets what a sidecar sends with what the server takes. Automatic
// mutual TLS follows the server: it is sent to pods with a proxy that does not
// refuse it. Of headless Services proxies of some releases send it regardless.
// istio/istio pilot/pkg/networking/core/cluster_tls.go (buildUpstreamTLSSettings).
func (s *Mesh) Connection(mode string, member fact.Member, server fact.MTLSMode, headless bool) string {
	switch {
	case mode == "UNKNOWN" || member == fact.UnknownMember || server == fact.UnknownMTLS:
		return "unknown"
	case mode == "AUTO" && s.Config.autoMTLS == fact.Unknown:
		return "unknown"
	case mode == "AUTO" && s.Config.autoMTLS == fact.No, mode == "DISABLE":
		switch {
		case member == fact.Ambient: // it may still be tunnelled
			return "unknown"
		case server == fact.Strict:
			return "broken"
		}
		return "plaintext"
	case mode == "AUTO" || mode == "ISTIO_MUTUAL":
		return sentMTLS(mode, member, server, headless)
	case server == fact.Strict && mode == "SIMPLE" && member == fact.Sidecar:
		return "broken"
	case server == fact.Strict:
		return "unknown"
	}
	return "tls-origination"
}

func sentMTLS(mode string, member fact.Member, server fact.MTLSMode, headless bool) string {
	switch {
	case server == fact.Strict || server == fact.Permissive:
		return "mtls"
	case mode == "ISTIO_MUTUAL" && (member == fact.NoMesh || server == fact.Disable):
		return "broken"
	case member == fact.NoMesh, server == fact.Disable && !headless:
		return "plaintext"
	}
	return "unknown" // a port beside the proxy of a pod that has one, or headless
}
