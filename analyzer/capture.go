package analyzer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// captureFact tells whether a proxy takes what arrives at a port. What it does
// not take has neither mutual TLS nor authorization.
type captureFact struct {
	state string // see CaptureFacts
	from  Source
}

const trafficPrefix = "traffic.sidecar.istio.io/"

// capture decides for one TCP port of a workload in the mesh. Number 0 is any
// port that nothing names.
//   - istio/istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml
//     (arguments of istio-init), tools/istio-iptables/pkg/capture/run.go
//     (handleInboundPortsInclude: exclusions count only where everything is included)
//   - https://istio.io/latest/docs/reference/config/annotations/
func (s *setModel) capture(w *Workload, number int) captureFact {
	if w.Facts.Mesh.Member == "ambient" {
		return w.captureAmbient()
	}
	if f, decided := s.interception(w); decided {
		return f
	}
	include, from := s.inboundList(w, 0, "includeInboundPorts")
	switch {
	case include == "*":
	case isPlaceholder(include):
		return captureFact{"unknown", from}
	case listed(include, number):
		return captureFact{state: "captured"}
	default:
		return captureFact{"not-included", from}
	}
	exclude, from := s.inboundList(w, 1, "excludeInboundPorts")
	switch {
	case reservedPort(w, number):
		return captureFact{state: "reserved", from: w.source("metadata", "name")}
	case listed(exclude, number):
		return captureFact{"excluded", from}
	case isPlaceholder(exclude) && number != 0:
		return captureFact{"unknown", from}
	case number == 22: // the documentation says never, today's rules say always
		return captureFact{state: "unknown", from: w.source("metadata", "name")}
	}
	return captureFact{state: "captured"}
}

// inboundList is the pod's own list of ports, or else the injector's.
func (s *setModel) inboundList(w *Workload, i int, key string) (string, Source) {
	if list, ok := w.Annotations[trafficPrefix+key]; ok {
		return list, w.podSource("metadata", "annotations", trafficPrefix+key)
	}
	return s.config.inbound[i], s.config.inboundSource
}

// captureAmbient: ztunnel takes every port unless the pod opts out.
// https://istio.io/latest/docs/reference/config/annotations/#AmbientBypassInboundCapture
func (w *Workload) captureAmbient() captureFact {
	const bypass = "ambient.istio.io/bypass-inbound-capture"
	from := w.podSource("metadata", "annotations", bypass)
	switch value := w.Annotations[bypass]; {
	case isPlaceholder(value):
		return captureFact{"unknown", from}
	case value == "true":
		return captureFact{"bypassed", from}
	}
	return captureFact{state: "captured"}
}

// interception finds what turns capture off, or makes it another one, for the
// pod as a whole.
func (s *setModel) interception(w *Workload) (captureFact, bool) {
	const modeKey, configKey, templatesKey = "sidecar.istio.io/interceptionMode", "proxy.istio.io/config", "inject.istio.io/templates"
	mode, from := s.config.interception, s.config.source
	if text, ok := w.Annotations[configKey]; ok {
		if m := firstText(yaml.ParseText(text).Get("interceptionMode")); m != "" || isPlaceholder(text) {
			mode, from = m, w.podSource("metadata", "annotations", configKey)
		}
	}
	if m, ok := w.Annotations[modeKey]; ok {
		mode, from = m, w.podSource("metadata", "annotations", modeKey)
	}
	switch {
	case mode == "NONE":
		return captureFact{"mode-none", from}, true
	case mode != "REDIRECT" && mode != "TPROXY":
		return captureFact{"unknown", from}, true
	}
	for _, key := range []string{trafficPrefix + "excludeInterfaces", "sidecar.istio.io/bootstrapOverride"} {
		if w.Annotations[key] != "" {
			return captureFact{"unknown", w.podSource("metadata", "annotations", key)}, true
		}
	}
	if names := w.Annotations[templatesKey]; names != "" && !builtInTemplate(names) {
		return captureFact{"unknown", w.podSource("metadata", "annotations", templatesKey)}, true
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

// reservedPort reports the ports of the proxy itself.
// https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
func reservedPort(w *Workload, number int) bool {
	status := 15020
	if n, err := strconv.Atoi(w.Annotations["status.sidecar.istio.io/port"]); err == nil && n > 0 {
		status = n
	}
	return number == 15021 || number == 15090 || number == 15008 || number == status
}

func listed(list string, number int) bool {
	for item := range strings.SplitSeq(list, ",") {
		if n, err := strconv.Atoi(strings.TrimSpace(item)); err == nil && n == number && n > 0 {
			return true
		}
	}
	return false
}
