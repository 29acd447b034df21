package mesh

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// Waypoint answers whether a waypoint stands before an ambient workload: a
// label of its namespace, its pods or one of its Services asks for one. Traffic
// then comes from the waypoint instead of its client.
// https://istio.io/latest/docs/ambient/usage/waypoint/#useawaypoint
func (m *Mesh) Waypoint(w *inventory.Workload) fact.Tri {
	objects := []map[string]string{w.Labels, w.Ns.Labels.Known}
	for _, v := range w.Services {
		objects = append(objects, v.Meta.Labels)
	}
	answer := askWaypoint(objects...)
	if answer == fact.No && (w.Implied || w.Ns.Declared != fact.Yes || m.Inventory.Gaps.Anything(w.Namespace) || m.Inventory.Gaps.Unread(w.Namespace, "Service")) {
		return fact.Unknown
	}
	return answer
}

// askWaypoint answers whether the labels of one of the objects ask for a
// waypoint.
func askWaypoint(objects ...map[string]string) fact.Tri {
	answer := fact.No
	for _, labels := range objects {
		switch name := labels["istio.io/use-waypoint"]; {
		case decode.IsPlaceholder(name):
			answer = fact.Unknown
		case name != "" && name != "none":
			return fact.Yes
		}
	}
	return answer
}

// ServiceWaypoint answers whether a waypoint stands before a Service of the
// tree, where a policy that is attached to the Service is enforced.
func (m *Mesh) ServiceWaypoint(kind string, ns *inventory.Namespace, name string) fact.Tri {
	i := slices.IndexFunc(ns.Services, func(v *inventory.Service) bool { return v.Name == name })
	if kind != "Service" || i < 0 {
		return fact.Unknown
	}
	v := ns.Services[i]
	answer := askWaypoint(v.Meta.Labels, ns.Labels.Known)
	if answer == fact.No && (ns.Declared != fact.Yes || m.Inventory.Gaps.Anything(ns.Name) || len(v.PossiblySelected) > 0 || slices.ContainsFunc(v.Selected, func(w *inventory.Workload) bool { return askWaypoint(w.Labels) != fact.No || w.Implied })) {
		return fact.Unknown
	}
	return answer
}

// HBONEPort is where ztunnel takes in traffic between pods of an ambient mesh,
// whatever port of the application it is for: that is what policies see.
// https://istio.io/latest/docs/ambient/usage/networkpolicy/
const HBONEPort = 15008

// bypassAnnotation makes inbound traffic of an ambient pod skip ztunnel.
// https://istio.io/latest/docs/reference/config/annotations/#AmbientBypassInboundCapture
const bypassAnnotation = "ambient.istio.io/bypass-inbound-capture"

// UsesHBONE reports pods of the ambient mesh whose inbound traffic goes through
// ztunnel.
func (m *Mesh) UsesHBONE(w *inventory.Workload) bool {
	return m.Member(w) == fact.Ambient && w.Annotations[bypassAnnotation] != "true"
}

// MergedMetricsPort serves an application's metrics together with the proxy's.
// https://istio.io/latest/docs/ops/integrations/prometheus/#option-1-metrics-merging
const MergedMetricsPort = 15020
