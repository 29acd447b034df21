package analyzer

import (
	"strconv"
)

// The ports that cluster DNS answers on: 53, and 5353 on the pods of OpenShift.
// https://github.com/openshift/cluster-dns-operator (assets/dns/daemonset.yaml)
const (
	dnsPort          = 53
	openshiftDNSPort = 5353
)

const (
	tcp = 0 // of protocols
	udp = 1
)

// dnsFlows asks whether a workload whose egress is isolated may resolve names.
// A resolver asks over UDP first; an answer over TCP alone does not help it.
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
func (s *Needs) dnsFlows(w *Workload) []*flow {
	if s.network.isolatedIn(w, egress) != Yes {
		return nil
	}
	f := s.toStrangers(w, "dns", s.network.dns, udp, dnsPort, openshiftDNSPort)
	f.facts.Calls = s.callsByName(w)
	f.names["protocol"] = "UDP"
	return []*flow{f}
}

// istiodPort serves a sidecar its configuration and certificates.
// https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
const istiodPort = 15012

// istiod is Istio's control plane. Labels: istio/istio
// manifests/charts/istio-control/istio-discovery/templates/deployment.yaml.
func istiod(n *network, root string) []*party {
	return []*party{n.meet(stranger{
		name: "istiod", namespace: root,
		labels: labelSet{known: map[string]string{"app": "istiod", "istio": "pilot"}, open: true},
	})}
}

func (s *Needs) istiodFlows(w *Workload) []*flow {
	if s.mesh.member(w) != "sidecar" || s.network.isolatedIn(w, egress) != Yes {
		return nil
	}
	return []*flow{s.toStrangers(w, "istiod", s.istiod, tcp, istiodPort)}
}

// toStrangers is the flow from a workload to whichever of the strangers and
// ports it fares best with.
func (s *Needs) toStrangers(w *Workload, need string, strangers []*party, protocol int, ports ...int) *flow {
	n := s.network
	var flows []*flow
	for _, x := range strangers {
		for _, port := range ports {
			f := &flow{need: need, src: n.partyOf[w], dst: x, about: []*Workload{w}, protocol: protocol, port: port, from: w.anchor()}
			f.names = map[string]string{"port": strconv.Itoa(port), "callee": x.stranger.name}
			n.settle(f)
			flows = append(flows, f)
		}
	}
	return best(flows)
}

// webhookFlows asks whether the API server may call the webhooks that the
// workload serves.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
func (s *Needs) webhookFlows(w *Workload) []*flow {
	var out []*flow
	n := s.network
	for _, p := range w.ports {
		if !p.entry["webhook"] || p.number == 0 || p.protocol != "TCP" || s.network.isolatedIn(w, ingress) != Yes {
			continue
		}
		f := &flow{need: "webhook", src: n.apiServer()[0], dst: n.partyOf[w], about: []*Workload{w}, protocol: tcp, port: p.number, from: p.from}
		f.names = map[string]string{"port": p.String()}
		n.settle(f)
		if ref := p.webhook; ref.Object != nil {
			f.facts.Reference = PlaceFacts{Known: true, Evidence: Evidence{From: ref, Names: map[string]string{"reference": refName(ref.Object)}}}
		}
		out = append(out, f)
	}
	return out
}
