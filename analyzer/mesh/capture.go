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

// captureFact tells whether a proxy takes what arrives at a port. What it does
// not take has neither mutual TLS nor authorization.
type captureFact struct {
	State fact.CaptureState // see CaptureFacts
	from  fact.Source
}

const TrafficPrefix = "traffic.sidecar.istio.io/"

// Capture decides for one TCP port of a workload in the mesh. Number 0 is any
// port that nothing names.
//   - istio/istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml
//     (arguments of istio-init), tools/istio-iptables/pkg/capture/run.go
//     (handleInboundPortsInclude: exclusions count only where everything is included)
//   - https://istio.io/latest/docs/reference/config/annotations/
func (s *Mesh) Capture(w *inventory.Workload, number int) captureFact {
	if s.Member(w) == fact.Ambient {
		return captureAmbient(w)
	}
	if f, decided := s.interception(w); decided {
		return f
	}
	include, from := s.inboundList(w, 0, "includeInboundPorts")
	switch {
	case include == "*":
	case decode.IsPlaceholder(include):
		return captureFact{fact.UnknownCapture, from}
	case Listed(include, number):
		return captureFact{State: fact.Captured}
	default:
		return captureFact{fact.NotIncluded, from}
	}
	exclude, from := s.inboundList(w, 1, "excludeInboundPorts")
	switch {
	case reservedPort(w, number):
		return captureFact{State: fact.Reserved, from: w.Source("metadata", "name")}
	case Listed(exclude, number):
		return captureFact{fact.Excluded, from}
	case decode.IsPlaceholder(exclude) && number != 0:
		return captureFact{fact.UnknownCapture, from}
	case number == 22: // the documentation says never, today's rules say always
		return captureFact{State: fact.UnknownCapture, from: w.Source("metadata", "name")}
	}
	return captureFact{State: fact.Captured}
}

// inboundList is the pod's own list of ports, or else the injector's.
func (s *Mesh) inboundList(w *inventory.Workload, i int, key string) (string, fact.Source) {
	if list, ok := w.Annotations[TrafficPrefix+key]; ok {
		return list, w.PodSource("metadata", "annotations", TrafficPrefix+key)
	}
	return s.Config.inbound[i], s.Config.inboundSource
}

// captureAmbient: ztunnel takes every port unless the pod opts out.
// https://istio.io/latest/docs/reference/config/annotations/#AmbientBypassInboundCapture
func captureAmbient(w *inventory.Workload) captureFact {
	const bypass = "ambient.istio.io/bypass-inbound-capture"
	from := w.PodSource("metadata", "annotations", bypass)
	switch value := w.Annotations[bypass]; {
	case decode.IsPlaceholder(value):
		return captureFact{fact.UnknownCapture, from}
	case value == "true":
		return captureFact{fact.Bypassed, from}
	}
	return captureFact{State: fact.Captured}
}

// interception finds what turns capture off, or makes it another one, for the
// pod as a whole.
func (s *Mesh) interception(w *inventory.Workload) (captureFact, bool) {
	const modeKey, configKey, templatesKey = "sidecar.istio.io/interceptionMode", "proxy.istio.io/config", "inject.istio.io/templates"
	mode, from := s.Config.interception, s.Config.source
	if text, ok := w.Annotations[configKey]; ok {
		if m := decode.FirstText(yaml.ParseText(text).Get("interceptionMode")); m != "" || decode.IsPlaceholder(text) {
			mode, from = m, w.PodSource("metadata", "annotations", configKey)
		}
	}
	if m, ok := w.Annotations[modeKey]; ok {
		mode, from = m, w.PodSource("metadata", "annotations", modeKey)
	}
	switch {
	case mode == "NONE":
		return captureFact{fact.ModeNone, from}, true
	case mode != "REDIRECT" && mode != "TPROXY":
		return captureFact{fact.UnknownCapture, from}, true
	}
	for _, key := range []string{TrafficPrefix + "excludeInterfaces", "sidecar.istio.io/bootstrapOverride"} {
		if w.Annotations[key] != "" {
			return captureFact{fact.UnknownCapture, w.PodSource("metadata", "annotations", key)}, true
		}
	}
	if names := w.Annotations[templatesKey]; names != "" && !builtInTemplate(names) {
		return captureFact{fact.UnknownCapture, w.PodSource("metadata", "annotations", templatesKey)}, true
	}
	return captureFact{}, false
}

// builtInTemplate reports a template that redirects traffic as Istio's own
// does; others, such as those of proxyless gRPC, do as they like.
func builtInTemplate(names string) bool {
	return slices.ContainsFunc(strings.Split(names, ","), func(name string) bool {
		name = strings.TrimSpace(name)
		return name == "sidecar" || name == "gateway"
	})
}

// reservedPort reports the ports that the sidecar keeps for itself. The agent's
// status port is 15020 unless the pod's annotation names another one, and only
// the port that it is in fact stays out of the capture.
//   - https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
//   - istio/istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml
//     (argument -d of istio-init), pkg/kube/inject/template.go (excludeInboundPort)
func reservedPort(w *inventory.Workload, number int) bool {
	status := 15020
	if n, err := strconv.Atoi(w.Annotations["status.sidecar.istio.io/port"]); err == nil && n > 0 {
		status = n
	}
	return number == 15021 || number == 15090 || number == 15008 || number == status
}

func Listed(list string, number int) bool {
	for item := range strings.SplitSeq(list, ",") {
		if n, err := strconv.Atoi(strings.TrimSpace(item)); err == nil && n == number && n > 0 {
			return true
		}
	}
	return false
}

// AnnotatedPorts are the ports that annotations of the pod leave to the
// sidecar or take from it.
func AnnotatedPorts(w *inventory.Workload) []int {
	var out []int
	for _, key := range []string{"excludeInboundPorts", "includeInboundPorts"} {
		for text := range strings.SplitSeq(w.Annotations[TrafficPrefix+key], ",") {
			if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
				out = append(out, n)
			}
		}
	}
	return out
}
