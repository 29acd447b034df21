package analyzer

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// destination is one port of a workload's pods that traffic goes to.
type destination struct {
	w    *Workload
	port *port
}

// destinations returns the pod ports behind a port of the Service, in the
// order of its pods. A number of 0 means the Service's only port; nothing is
// said when it has several. protocol may be empty: TCP, or else the one that
// the port has.
//
// A headless Service translates nothing: its clients connect to the pods at
// the port they name. Only ports that are known of a pod count there.
// https://kubernetes.io/docs/concepts/services-networking/service/#headless-services
func (v *service) destinations(number int, protocol string) []destination {
	sp := v.portOf(number, protocol)
	if !v.headless() || !v.believed {
		return v.behind(sp)
	}
	if number == 0 {
		if sp == nil {
			return nil
		}
		number, protocol = int(sp.Port), orTCP(sp.Protocol)
	}
	var out []destination
	for _, w := range v.selected {
		if p := w.portOfNumber(number, protocol); p != nil {
			out = append(out, destination{w: w, port: p})
		}
	}
	return out
}

// behind returns the pod ports behind one port of the Service, as whoever
// reads its endpoints finds them: kube-proxy, and every proxy of a gateway.
func (v *service) behind(sp *corev1.ServicePort) []destination {
	if sp == nil || !v.believed {
		return nil
	}
	var out []destination
	for _, w := range v.selected {
		if p := w.servicePortTarget(sp); p != nil {
			out = append(out, destination{w: w, port: p})
		}
	}
	return out
}

// portOf returns the Service port of that number, the only one for 0, nil if
// there is none.
func (v *service) portOf(number int, protocol string) *corev1.ServicePort {
	if number == 0 && len(v.spec.Ports) != 1 {
		return nil
	}
	var found *corev1.ServicePort
	for i := range v.spec.Ports {
		p := &v.spec.Ports[i]
		switch {
		case number != 0 && int(p.Port) != number || protocol != "" && orTCP(p.Protocol) != protocol:
		case found == nil || orTCP(p.Protocol) == "TCP":
			found = p
		}
	}
	return found
}

// portOfNumber is portNumbered for any protocol, TCP first.
func (w *Workload) portOfNumber(number int, protocol string) *port {
	if protocol != "" {
		return w.portNumbered(number, protocol)
	}
	for _, transport := range []string{"TCP", "UDP", "SCTP"} {
		if p := w.portNumbered(number, transport); p != nil {
			return p
		}
	}
	return nil
}

// portCalled returns the Service port of that name, nil if there is none.
func (v *service) portCalled(name string) *corev1.ServicePort {
	for i := range v.spec.Ports {
		if v.spec.Ports[i].Name == name && name != "" {
			return &v.spec.Ports[i]
		}
	}
	return nil
}

// podPort is the pods' port of that number, made up when no manifest speaks of
// it: a number needs no declaration.
func (w *Workload) podPort(number int, from Source) *port {
	if p := w.portNumbered(number, "TCP"); p != nil {
		return p
	}
	return &port{number: number, protocol: "TCP", from: from}
}

// distinct drops what was there before: two Services may lead to one port.
func distinct(list []destination) []destination {
	type key struct {
		w        *Workload
		number   int
		protocol string
	}
	seen := make(map[key]bool, len(list))
	return slices.DeleteFunc(list, func(d destination) bool {
		k := key{d.w, d.port.number, d.port.protocol}
		drop := seen[k]
		seen[k] = true
		return drop
	})
}
