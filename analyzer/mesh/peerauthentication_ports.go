package mesh

import (
	"strconv"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// portExceptions are the facts of a policy's portLevelMtls entries, in the
// order of their ports.
func (m *Mesh) portExceptions(p *peerAuthentication) []fact.PortExceptionFacts {
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
		f := fact.PortExceptionFacts{Number: number, Mode: modeOf(p.spec.GetPortLevelMtls()[uint32(number)]), PortOf: "other", Effective: fact.No, Purpose: fact.ForApplication}
		f.From = fact.Source{Object: p.Object, Path: yaml.Path{"spec", "portLevelMtls", key, "mode"}}
		f.Names = map[string]string{"port": key}
		m.describeException(p, &f)
		out = append(out, f)
	}
	return out
}

// describeException compares an entry with the ports of the workloads that the
// policy selects.
func (m *Mesh) describeException(p *peerAuthentication, f *fact.PortExceptionFacts) {
	f.Ambient.Affected = fact.No
	for _, w := range p.selected {
		if m.Member(w) == fact.Ambient && f.Mode == fact.Disable {
			f.Ambient.Affected = fact.Yes
			f.Ambient.Workloads = append(f.Ambient.Workloads, w.Ref())
		}
		q := w.PortNumbered(f.Number, "TCP")
		switch {
		case q != nil:
			f.PortOf = "workload"
			f.Names["port"] = q.String()
			f.Purpose = q.Purpose
			if m.modes[q].setBy(p) {
				f.Effective = fact.Yes
				f.Workloads = append(f.Workloads, w.Ref())
			}
		case f.PortOf == "other" && !w.Implied:
			if meant, ok := ServicePort(w, f.Number); ok {
				f.PortOf = "service"
				f.Names["target"], f.Names["service"] = meant.Target, meant.Service
				f.Workloads = append(f.Workloads, w.Ref())
			}
		}
	}
	if len(p.selected) == 0 || len(p.possiblySelected) > 0 {
		f.PortOf, f.Effective = "unknown", fact.Unknown
	}
}

// MistakenPort is the port of a Service, written where policies name the port
// of the pod.
type MistakenPort struct {
	Service string // kind, namespace and name of the Service
	Target  string // number or name of the pod port that it leads to
}

// ServicePort recognises a number that is the port of a Service of the workload
// and leads to another port of the pod: Istio's policies name pod ports, so that
// one with this number has no effect.
// https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication-port_level_mtls
func ServicePort(w *inventory.Workload, number int) (MistakenPort, bool) {
	for _, v := range w.Services {
		for i := range v.Spec.Ports {
			p := &v.Spec.Ports[i]
			if int(p.Port) != number || inventory.Target(p).IntVal == p.Port {
				continue
			}
			to := inventory.Target(p)
			out := MistakenPort{Service: fact.RefPlain(v.Object), Target: to.String()}
			if q := w.ServicePortTarget(p); q != nil {
				out.Target = strconv.Itoa(q.Number)
			}
			return out, true
		}
	}
	return MistakenPort{}, false
}
