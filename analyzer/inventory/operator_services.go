package inventory

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/operator"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// makeServices adds the Services that operators make, so that names of theirs
// lead to their pods. They are no objects of the tree: nobody could repair
// them, and no rule judges them.
func (s *Inventory) makeServices() {
	written := map[string]bool{}
	for _, v := range s.Services {
		written[v.Namespace+"/"+v.Name] = true
	}
	for rest := s.Workloads; len(rest) > 0; {
		n := 1 // the groups of an object follow each other
		for n < len(rest) && rest[n].Object == rest[0].Object {
			n++
		}
		if groups := rest[:n]; groups[0].Operated != nil {
			s.makeServicesOf(groups, written)
		}
		rest = rest[n:]
	}
}

func (s *Inventory) makeServicesOf(groups []*Workload, written map[string]bool) {
	o, kind := groups[0].Object, groups[0].Operated.Kind
	for i := range kind.Services {
		m := &kind.Services[i]
		name := m.Called(o)
		if m.Only != nil && !m.Only(o.Root) || name == "" || written[o.Namespace+"/"+name] {
			continue
		}
		written[o.Namespace+"/"+name] = true
		s.made = append(s.made, s.makeService(o, m, name, groups))
	}
}

func (s *Inventory) makeService(o *source.Object, m *operator.MadeService, name string, groups []*Workload) *Service {
	object := *o
	object.Ref = source.Ref{APIVersion: "v1", Kind: "Service", Namespace: o.Namespace, Name: name}
	v := &Service{
		Decoded: &decode.Decoded{Object: &object, Believed: !m.Unknown},
		Spec:    &corev1.ServiceSpec{Type: corev1.ServiceTypeClusterIP},
		ns:      s.Namespace(o.Namespace),
	}
	v.Meta.Name, v.Meta.Namespace = name, o.Namespace
	if m.Unknown {
		return v
	}
	for _, w := range groups {
		if len(m.Behind) == 0 || slices.Contains(m.Behind, w.Operated.Group) {
			v.Selected = append(v.Selected, w)
		}
	}
	for _, way := range slices.Backward(m.Typed) {
		if n, _ := operator.Follow(o.Root, nil, way); n != nil && n.Text != "" {
			v.Spec.Type = corev1.ServiceType(n.Text)
		}
	}
	if m.Headless && v.Spec.Type == corev1.ServiceTypeClusterIP {
		v.Spec.ClusterIP = corev1.ClusterIPNone
	}
	if len(v.Selected) > 0 {
		v.Spec.Ports = m.PortsOf(v.Selected[0].Pod)
	}
	return v
}

// resolveMade leads the made Services to the ports of their pods.
func (s *Inventory) resolveMade() {
	for _, v := range s.made {
		for _, w := range v.Selected {
			w.Services = append(w.Services, v)
			for i := range v.Spec.Ports {
				p := &v.Spec.Ports[i]
				w.servicePort(Target(p), decode.OrTCP(p.Protocol), v, fact.Source{Object: w.Object, Path: w.Operated.Spec})
			}
		}
	}
}
