package analyzer

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aisec-lint/aisec-lint/loader/source"
)

// makeServices adds the Services that operators make, so that names of theirs
// lead to their pods. They are no objects of the tree: nobody could repair
// them, and no rule judges them.
func (s *setModel) makeServices() {
	written := map[string]bool{}
	for _, v := range s.services {
		written[v.Namespace+"/"+v.Name] = true
	}
	for rest := s.workloads; len(rest) > 0; {
		n := 1 // the groups of an object follow each other
		for n < len(rest) && rest[n].object == rest[0].object {
			n++
		}
		if groups := rest[:n]; groups[0].operated != nil {
			s.makeServicesOf(groups, written)
		}
		rest = rest[n:]
	}
}

func (s *setModel) makeServicesOf(groups []*Workload, written map[string]bool) {
	o, kind := groups[0].object, groups[0].operated.kind
	for i := range kind.services {
		m := &kind.services[i]
		name := m.called(o)
		if m.only != nil && !m.only(o.Root) || name == "" || written[o.Namespace+"/"+name] {
			continue
		}
		written[o.Namespace+"/"+name] = true
		s.made = append(s.made, s.makeService(o, m, name, groups))
	}
}

// called is the name of the Service, empty where nobody can tell it.
func (m *madeService) called(o *source.Object) string {
	name := fill(m.name, o.Name, "")
	if n, _ := follow(o.Root, nil, m.named); m.named != "" && n != nil && n.Text != "" {
		name = n.Text
	}
	if isPlaceholder(name) || strings.Contains(name, "*") || len(name) > longestName {
		return ""
	}
	return name
}

// longestName is the longest that no operator shortens: KubeRay cuts the names
// of Services at 50 characters.
// https://github.com/ray-project/kuberay/blob/master/ray-operator/controllers/ray/utils/util.go (CheckName)
const longestName = 50

func (s *setModel) makeService(o *source.Object, m *madeService, name string, groups []*Workload) *service {
	object := *o
	object.Ref = source.Ref{APIVersion: "v1", Kind: "Service", Namespace: o.Namespace, Name: name}
	v := &service{
		decoded: &decoded{Object: &object, believed: !m.unknown},
		spec:    &corev1.ServiceSpec{Type: corev1.ServiceTypeClusterIP},
		ns:      s.namespace(o.Namespace),
	}
	v.meta.Name, v.meta.Namespace = name, o.Namespace
	if m.unknown {
		return v
	}
	for _, w := range groups {
		if len(m.behind) == 0 || slices.Contains(m.behind, w.operated.group) {
			v.selected = append(v.selected, w)
		}
	}
	for _, way := range slices.Backward(m.typed) {
		if n, _ := follow(o.Root, nil, way); n != nil && n.Text != "" {
			v.spec.Type = corev1.ServiceType(n.Text)
		}
	}
	if m.headless && v.spec.Type == corev1.ServiceTypeClusterIP {
		v.spec.ClusterIP = corev1.ClusterIPNone
	}
	if len(v.selected) > 0 {
		v.spec.Ports = m.portsOf(v.selected[0])
	}
	return v
}

// portsOf lists the ports that the controller gives the Service.
func (m *madeService) portsOf(w *Workload) []corev1.ServicePort {
	var declared []corev1.ContainerPort
	if len(w.pod.Containers) > 0 {
		declared = w.pod.Containers[0].Ports
	}
	var out []corev1.ServicePort
	for _, p := range m.ports {
		if !p.first {
			continue
		}
		target := p.target
		if len(declared) > 0 && declared[0].ContainerPort != 0 {
			target = int(declared[0].ContainerPort)
		}
		out = append(out, corev1.ServicePort{Name: p.name, Port: int32(p.port), TargetPort: intstr.FromInt(target)})
	}
	if len(out) > 0 {
		return out
	}
	for _, p := range declared {
		if p.ContainerPort > 0 {
			out = append(out, corev1.ServicePort{Name: p.Name, Port: p.ContainerPort, Protocol: p.Protocol})
		}
	}
	if len(out) > 0 || len(m.ports) == 0 {
		return out
	}
	for _, p := range m.ports {
		out = append(out, corev1.ServicePort{Name: p.name, Port: int32(p.port), TargetPort: intstr.FromInt(cmp.Or(p.target, p.port))})
	}
	return out
}

// resolveMade leads the made Services to the ports of their pods.
func (s *setModel) resolveMade() {
	for _, v := range s.made {
		for _, w := range v.selected {
			w.services = append(w.services, v)
			for i := range v.spec.Ports {
				p := &v.spec.Ports[i]
				w.servicePort(target(p), orTCP(p.Protocol), v, Source{Object: w.object, Path: w.operated.spec})
			}
		}
	}
}
