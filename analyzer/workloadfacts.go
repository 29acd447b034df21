package analyzer

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// finish fills the facts of a workload that rest on every pass.
func (s *setModel) finish(w *Workload) {
	f := &w.Facts
	f.Name, f.Labels = w.Name, w.Labels
	f.Containers = w.containerFacts()
	f.ServiceAccount, _ = w.account()
	f.Kind, f.Implied, f.HostNetwork = w.Kind, w.implied, w.hostNetwork()
	f.Ingress = s.isolation(w, ingress)
	f.Egress = s.egressFacts(w)
	f.OwnNamespace = s.ownNamespace(w)
	f.Host, f.HBONE = s.hostFacts(w), s.hboneOverbroad(w)
	f.Namespace = s.namespaceFacts(w.ns)
	entries := map[string]bool{}
	f.Ports = make([]PortFacts, 0, len(w.ports))
	for _, p := range w.ports {
		p.finish()
		s.admissions(w, p)
		maps.Copy(entries, p.entry)
		f.Ports = append(f.Ports, p.facts)
		if p.facts.MTLS.Scope == "default" && f.Mesh.Member != "unknown" {
			s.assumed["no mesh-wide PeerAuthentication exists outside the tree"] = true
		}
	}
	if f.Gateway {
		entries["gateway"] = true
	}
	f.Entry = sortedKeys(entries)
}

func (p *port) finish() {
	f := &p.facts
	f.Number, f.Name, f.Protocol, f.Declared, f.Serviced = p.number, p.name, p.protocol, p.declared, len(p.services) > 0
	f.Entry = sortedKeys(p.entry)
	f.From = p.from
	f.Names = map[string]string{"port": p.String(), "control": f.Control.Names["control"]}
}

// resolvePurposes tells ports that serve the platform from those that serve
// the application.
func (s *setModel) resolvePurposes() {
	for _, w := range s.workloads {
		for _, p := range w.ports {
			p.facts.Purpose = purpose(w, p)
		}
	}
}

func purpose(w *Workload, p *port) string {
	name := strings.ToLower(p.name)
	switch {
	case p.entry["webhook"] || strings.Contains(name, "webhook"):
		return "webhook"
	case strings.Contains(name, "metrics") || strings.HasPrefix(name, "prom"):
		return "metrics"
	case w.Annotations["prometheus.io/port"] == strconv.Itoa(p.number) && len(p.services) == 0 && len(w.ports) > 1:
		return "metrics" // scraped, and no Service leads anybody else there
	case strings.Contains(name, "health") || strings.Contains(name, "probe"):
		return "health"
	}
	return "app"
}

func (s *setModel) namespaceFacts(ns *namespace) NamespaceFacts {
	f := NamespaceFacts{Declared: ns.declared, Policies: No, Evidence: Evidence{From: ns.anchor}}
	switch {
	case len(ns.policies) > 0:
		f.Policies = Yes
	case s.gaps.unread(ns.name, "NetworkPolicy"), ns.guarded:
		f.Policies = Unknown
	}
	f.DefaultDeny, f.AllIsolated = s.defaultDeny(ns)
	f.Switch = s.policySwitch()
	return f
}

// policySwitch finds the value that keeps a chart's NetworkPolicies from being
// made: the line to edit.
func (s *setModel) policySwitch() PlaceFacts {
	if s.set.Chart == nil {
		return PlaceFacts{}
	}
	for _, sw := range s.set.Chart.Switches {
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

// defaultDeny answers whether a policy holds for pods yet to come, and whether
// the workloads of today need it.
func (s *setModel) defaultDeny(ns *namespace) (answer Tri, all bool) {
	if ns.denied == "" {
		ns.denied, ns.allIsolated = s.findDefaultDeny(ns)
	}
	return ns.denied, ns.allIsolated
}

func (s *setModel) findDefaultDeny(ns *namespace) (answer Tri, all bool) {
	answer, all = No, true
	for _, p := range ns.policies {
		if p.ingress && p.sel.empty() {
			answer = Yes
		}
	}
	for _, w := range ns.index.all {
		if w.hostNetwork() {
			continue
		}
		isolated, _ := s.isolated(w, ingress)
		all = all && isolated == Yes
		if answer == No && (isolated == Unknown || len(s.network().partyOf[w].in.tiers.baseline) > 0) {
			answer = Unknown
		}
	}
	// Objects without a namespace need never meet.
	if answer == No && (ns.name == "" || s.gaps.unread(ns.name, "NetworkPolicy")) {
		answer = Unknown
	}
	return answer, all
}
