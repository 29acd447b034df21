package mesh

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Capture says whether a proxy takes what arrives at a port. What it does not
// take has neither mutual TLS nor authorization.
type Capture struct {
	State fact.CaptureState
	from  fact.Source // the annotation or configuration that decides; no object without one
}

// Enforced reports that a proxy takes the port, or may: no policy of the mesh
// is enforced at any other.
func (c Capture) Enforced() bool { return c.State == fact.Captured || c.State == fact.UnknownCapture }

// trafficPrefix begins the annotations of a pod that list ports.
// https://istio.io/latest/docs/reference/config/annotations/
const trafficPrefix = "traffic.sidecar.istio.io/"

// Capture decides for one TCP port of a workload in the mesh. Number 0 stands
// for every port that no annotation and no policy names.
//   - istio/istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml
//     (arguments of istio-init), tools/istio-iptables/pkg/capture/run.go
//     (handleInboundPortsInclude: exclusions count only where everything is included)
//   - https://istio.io/latest/docs/reference/config/annotations/
func (m *Mesh) Capture(w *inventory.Workload, number int) Capture {
	if m.Member(w) == fact.Ambient {
		return captureAmbient(w)
	}
	if f, decided := m.interception(w); decided {
		return f
	}
	include, from := m.inboundList(w, 0, "includeInboundPorts")
	switch {
	case include == "*":
	case decode.IsPlaceholder(include):
		return Capture{fact.UnknownCapture, from}
	case inPortList(include, number):
		return Capture{State: fact.Captured}
	default:
		return Capture{fact.NotIncluded, from}
	}
	exclude, from := m.inboundList(w, 1, "excludeInboundPorts")
	switch {
	case reservedPort(w, number):
		return Capture{State: fact.Reserved, from: w.Source("metadata", "name")}
	case inPortList(exclude, number):
		return Capture{fact.Excluded, from}
	case decode.IsPlaceholder(exclude) && number != 0:
		return Capture{fact.UnknownCapture, from}
	case number == sshPort: // the documentation says never captured, today's iptables rules capture it
		return Capture{State: fact.UnknownCapture, from: w.Source("metadata", "name")}
	}
	return Capture{State: fact.Captured}
}

// inboundList is the pod's own list of ports, or else the injector's.
func (m *Mesh) inboundList(w *inventory.Workload, i int, key string) (string, fact.Source) {
	if list, ok := w.Annotations[trafficPrefix+key]; ok {
		return list, w.PodSource("metadata", "annotations", trafficPrefix+key)
	}
	return m.Config.inbound[i], m.Config.inboundSource
}

// captureAmbient: ztunnel takes every port unless the pod opts out.
// https://istio.io/latest/docs/reference/config/annotations/#AmbientBypassInboundCapture
func captureAmbient(w *inventory.Workload) Capture {
	from := w.PodSource("metadata", "annotations", bypassAnnotation)
	switch value := w.Annotations[bypassAnnotation]; {
	case decode.IsPlaceholder(value):
		return Capture{fact.UnknownCapture, from}
	case value == "true":
		return Capture{fact.Bypassed, from}
	}
	return Capture{State: fact.Captured}
}

// interception decides for the pod as a whole: it finds what turns capture off
// or replaces Istio's own. decided is false where neither is so.
func (m *Mesh) interception(w *inventory.Workload) (Capture, bool) {
	const modeKey, configKey, templatesKey = "sidecar.istio.io/interceptionMode", "proxy.istio.io/config", "inject.istio.io/templates"
	mode, from := m.Config.interception, m.Config.source
	if text, ok := w.Annotations[configKey]; ok {
		if own := decode.FirstText(yaml.ParseText(text).Get("interceptionMode")); own != "" || decode.IsPlaceholder(text) {
			mode, from = own, w.PodSource("metadata", "annotations", configKey)
		}
	}
	if own, ok := w.Annotations[modeKey]; ok {
		mode, from = own, w.PodSource("metadata", "annotations", modeKey)
	}
	switch {
	case mode == "NONE":
		return Capture{fact.ModeNone, from}, true
	case mode != "REDIRECT" && mode != "TPROXY":
		return Capture{fact.UnknownCapture, from}, true
	}
	for _, key := range []string{trafficPrefix + "excludeInterfaces", "sidecar.istio.io/bootstrapOverride"} {
		if w.Annotations[key] != "" {
			return Capture{fact.UnknownCapture, w.PodSource("metadata", "annotations", key)}, true
		}
	}
	if names := w.Annotations[templatesKey]; names != "" && !builtInTemplate(names) {
		return Capture{fact.UnknownCapture, w.PodSource("metadata", "annotations", templatesKey)}, true
	}
	return Capture{}, false
}

// builtInTemplate reports an injection template that redirects traffic as
// Istio's own does; others, such as those of proxyless gRPC, need not.
func builtInTemplate(names string) bool {
	return slices.ContainsFunc(strings.Split(names, ","), func(name string) bool {
		name = strings.TrimSpace(name)
		return name == "sidecar" || name == "gateway"
	})
}

// The ports of a proxy, and one that capture treats differently.
// https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
const (
	sshPort             = 22
	statusPort          = 15020 // the agent's, unless an annotation names another
	healthPort          = 15021
	envoyPrometheusPort = 15090
)

// reservedPort reports the ports that the sidecar keeps for itself. The agent's
// status port is 15020 unless the pod's annotation names another one, and only
// the port that is in use is excluded from capture.
//   - https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
//   - istio/istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml
//     (argument -d of istio-init), pkg/kube/inject/template.go (excludeInboundPort)
func reservedPort(w *inventory.Workload, number int) bool {
	status := statusPort
	if n, err := strconv.Atoi(w.Annotations["status.sidecar.istio.io/port"]); err == nil && n > 0 {
		status = n
	}
	return number == healthPort || number == envoyPrometheusPort || number == HBONEPort || number == status
}

// ExcludesOutbound reports that an annotation of the pod keeps its connections
// to a port away from its sidecar; port 0 asks for any port.
// https://istio.io/latest/docs/reference/config/annotations/#SidecarTrafficExcludeOutboundPorts
func ExcludesOutbound(w *inventory.Workload, port int) bool {
	list := w.Annotations[trafficPrefix+"excludeOutboundPorts"]
	if port == 0 {
		return list != ""
	}
	return inPortList(list, port)
}

// inPortList reports a number in a comma-separated list of ports.
func inPortList(list string, number int) bool {
	for item := range strings.SplitSeq(list, ",") {
		if n, err := strconv.Atoi(strings.TrimSpace(item)); err == nil && n == number && n > 0 {
			return true
		}
	}
	return false
}

// DistinctPorts lists the TCP ports that the mesh may treat differently from
// those that nothing names, in no order: those in annotations of the pod and in
// portLevelMtls, and the proxy's own.
func (m *Mesh) DistinctPorts(w *inventory.Workload) []int {
	out := []int{sshPort, HBONEPort, MergedMetricsPort, healthPort, envoyPrometheusPort}
	for _, key := range []string{"excludeInboundPorts", "includeInboundPorts"} {
		for text := range strings.SplitSeq(w.Annotations[trafficPrefix+key], ",") {
			if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
				out = append(out, n)
			}
		}
	}
	for _, p := range slices.Concat(m.peerAuthsOf[w], m.possiblePeerAuthsOf[w]) {
		for number := range p.spec.GetPortLevelMtls() {
			out = append(out, int(number))
		}
	}
	return out
}
