package analyzer

import (
	"maps"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// workloadFacts lays out what every pass found out about a workload.
func (s *analysis) workloadFacts(w *inventory.Workload) *fact.WorkloadFacts {
	f := &fact.WorkloadFacts{}
	f.Name, f.Labels = w.Name, w.Labels
	f.Containers = w.ContainerFacts()
	f.ServiceAccount, _ = w.Account()
	f.Kind, f.Inferred, f.HostNetwork = w.Kind, w.Implied, w.HostNetwork()
	f.Role, f.Gateway, f.Platform, f.Mesh = w.Product.Role, w.Gateway, w.Platform, s.mesh.Facts(w)
	f.Ingress = s.network.Isolation(w, fact.Ingress)
	f.Egress = s.network.EgressFacts(w)
	f.OwnNamespace = s.network.OwnNamespace(w)
	f.Host, f.HBONE = s.network.HostFacts(w), s.needs.HBONEOverbroad(w)
	f.Namespace = s.namespaceFacts(w.Ns)
	entries := map[string]bool{}
	f.Ports = make([]fact.PortFacts, 0, len(w.Ports))
	for _, p := range w.Ports {
		maps.Copy(entries, p.Entry)
		f.Ports = append(f.Ports, s.portFacts(w, p))
	}
	if f.Gateway {
		entries["gateway"] = true
	}
	f.ExposedBy = fact.SortedKeys(entries)
	return f
}

func (s *analysis) portFacts(w *inventory.Workload, p *inventory.Port) fact.PortFacts {
	f := fact.PortFacts{Purpose: p.Purpose, Management: p.Management, MTLS: s.mesh.MTLSFacts(p), Capture: s.mesh.CaptureFacts(w, p), Authz: s.authz.Cover(w, p), PlaintextCallers: []fact.PlaintextCallerFacts{}}
	f.Protocols = s.conflicts[p]
	if !f.Protocols.Conflict {
		f.Protocols.From = p.From
	}
	if callers := s.plaintext[p]; len(callers) > 0 {
		f.PlaintextCallers = callers
	}
	admitted := s.network.Admissions(w, p)
	f.Everyone, f.Cluster, f.Namespace = admitted.Everyone, admitted.Cluster, admitted.Namespace
	f.Number, f.Name, f.Protocol, f.Declared, f.HasService = p.Number, p.Name, p.Protocol, p.Declared, len(p.Services) > 0
	f.ExposedBy = fact.SortedKeys(p.Entry)
	f.From = p.From
	f.Names = map[string]string{"port": p.String(), "management": f.Management.Names["management"]}
	return f
}

func (s *analysis) namespaceFacts(ns *inventory.Namespace) fact.NamespaceFacts {
	f := fact.NamespaceFacts{Declared: ns.Declared, Policies: fact.No, Evidence: fact.Evidence{From: ns.Anchor}}
	switch {
	case len(s.network.PoliciesIn[ns]) > 0:
		f.Policies = fact.Yes
	case s.network.MayHaveUnread(ns), ns.OperatorAddsPolicies:
		f.Policies = fact.Unknown
	}
	deny := s.network.DefaultDeny(ns)
	f.DefaultDeny, f.AllIsolated = deny.Answer, deny.AllIsolated
	f.PoliciesDisabledBy = policySwitch(ns.Chart())
	return f
}

// policySwitch finds the value that keeps a chart's NetworkPolicies from being
// made: the line to edit.
func policySwitch(chart *source.Chart) fact.PlaceFacts {
	if chart == nil {
		return fact.PlaceFacts{}
	}
	for _, sw := range chart.Switches {
		if !slices.Contains(sw.Kinds, "NetworkPolicy") {
			continue
		}
		at := sw.At
		if at.File == nil {
			at = sw.Template
		}
		return fact.PlaceFacts{Present: true, Evidence: fact.Evidence{From: fact.Source{Span: at}, Names: map[string]string{"switch": "`" + sw.Value + "`"}}}
	}
	return fact.PlaceFacts{}
}
