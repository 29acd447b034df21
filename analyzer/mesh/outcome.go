package mesh

import (
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// Outcome says what reaches the server of a connection.
type Outcome string

// The outcomes.
const (
	MutualTLS   Outcome = "mtls"            // mutual TLS of the mesh, with the client's identity
	Plaintext   Outcome = "plaintext"       // what the application sends, as it is
	Origination Outcome = "tls-origination" // TLS that the proxy adds and that is not the mesh's
	Broken      Outcome = "broken"          // one side sends TLS or plaintext that the other does not accept
	Unresolved  Outcome = "unknown"         // the manifests do not say
)

// serviceOutcome is the outcome at the pods behind a port of a Service, where
// all of them agree.
func (c *clientView) serviceOutcome(mode TLSMode, v *inventory.Service, i int) Outcome {
	if len(v.Selected) == 0 || len(v.PossiblySelected) > 0 {
		return Unresolved
	}
	var answer Outcome
	for _, w := range v.Selected {
		q := w.ServicePortTarget(&v.Spec.Ports[i])
		if q == nil {
			return Unresolved
		}
		next := c.mesh.Outcome(mode, c.mesh.Member(w), c.mesh.PortMTLS(w, q).Mode, v.Headless())
		if answer != "" && next != answer {
			return Unresolved
		}
		answer = next
	}
	return answer
}

// Outcome returns the result of a client's TLS mode against a server: its
// membership and the mode that its port accepts. Automatic mutual TLS follows
// the server: it is sent to pods with a proxy whose mode is not DISABLE. To the
// pods of headless Services, proxies of some releases send it regardless.
// istio/istio pilot/pkg/networking/core/cluster_tls.go (buildUpstreamTLSSettings).
func (m *Mesh) Outcome(mode TLSMode, member fact.Member, server fact.MTLSMode, headless bool) Outcome {
	if mode == UnknownTLS || member == fact.UnknownMember || server == fact.UnknownMTLS {
		return Unresolved
	}
	switch mode {
	case AutoTLS:
		switch m.Config.autoMTLS {
		case fact.Unknown:
			return Unresolved
		case fact.No:
			return plaintextOutcome(member, server)
		case fact.Yes:
		}
		return mutualOutcome(mode, member, server, headless)
	case IstioMutualTLS:
		return mutualOutcome(mode, member, server, headless)
	case DisableTLS:
		return plaintextOutcome(member, server)
	case SimpleTLS, MutualTLSOfRule:
		switch {
		case server == fact.Strict && mode == SimpleTLS && member == fact.Sidecar:
			return Broken
		case server == fact.Strict: // certificates of the rule may be those of the mesh
			return Unresolved
		}
		return Origination
	case UnknownTLS:
	}
	return Unresolved
}

// plaintextOutcome is the outcome of a client that adds no TLS.
func plaintextOutcome(member fact.Member, server fact.MTLSMode) Outcome {
	switch {
	case member == fact.Ambient: // ztunnel may still tunnel it
		return Unresolved
	case server == fact.Strict:
		return Broken
	}
	return Plaintext
}

// mutualOutcome is the outcome of a client that sends mutual TLS of the mesh,
// always or where the server takes it.
func mutualOutcome(mode TLSMode, member fact.Member, server fact.MTLSMode, headless bool) Outcome {
	switch {
	case server == fact.Strict || server == fact.Permissive:
		return MutualTLS
	case mode == IstioMutualTLS && (member == fact.NoMesh || server == fact.Disable):
		return Broken
	case member == fact.NoMesh, server == fact.Disable && !headless:
		return Plaintext
	}
	return Unresolved // a port that the server's proxy does not take, or a headless Service
}
