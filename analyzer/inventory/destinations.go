package inventory

import (
	"iter"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// Destination is one port of a workload's pods that traffic goes to.
type Destination struct {
	W    *Workload
	Port *Port
}

// Destinations returns the pod ports behind a port of the Service, in the
// order of its pods. A number of 0 means the Service's only port; nothing is
// said when it has several. protocol may be empty: TCP, or else the one that
// the port has.
//
// A headless Service translates nothing: its clients connect to the pods at
// the port they name. Only ports that are known of a pod count there.
// https://kubernetes.io/docs/concepts/services-networking/service/#headless-services
func (v *Service) Destinations(number int, protocol string) []Destination {
	sp := v.PortOf(number, protocol)
	if !v.Headless() || !v.Believed {
		return v.Behind(sp)
	}
	if number == 0 {
		if sp == nil {
			return nil
		}
		number, protocol = int(sp.Port), decode.OrTCP(sp.Protocol)
	}
	var out []Destination
	for _, w := range v.Selected {
		if p := w.portOfNumber(number, protocol); p != nil {
			out = append(out, Destination{W: w, Port: p})
		}
	}
	return out
}

// Behind returns the pod ports behind one port of the Service, as whoever
// reads its endpoints finds them: kube-proxy, and every proxy of a gateway.
func (v *Service) Behind(sp *corev1.ServicePort) []Destination {
	if sp == nil || !v.Believed {
		return nil
	}
	var out []Destination
	for _, w := range v.Selected {
		if p := w.ServicePortTarget(sp); p != nil {
			out = append(out, Destination{W: w, Port: p})
		}
	}
	return out
}

// PortOf returns the Service port of that number, the only one for 0, nil if
// there is none.
func (v *Service) PortOf(number int, protocol string) *corev1.ServicePort {
	if number == 0 && len(v.Spec.Ports) != 1 {
		return nil
	}
	var found *corev1.ServicePort
	for i := range v.Spec.Ports {
		p := &v.Spec.Ports[i]
		switch {
		case number != 0 && int(p.Port) != number || protocol != "" && decode.OrTCP(p.Protocol) != protocol:
		case found == nil || decode.OrTCP(p.Protocol) == "TCP":
			found = p
		}
	}
	return found
}

// portOfNumber is portNumbered for any protocol, TCP first.
func (w *Workload) portOfNumber(number int, protocol string) *Port {
	if protocol != "" {
		return w.PortNumbered(number, protocol)
	}
	for _, transport := range []string{"TCP", "UDP", "SCTP"} {
		if p := w.PortNumbered(number, transport); p != nil {
			return p
		}
	}
	return nil
}

// PortCalled returns the Service port of that name, nil if there is none.
func (v *Service) PortCalled(name string) *corev1.ServicePort {
	for i := range v.Spec.Ports {
		if v.Spec.Ports[i].Name == name && name != "" {
			return &v.Spec.Ports[i]
		}
	}
	return nil
}

// PodPort is the pods' port of that number, made up when no manifest speaks of
// it: a number needs no declaration.
func (w *Workload) PodPort(number int, from fact.Source) *Port {
	if p := w.PortNumbered(number, "TCP"); p != nil {
		return p
	}
	return &Port{Number: number, Protocol: "TCP", From: from}
}

// Distinct drops what was there before: two Services may lead to one port.
func Distinct(list []Destination) []Destination {
	type key struct {
		w        *Workload
		number   int
		protocol string
	}
	seen := make(map[key]bool, len(list))
	return slices.DeleteFunc(list, func(d Destination) bool {
		k := key{d.W, d.Port.Number, d.Port.Protocol}
		drop := seen[k]
		seen[k] = true
		return drop
	})
}

// ServicePortTarget returns the workload's port behind a Service port, nil if
// none is known.
func (w *Workload) ServicePortTarget(p *corev1.ServicePort) *Port {
	to := Target(p)
	if to.StrVal != "" {
		return w.PortNamed(to.StrVal, decode.OrTCP(p.Protocol))
	}
	return w.PortNumbered(int(to.IntVal), decode.OrTCP(p.Protocol))
}

// ServicePorts yields the TCP ports of Services that lead to a port.
func (w *Workload) ServicePorts(p *Port) iter.Seq2[*Service, *corev1.ServicePort] {
	return func(yield func(*Service, *corev1.ServicePort) bool) {
		for _, v := range w.Services {
			for i := range v.Spec.Ports {
				sp := &v.Spec.Ports[i]
				if decode.OrTCP(sp.Protocol) == "TCP" && w.ServicePortTarget(sp) == p && !yield(v, sp) {
					return
				}
			}
		}
	}
}
