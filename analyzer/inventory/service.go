package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	securityistio "istio.io/api/security/v1beta1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Service is a Service and the workloads behind it.
type Service struct {
	*decode.Decoded
	Spec             *corev1.ServiceSpec
	ns               *Namespace
	Sel              Selector
	Selected         []*Workload
	PossiblySelected []*Workload
	Facts            fact.ServiceFacts
}

// Selects reports whether the Service finds its pods by labels at all: an
// ExternalName and a Service without selector select nothing on purpose.
// https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors
func (v *Service) Selects() bool {
	return len(v.Spec.Selector) > 0 && v.Spec.Type != corev1.ServiceTypeExternalName
}

func (s *Inventory) readServices() {
	for _, o := range s.Objects {
		t, ok := o.Typed.(*corev1.Service)
		if !ok {
			continue
		}
		v := &Service{Decoded: o, Spec: &t.Spec, ns: s.Namespace(o.Namespace), Sel: MapSelector(t.Spec.Selector)}
		v.ns.Services = append(v.ns.Services, v)
		s.Services = append(s.Services, v)
	}
}

// addImplied makes workloads of the pods that Services and policies speak of
// and that no manifest of the namespace defines, so that what the policies say
// of them can be judged. What is said of an implied workload is never a claim
// of absence: its other labels, and other policies for it, lie elsewhere.
func (s *Inventory) addImplied() {
	for _, v := range s.Services {
		if v.Selects() {
			s.imply(v.ns, v.Sel, v.Object, yaml.Path{"spec", "selector"})
		}
	}
	for _, kind := range []string{"NetworkPolicy", "PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication"} {
		for _, o := range s.ofKind(kind) {
			ns := s.Namespace(o.Namespace)
			if sel, at, ok := s.podsMeant(o); ok {
				s.imply(ns, sel, o.Object, at)
			}
		}
	}
}

// ofKind lists the believed objects of a kind that is decoded, by namespace and
// name: what is said of several policies does not depend on where they are
// written.
func (s *Inventory) ofKind(kind string) []*decode.Decoded {
	var out []*decode.Decoded
	for _, o := range s.Objects {
		if o.Kind == kind && o.Typed != nil && o.Believed {
			out = append(out, o)
		}
	}
	if kind == "AuthorizationPolicy" {
		slices.SortStableFunc(out, func(a, b *decode.Decoded) int {
			return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
		})
	}
	return out
}

// podsMeant is the selector by which a policy speaks of pods of its own
// namespace. One of the mesh's root namespace speaks of all namespaces, and one
// with targetRefs of no pods.
func (s *Inventory) podsMeant(o *decode.Decoded) (sel Selector, at yaml.Path, ok bool) {
	switch t := o.Typed.(type) {
	case *networkingv1.NetworkPolicy:
		return LabelSelector(&t.Spec.PodSelector), yaml.Path{"spec", "podSelector"}, true
	case *decode.Istio:
		at, ok = yaml.Path{"spec", "selector"}, o.Namespace == "" || o.Namespace != s.root.Namespace
		switch spec := t.Spec.(type) {
		case *securityistio.PeerAuthentication:
			return MapSelector(spec.GetSelector().GetMatchLabels()), at, ok
		case *securityistio.AuthorizationPolicy:
			return MapSelector(spec.GetSelector().GetMatchLabels()), at, ok && len(decode.TargetsOf(spec)) == 0
		}
	}
	return Selector{}, nil, false
}

func (s *Inventory) imply(ns *Namespace, sel Selector, o *source.Object, at yaml.Path) {
	want := sel.Equalities()
	if ns.hasPods || len(want) == 0 {
		return
	}
	if yes, _ := ns.Index.Match(sel); len(yes) > 0 {
		return
	}
	w := &Workload{
		Namespace: ns.Name, Name: o.Name, Kind: o.Kind, Labels: want,
		Ns: ns, Object: o, Implied: true,
		LabelSet: LabelSet{Known: want, Open: true},
	}
	s.addWorkload(w)
	if ns.Anchor.Object == nil {
		ns.Anchor = fact.Source{Object: o, Path: at}
	}
}

// resolveServices finds the pods behind each Service and the pod ports that it
// leads to.
func (s *Inventory) resolveServices() {
	s.resolveMade()
	for _, v := range s.Services {
		v.Facts = fact.ServiceFacts{Type: orClusterIP(v.Spec.Type), Selector: "none", Selects: fact.Unknown, Complete: v.ns.CompleteFor(v.Object), Ports: make([]fact.ServicePortFacts, 0, len(v.Spec.Ports))}
		if v.Selects() {
			v.Facts.Selector = "some"
			v.Selected, v.PossiblySelected = v.ns.Index.Match(v.Sel)
			v.Facts.Selects = s.Answer(v.Sel, v.Selected, v.PossiblySelected, v.ns)
			v.Facts.PodSel = SelectorFacts(v.Decoded, v.Sel, v.ns, v.Facts.Selects, "spec", "selector")
		}
		for _, w := range v.Selected {
			w.Services = append(w.Services, v)
		}
		for i := range v.Spec.Ports {
			v.Facts.Ports = append(v.Facts.Ports, v.resolvePort(i, &v.Spec.Ports[i]))
		}
	}
}

