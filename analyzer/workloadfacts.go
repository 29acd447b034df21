package analyzer

import (
	"github.com/aisec-lint/aisec-lint/loader"
	"maps"
	"slices"
)

// workloadFacts lays out what every pass found out about a workload.
func (s *setModel) workloadFacts(w *Workload) *WorkloadFacts {
	f := &WorkloadFacts{}
	f.Name, f.Labels = w.Name, w.Labels
	f.Containers = w.containerFacts()
	f.ServiceAccount, _ = w.account()
	f.Kind, f.Implied, f.HostNetwork = w.Kind, w.implied, w.hostNetwork()
	f.Role, f.Gateway, f.Platform, f.Mesh = w.product.role, w.gateway, w.platform, s.mesh.meshFacts(w)
	f.Ingress = s.network.isolations[w].ingress
	f.Egress = s.network.egressFacts(w)
	f.OwnNamespace = s.network.ownNamespace(w)
	f.Host, f.HBONE = s.network.hostFacts(w), s.needs.hboneOverbroad(w)
	f.Namespace = s.namespaceFacts(w.ns)
	entries := map[string]bool{}
	f.Ports = make([]PortFacts, 0, len(w.ports))
	for _, p := range w.ports {
		maps.Copy(entries, p.entry)
		f.Ports = append(f.Ports, s.portFacts(w, p))
	}
	if f.Gateway {
		entries["gateway"] = true
	}
	f.Entry = sortedKeys(entries)
	return f
}

func (s *setModel) portFacts(w *Workload, p *port) PortFacts {
	f := PortFacts{Purpose: p.purpose, Control: p.control, MTLS: s.mesh.modes[p], Capture: s.mesh.captureFacts(w, p), Authz: s.authz.cover(w, p), Outsiders: []OutsiderFacts{}}
	f.Protocols = s.conflicts[p]
	if !f.Protocols.Conflict {
		f.Protocols.From = p.from
	}
	if callers := s.plaintext[p]; len(callers) > 0 {
		f.Outsiders = callers
	}
	admitted := s.network.admissions(w, p)
	f.Everyone, f.Cluster, f.Namespace = admitted.Everyone, admitted.Cluster, admitted.Namespace
	f.Number, f.Name, f.Protocol, f.Declared, f.Serviced = p.number, p.name, p.protocol, p.declared, len(p.services) > 0
	f.Entry = sortedKeys(p.entry)
	f.From = p.from
	f.Names = map[string]string{"port": p.String(), "control": f.Control.Names["control"]}
	return f
}

func (s *setModel) namespaceFacts(ns *namespace) NamespaceFacts {
	f := NamespaceFacts{Declared: ns.declared, Policies: No, Evidence: Evidence{From: ns.anchor}}
	switch {
	case len(s.network.policiesIn[ns]) > 0:
		f.Policies = Yes
	case s.inventory.gaps.unread(ns.name, "NetworkPolicy"), ns.guarded:
		f.Policies = Unknown
	}
	deny := s.network.defaultDenies[ns]
	f.DefaultDeny, f.AllIsolated = deny.answer, deny.all
	f.Switch = s.policySwitch
	return f
}

// policySwitch finds the value that keeps a chart's NetworkPolicies from being
// made: the line to edit.
func policySwitch(set *loader.Set) PlaceFacts {
	if set.Chart == nil {
		return PlaceFacts{}
	}
	for _, sw := range set.Chart.Switches {
		if !slices.Contains(sw.Kinds, "NetworkPolicy") {
			continue
		}
		at := sw.At
		if at.File == nil {
			at = sw.Template
		}
		return PlaceFacts{Known: true, Evidence: Evidence{From: Source{Span: at}, Names: map[string]string{"switch": "`" + sw.Value + "`"}}}
	}
	return PlaceFacts{}
}
