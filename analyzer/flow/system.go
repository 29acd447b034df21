package flow

import (
	"strconv"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// The ports that cluster DNS answers on: 53, and 5353 on the pods of OpenShift.
// https://github.com/openshift/cluster-dns-operator (assets/dns/daemonset.yaml)
const (
	dnsPort          = 53
	openshiftDNSPort = 5353
)

// dnsFlows asks whether a workload whose egress is isolated may resolve names.
// A resolver asks over UDP first; an answer over TCP alone does not help it.
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
func (s *Needs) dnsFlows(w *inventory.Workload) []*Flow {
	if s.network.IsolatedIn(w, fact.Egress) != fact.Yes {
		return nil
	}
	f := s.toStrangers(w, "dns", s.network.DNS, netset.UDP, dnsPort, openshiftDNSPort)
	f.facts.CallsHosts = s.callsByName(w)
	f.names["protocol"] = "UDP"
	return []*Flow{f}
}

// istiodPort serves a sidecar its configuration and certificates.
// https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
const istiodPort = 15012

// istiod is Istio's control plane. Labels: istio/istio
// manifests/charts/istio-control/istio-discovery/templates/deployment.yaml.
func istiod(n *netpol.Network, root string) []*netpol.Endpoint {
	return []*netpol.Endpoint{n.External(netpol.ExternalPod{
		Name: "istiod", Namespace: root,
		Labels: inventory.LabelSet{Known: map[string]string{"app": "istiod", "istio": "pilot"}, Open: true},
	})}
}

func (s *Needs) istiodFlows(w *inventory.Workload) []*Flow {
	if s.mesh.Member(w) != fact.Sidecar || s.network.IsolatedIn(w, fact.Egress) != fact.Yes {
		return nil
	}
	return []*Flow{s.toStrangers(w, "istiod", s.istiod, netset.TCP, istiodPort)}
}

// toStrangers is the flow from a workload to whichever of the strangers and
// ports it fares best with.
func (s *Needs) toStrangers(w *inventory.Workload, need string, strangers []*netpol.Endpoint, protocol int, ports ...int) *Flow {
	n := s.network
	var flows []*Flow
	for _, x := range strangers {
		for _, port := range ports {
			f := &Flow{need: need, src: n.EndpointOf[w], dst: x, about: []*inventory.Workload{w}, protocol: protocol, port: port, from: w.Anchor()}
			f.names = map[string]string{"port": strconv.Itoa(port), "callee": x.External.Name}
			settle(n, f)
			flows = append(flows, f)
		}
	}
	return best(flows)
}

// webhookFlows asks whether the API server may call the webhooks that the
// workload serves.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
func (s *Needs) webhookFlows(w *inventory.Workload) []*Flow {
	var out []*Flow
	n := s.network
	for _, p := range w.Ports {
		if !p.Entry["webhook"] || p.Number == 0 || p.Protocol != "TCP" || s.network.IsolatedIn(w, fact.Ingress) != fact.Yes {
			continue
		}
		f := &Flow{need: "webhook", src: n.APIServer(), dst: n.EndpointOf[w], about: []*inventory.Workload{w}, protocol: netset.TCP, port: p.Number, from: p.From}
		f.names = map[string]string{"port": p.String()}
		settle(n, f)
		if ref := p.Webhook; ref.Object != nil {
			f.facts.Reference = fact.PlaceFacts{Present: true, Evidence: fact.Evidence{From: ref, Names: map[string]string{"reference": fact.RefName(ref.Object)}}}
		}
		out = append(out, f)
	}
	return out
}
