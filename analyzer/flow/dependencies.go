package flow

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/calls"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// dependencyFlows asks whether a workload may connect to what its manifests
// say it calls. Of several pods behind one name one is enough.
func (s *Needs) dependencyFlows(w *inventory.Workload) []*Flow {
	var out []*Flow
	seen := map[*inventory.Service]bool{}
	for _, r := range s.calls.References(w) {
		v, _, ok := s.inventory.ResolveHost(w, r.Host)
		if !ok || r.Confidence < calls.Medium || len(v.PossiblySelected) > 0 || seen[v] {
			continue
		}
		if f := s.dependency(w, &r, v); f != nil {
			out = append(out, f)
			seen[v] = f.facts.Verdict == fact.Denied
		}
	}
	return out
}

func (s *Needs) dependency(w *inventory.Workload, r *calls.Reference, v *inventory.Service) *Flow {
	var tried []*Flow
	for _, to := range s.called(r, v) {
		if to.W == w || to.W.Implied || to.Port.Number == 0 {
			return nil
		}
		f := s.flowBetween("dependency", w, to)
		if f == nil {
			return nil
		}
		f.names["host"], f.names["reference"] = "`"+r.Host+"`", "`"+r.Name+"`"
		f.from = r.From
		f.facts.Reference = fact.PlaceFacts{Present: true, Evidence: fact.Evidence{From: r.From, Names: map[string]string{"reference": "`" + r.Name + "`", "host": "`" + r.Host + "`"}}}
		tried = append(tried, f)
	}
	if len(tried) == 0 {
		return nil
	}
	out := best(tried)
	if !sameMesh(tried) {
		out.facts.Mesh = fact.FlowMeshFacts{Verdict: fact.Undetermined}
	}
	return out
}

// called lists the pod ports that a reference may mean: those behind its port,
// or behind every port of the Service when it names none.
func (s *Needs) called(r *calls.Reference, v *inventory.Service) []inventory.Destination {
	if r.Port > 0 || len(v.Spec.Ports) == 1 {
		return v.Destinations(r.Port, r.Protocol)
	}
	var out []inventory.Destination
	for i := range v.Spec.Ports {
		out = append(out, v.Destinations(int(v.Spec.Ports[i].Port), decode.OrTCP(v.Spec.Ports[i].Protocol))...)
	}
	return out
}

// flowBetween is the flow from one workload to a port of another, nil where
// policies see something else than the two of them: a waypoint stands between.
// Between pods of the ambient mesh they see HBONE, on its own port.
func (s *Needs) flowBetween(need string, src *inventory.Workload, to inventory.Destination) *Flow {
	n := s.network
	protocol := netset.ProtocolIndex(to.Port.Protocol)
	if protocol < 0 {
		return nil
	}
	f := &Flow{need: need, src: n.EndpointOf[src], dst: n.EndpointOf[to.W], about: []*inventory.Workload{src, to.W}, protocol: protocol, port: to.Port.Number}
	f.names = map[string]string{
		"caller": "`" + src.ID + "`", "callee": "`" + to.W.ID + "`", "port": to.Port.String(), "protocol": to.Port.Protocol,
	}
	settle(n, f)
	x := s.layers.SenderOf(&connect.Endpoint{Workload: src, Party: f.src})
	s.settleMesh(f, &x, to)
	if protocol == netset.TCP && s.mesh.UsesHBONE(src) && s.mesh.UsesHBONE(to.W) {
		if s.mesh.Waypoint(to.W) != fact.No {
			return nil
		}
		if f.facts.Verdict == fact.Denied {
			f.port = mesh.HBONEPort
			settle(n, f)
			s.settleMesh(f, &x, to)
		}
	}
	return f
}

// callsByName answers whether the workload is known to need names. One that
// may call somebody does, unless it was given addresses.
func (s *Needs) callsByName(w *inventory.Workload) fact.Tri {
	if slices.ContainsFunc(s.calls.References(w), func(r calls.Reference) bool { return r.Confidence >= calls.Medium && !inventory.IsAddress(r.Host) }) {
		return fact.Yes
	}
	if s.network.Isolation(w, fact.Egress).Admits == "somebody" {
		return fact.Unknown
	}
	return fact.No
}
