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
// Resolvers query over UDP first: TCP alone is not enough.
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
func (n *Needs) dnsFlows(w *inventory.Workload) []*flow {
	if n.network.IsolatedIn(w, fact.Egress) != fact.Yes {
		return nil
	}
	f := n.toExternal(w, needDNS, n.network.DNS, netset.UDP, dnsPort, openshiftDNSPort)
	f.callsByName = n.callsByName(w)
	f.names["protocol"] = "UDP"
	return []*flow{f}
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

func (n *Needs) istiodFlows(w *inventory.Workload) []*flow {
	if n.mesh.Member(w) != fact.Sidecar || n.network.IsolatedIn(w, fact.Egress) != fact.Yes {
		return nil
	}
	return []*flow{n.toExternal(w, needIstiod, n.istiod, netset.TCP, istiodPort)}
}

// toExternal is the flow from a workload to pods outside the tree: of the given
// pods and ports, the pair that policies treat best.
func (n *Needs) toExternal(w *inventory.Workload, need need, pods []*netpol.Endpoint, protocol int, ports ...int) *flow {
	network := n.network
	var flows []*flow
	for _, x := range pods {
		for _, port := range ports {
			f := &flow{need: need, src: network.EndpointOf[w], dst: x, about: []*inventory.Workload{w}, protocol: protocol, port: port, from: w.Anchor()}
			f.names = map[string]string{"port": strconv.Itoa(port), "callee": x.External.Name}
			f.evaluate()
			flows = append(flows, f)
		}
	}
	return bestOf(flows)
}

// webhookFlows asks whether the API server may call the webhooks that the
// workload serves.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
func (n *Needs) webhookFlows(w *inventory.Workload) []*flow {
	var out []*flow
	network := n.network
	for _, p := range w.Ports {
		if !p.Entry["webhook"] || p.Number == 0 || p.Protocol != "TCP" || n.network.IsolatedIn(w, fact.Ingress) != fact.Yes {
			continue
		}
		f := &flow{need: needWebhook, src: network.APIServer(), dst: network.EndpointOf[w], about: []*inventory.Workload{w}, protocol: netset.TCP, port: p.Number, from: p.From}
		f.names = map[string]string{"port": p.String()}
		f.evaluate()
		if ref := p.Webhook; ref.Object != nil {
			f.reference = &fact.Evidence{From: ref, Names: map[string]string{"reference": fact.RefName(ref.Object)}}
		}
		out = append(out, f)
	}
	return out
}