// Answer turns what a selector was found to select into yes, no or unknown.
func (s *Inventory) Answer(sel Selector, yes, maybe []*Workload, ns *Namespace) fact.Tri {
	switch {
	case len(yes) > 0:
		return fact.Yes
	case ns.MadeLater(sel):
		return fact.Unknown
	case len(maybe) > 0 || s.Gaps.Unread(ns.Name, workloadKinds()...):
		return fact.Unknown
	default:
		return fact.No
	}
}

// SelectorFacts describes a selector of an object: its place, its text and, where
// it selects nothing, the label that was probably meant.
func SelectorFacts(o *decode.Decoded, sel Selector, ns *Namespace, selects fact.Tri, at ...any) fact.SelectorFacts {
	f := fact.SelectorFacts{Evidence: fact.Evidence{
		From:  fact.Source{Object: o.Object, Path: at},
		Names: map[string]string{"selector": "`" + sel.String() + "`"},
	}}
	if selects == fact.No {
		if near := ns.Index.Suggest(sel); near != "" {
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

// Target is the port that a Service port leads to on the pods. A missing
// targetPort is the port itself.
func Target(p *corev1.ServicePort) intstr.IntOrString {
	if p.TargetPort.Type == intstr.Int && p.TargetPort.IntVal == 0 || p.TargetPort.Type == intstr.String && p.TargetPort.StrVal == "" {
		return intstr.FromInt32(p.Port)
	}
	return p.TargetPort
}

func (v *Service) resolvePort(i int, p *corev1.ServicePort) fact.ServicePortFacts {
	to, protocol := Target(p), decode.OrTCP(p.Protocol)
	f := fact.ServicePortFacts{Target: "number", Served: fact.Unknown, Mesh: fact.UnknownMember, Protocol: istioProtocol(p), GRPC: grpcOf(p)}
	field := "targetPort"
	if p.TargetPort == (intstr.IntOrString{}) {
		field = "port"
	}
	f.From = fact.Source{Object: v.Object, Path: yaml.Path{"spec", "ports", i, field}}
	f.Names = map[string]string{"port": ServicePortName(p), "target": to.String(), "service": fact.RefPlain(v.Object)}
	if to.Type == intstr.String {
		f.Target = "name"
	}
	served, lacking := 0, 0
	for _, w := range v.Selected {
		q := w.servicePort(to, protocol, v, f.From)
		f.PodsDeclarePorts = f.PodsDeclarePorts || slices.ContainsFunc(w.Ports, func(p *Port) bool { return p.Declared })
		switch {
		case !w.FullySpecified() && (q == nil || !q.Declared):
		case q != nil && q.Declared:
			served++
		default:
			lacking++
		}
		if !w.Implied {
			f.Workloads = append(f.Workloads, w.Ref())
		}
	}
	switch {
	case served > 0:
		f.Served = fact.Yes
	case lacking > 0 && len(v.PossiblySelected) == 0 && v.ns.CompleteFor(v.Object) == fact.Yes && !decode.IsPlaceholder(to.String()):
		f.Served = fact.No
	}
	return f
}

// servicePort returns the workload's port that a Service leads to. A number
// needs no declaration: containerPort is information only.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports
func (w *Workload) servicePort(to intstr.IntOrString, protocol string, v *Service, from fact.Source) *Port {
	var p *Port
	if to.Type == intstr.String {
		p = w.PortNamed(to.StrVal, protocol)
	} else {
		p = w.PortNumbered(int(to.IntVal), protocol)
	}
	if p == nil && (to.Type == intstr.Int || w.Implied) {
		p = &Port{Number: int(to.IntVal), Name: to.StrVal, Protocol: protocol, From: from}
		w.Ports = append(w.Ports, p)
	}
	if p != nil {
		p.Services = append(p.Services, v.Name)
		switch v.Spec.Type {
		case corev1.ServiceTypeLoadBalancer:
			p.enter("loadbalancer")
		case corev1.ServiceTypeNodePort:
			p.enter("nodeport")
		}
	}
	return p
}

func (p *Port) enter(way string) {
	if p.Entry == nil {
		p.Entry = map[string]bool{}
	}
	p.Entry[way] = true
}

// ServicePortName writes a Service port as messages do: 80 (`http`).
func ServicePortName(p *corev1.ServicePort) string {
	if p.Name == "" {
		return strconv.Itoa(int(p.Port))
	}
	return fmt.Sprintf("%d (`%s`)", p.Port, p.Name)
}

// istioProtocol says how Istio learns the protocol of a Service port; which one
// it is says istioProtocolOf.
func istioProtocol(p *corev1.ServicePort) string {
	byApp := p.AppProtocol != nil && *p.AppProtocol != ""
	switch IstioProtocolOf(p) {
	case ProtocolUDP:
		return "not-proxied"
	case ProtocolSniffed:
		if byApp {
			return "unknown-app-protocol"
		}
		return "sniffed"
	case ProtocolTCP:
		name := p.Name
		if byApp {
			name = *p.AppProtocol
		}
		if _, known := protocolNamed(name); !known {
			return "assumed"
		}
	case ProtocolHTTP, ProtocolTLS, ProtocolUnsure:
	}
	return "declared"
}
