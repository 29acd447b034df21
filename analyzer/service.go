package analyzer

import (
	"fmt"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// service is a Service and the workloads behind it.
type service struct {
	*decoded
	spec     *corev1.ServiceSpec
	ns       *namespace
	sel      selector
	selected []*Workload
	maybe    []*Workload
	facts    ServiceFacts
}

// selects reports whether the Service finds its pods by labels at all: an
// ExternalName and a Service without selector select nothing on purpose.
// https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors
func (v *service) selects() bool {
	return len(v.spec.Selector) > 0 && v.spec.Type != corev1.ServiceTypeExternalName
}

func (s *setModel) readServices() {
	for _, o := range s.objects {
		t, ok := o.typed.(*corev1.Service)
		if !ok {
			continue
		}
		v := &service{decoded: o, spec: &t.Spec, ns: s.namespace(o.Namespace), sel: mapSelector(t.Spec.Selector)}
		v.ns.services = append(v.ns.services, v)
		s.services = append(s.services, v)
	}
}

// addImplied makes workloads of the pods that Services and policies speak of
// and that no manifest of the namespace defines, so that what the policies say
// of them can be judged. What is said of an implied workload is never a claim
// of absence: its other labels, and other policies for it, lie elsewhere.
func (s *setModel) addImplied() {
	for _, v := range s.services {
		if v.selects() {
			s.imply(v.ns, v.sel, v.Object, yaml.Path{"spec", "selector"})
		}
	}
	for _, p := range s.policies {
		s.imply(p.ns, p.sel, p.Object, yaml.Path{"spec", "podSelector"})
	}
	for _, p := range s.peerAuths {
		if !p.root {
			s.imply(p.ns, p.sel, p.Object, yaml.Path{"spec", "selector"})
		}
	}
	s.implyAuthz()
}

func (s *setModel) imply(ns *namespace, sel selector, o *source.Object, at yaml.Path) {
	want := sel.equalities()
	if ns.hasPods || len(want) == 0 {
		return
	}
	if yes, _ := ns.index.match(sel); len(yes) > 0 {
		return
	}
	w := &Workload{
		Namespace: ns.name, Name: o.Name, Kind: o.Kind, Labels: want,
		ns: ns, object: o, implied: true,
		labels: labelSet{known: want, open: true},
	}
	s.addWorkload(w)
	if ns.anchor.Object == nil {
		ns.anchor = Source{Object: o, Path: at}
	}
}

// resolveServices finds the pods behind each Service and the pod ports that it
// leads to.
func (s *setModel) resolveServices() {
	s.resolveMade()
	for _, v := range s.services {
		v.facts = ServiceFacts{Type: orClusterIP(v.spec.Type), Selector: "none", Selects: Unknown, Closed: v.ns.closedFor(v.Object), Ports: make([]ServicePortFacts, 0, len(v.spec.Ports))}
		if v.selects() {
			v.facts.Selector = "some"
			v.selected, v.maybe = v.ns.index.match(v.sel)
			v.facts.Selects = s.answer(v.sel, v.selected, v.maybe, v.ns)
			v.facts.PodSel = selectorFacts(v.decoded, v.sel, v.ns, v.facts.Selects, "spec", "selector")
		}
		for _, w := range v.selected {
			w.services = append(w.services, v)
		}
		for i := range v.spec.Ports {
			v.facts.Ports = append(v.facts.Ports, v.resolvePort(i, &v.spec.Ports[i]))
		}
	}
}

// answer turns what a selector was found to select into yes, no or unknown.
func (s *setModel) answer(sel selector, yes, maybe []*Workload, ns *namespace) Tri {
	switch {
	case len(yes) > 0:
		return Yes
	case ns.madeLater(sel):
		return Unknown
	case len(maybe) > 0 || s.gaps.unread(ns.name, workloadKinds()...):
		return Unknown
	default:
		return No
	}
}

func selectorFacts(o *decoded, sel selector, ns *namespace, selects Tri, at ...any) SelectorFacts {
	f := SelectorFacts{Evidence: Evidence{
		From:  Source{Object: o.Object, Path: at},
		Names: map[string]string{"selector": "`" + sel.String() + "`"},
	}}
	if selects == No {
		if near := ns.index.suggest(sel); near != "" {
			f.Suggestion = true
			f.Names["suggestion"] = "`" + near + "`"
		}
	}
	return f
}

func orClusterIP(t corev1.ServiceType) string {
	if t == "" {
		return string(corev1.ServiceTypeClusterIP)
	}
	return string(t)
}

// target is the port that a Service port leads to on the pods. A missing
// targetPort is the port itself.
func target(p *corev1.ServicePort) intstr.IntOrString {
	if p.TargetPort.Type == intstr.Int && p.TargetPort.IntVal == 0 || p.TargetPort.Type == intstr.String && p.TargetPort.StrVal == "" {
		return intstr.FromInt32(p.Port)
	}
	return p.TargetPort
}

func (v *service) resolvePort(i int, p *corev1.ServicePort) ServicePortFacts {
	to, protocol := target(p), orTCP(p.Protocol)
	f := ServicePortFacts{Target: "number", Served: Unknown, Mesh: "unknown", Protocol: istioProtocol(p), GRPC: grpcOf(p)}
	field := "targetPort"
	if p.TargetPort == (intstr.IntOrString{}) {
		field = "port"
	}
	f.From = Source{Object: v.Object, Path: yaml.Path{"spec", "ports", i, field}}
	f.Names = map[string]string{"port": servicePortName(p), "target": to.String(), "service": refPlain(v.Object)}
	if to.Type == intstr.String {
		f.Target = "name"
	}
	served, lacking := 0, 0
	for _, w := range v.selected {
		q := w.servicePort(to, protocol, v, f.From)
		f.Declared = f.Declared || slices.ContainsFunc(w.ports, func(p *port) bool { return p.declared })
		switch {
		case !w.told() && (q == nil || !q.declared):
		case q != nil && q.declared:
			served++
		default:
			lacking++
		}
		if !w.implied {
			f.Workloads = append(f.Workloads, w.ref())
		}
	}
	switch {
	case served > 0:
		f.Served = Yes
	case lacking > 0 && len(v.maybe) == 0 && v.ns.closedFor(v.Object) == Yes && !isPlaceholder(to.String()):
		f.Served = No
	}
	return f
}

// servicePort returns the workload's port that a Service leads to. A number
// needs no declaration: containerPort is information only.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports
func (w *Workload) servicePort(to intstr.IntOrString, protocol string, v *service, from Source) *port {
	var p *port
	if to.Type == intstr.String {
		p = w.portNamed(to.StrVal, protocol)
	} else {
		p = w.portNumbered(int(to.IntVal), protocol)
	}
	if p == nil && (to.Type == intstr.Int || w.implied) {
		p = &port{number: int(to.IntVal), name: to.StrVal, protocol: protocol, from: from}
		w.ports = append(w.ports, p)
	}
	if p != nil {
		p.services = append(p.services, v.Name)
		switch v.spec.Type {
		case corev1.ServiceTypeLoadBalancer:
			p.enter("loadbalancer")
		case corev1.ServiceTypeNodePort:
			p.enter("nodeport")
		}
	}
	return p
}

func (p *port) enter(way string) {
	if p.entry == nil {
		p.entry = map[string]bool{}
	}
	p.entry[way] = true
}

func servicePortName(p *corev1.ServicePort) string {
	if p.Name == "" {
		return strconv.Itoa(int(p.Port))
	}
	return fmt.Sprintf("%d (`%s`)", p.Port, p.Name)
}

// istioProtocol says how Istio learns the protocol of a Service port; which one
// it is says istioProtocolOf.
func istioProtocol(p *corev1.ServicePort) string {
	byApp := p.AppProtocol != nil && *p.AppProtocol != ""
	switch istioProtocolOf(p) {
	case protocolUDP:
		return "not-proxied"
	case protocolSniffed:
		if byApp {
			return "unknown-app-protocol"
		}
		return "sniffed"
	case protocolTCP:
		name := p.Name
		if byApp {
			name = *p.AppProtocol
		}
		if _, known := protocolNamed(name); !known {
			return "assumed"
		}
	case protocolHTTP, protocolTLS, protocolUnsure:
	}
	return "declared"
}

// refPlain names an object as namespace/name in backticks.
func refPlain(o *source.Object) string {
	if o.Namespace == "" {
		return "`" + o.Name + "`"
	}
	return "`" + o.Namespace + "/" + o.Name + "`"
}
