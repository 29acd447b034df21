package mesh

import (
	"strconv"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// portExceptions are the facts of a policy's portLevelMtls entries, in the
// order of their ports.
func (s *Mesh) portExceptions(p *peerAuthentication) []fact.PortExceptionFacts {
	out := []fact.PortExceptionFacts{}
	node := p.Root.Get("spec").Get("portLevelMtls")
	if node == nil {
		return out
	}
	for i := range node.Fields {
		key := node.Fields[i].Key.Text
		number, err := strconv.Atoi(key)
		if err != nil {
			continue
		}
		f := fact.PortExceptionFacts{Number: number, Mode: modeOf(p.Spec.GetPortLevelMtls()[uint32(number)]), PortOf: "other", Effective: fact.No, Purpose: fact.ForApplication}
		f.From = fact.Source{Object: p.Object, Path: yaml.Path{"spec", "portLevelMtls", key, "mode"}}
		f.Names = map[string]string{"port": key}
		s.judgeException(p, &f)
		out = append(out, f)
	}
	return out
}

func (s *Mesh) judgeException(p *peerAuthentication, f *fact.PortExceptionFacts) {
	f.Ambient.Affected = fact.No
	for _, w := range p.selected {
		if s.Member(w) == fact.Ambient && f.Mode == fact.Disable {
			f.Ambient.Affected = fact.Yes
			f.Ambient.Workloads = append(f.Ambient.Workloads, w.Ref())
		}
		q := w.PortNumbered(f.Number, "TCP")
		switch {
		case q != nil:
			f.PortOf = "workload"
			f.Names["port"] = q.String()
			f.Purpose = q.Purpose
			if s.Modes[q].From.Object == p.Object && s.Modes[q].Scope == fact.PortScope && s.Member(w) != fact.NoMesh {
				f.Effective = fact.Yes
				f.Workloads = append(f.Workloads, w.Ref())
			}
		case f.PortOf == "other" && !w.Implied:
			s.ServicePortMeant(w, f)
		}
	}
	if len(p.selected) == 0 || len(p.possiblySelected) > 0 {
		f.PortOf, f.Effective = "unknown", fact.Unknown
	}
}

// ServicePortMeant recognises a key that is a Service's port and none of the
// pods': portLevelMtls is keyed by pod port, so the entry has no effect.
// https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication-port_level_mtls
func (s *Mesh) ServicePortMeant(w *inventory.Workload, f *fact.PortExceptionFacts) {
	for _, v := range w.Services {
		for i := range v.Spec.Ports {
			p := &v.Spec.Ports[i]
			if int(p.Port) != f.Number || inventory.Target(p).IntVal == p.Port {
				continue
			}
			f.PortOf = "service"
			to := inventory.Target(p)
			f.Names["target"] = to.String()
			if q := w.ServicePortTarget(p); q != nil {
				f.Names["target"] = strconv.Itoa(q.Number)
			}
			f.Names["service"] = fact.RefPlain(v.Object)
			f.Workloads = append(f.Workloads, w.Ref())
			return
		}
	}
}
