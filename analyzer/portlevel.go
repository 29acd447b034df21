package analyzer

import (
	"strconv"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// portExceptions are the facts of a policy's portLevelMtls entries, in the
// order of their ports.
func (s *setModel) portExceptions(p *peerAuthentication) []PortExceptionFacts {
	out := []PortExceptionFacts{}
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
		f := PortExceptionFacts{Number: number, Mode: modeOf(p.spec.GetPortLevelMtls()[uint32(number)]), Port: "other", Effective: No, Purpose: "app"}
		f.From = Source{Object: p.Object, Path: yaml.Path{"spec", "portLevelMtls", key, "mode"}}
		f.Names = map[string]string{"port": key}
		s.judgeException(p, &f)
		out = append(out, f)
	}
	return out
}

func (s *setModel) judgeException(p *peerAuthentication, f *PortExceptionFacts) {
	f.Ambient.Concerned = No
	for _, w := range p.selected {
		if w.Facts.Mesh.Member == "ambient" && f.Mode == "DISABLE" {
			f.Ambient.Concerned = Yes
			f.Ambient.Workloads = append(f.Ambient.Workloads, w.ref())
		}
		q := w.portNumbered(f.Number, "TCP")
		switch {
		case q != nil:
			f.Port = "workload"
			f.Names["port"] = q.String()
			f.Purpose = q.facts.Purpose
			if q.facts.MTLS.From.Object == p.Object && q.facts.MTLS.Scope == "port" && w.Facts.Mesh.Member != "none" {
				f.Effective = Yes
				f.Workloads = append(f.Workloads, w.ref())
			}
		case f.Port == "other" && !w.implied:
			s.servicePortMeant(w, f)
		}
	}
	if len(p.selected) == 0 || len(p.maybe) > 0 {
		f.Port, f.Effective = "unknown", Unknown
	}
}

// servicePortMeant recognises a key that is a Service's port and none of the
// pods': portLevelMtls is keyed by pod port, so the entry has no effect.
// https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication-port_level_mtls
func (s *setModel) servicePortMeant(w *Workload, f *PortExceptionFacts) {
	for _, v := range w.services {
		for i := range v.spec.Ports {
			p := &v.spec.Ports[i]
			if int(p.Port) != f.Number || target(p).IntVal == p.Port {
				continue
			}
			f.Port = "service"
			to := target(p)
			f.Names["target"] = to.String()
			if q := w.servicePortTarget(p); q != nil {
				f.Names["target"] = strconv.Itoa(q.number)
			}
			f.Names["service"] = refPlain(v.Object)
			f.Workloads = append(f.Workloads, w.ref())
			return
		}
	}
}
