package operator

import (
	"cmp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// Called is the name of the Service, empty where nobody can tell it.
func (m *MadeService) Called(o *source.Object) string {
	name := Fill(m.name, o.Name, "")
	if n, _ := Follow(o.Root, nil, m.named); m.named != "" && n != nil && n.Text != "" {
		name = n.Text
	}
	if decode.IsPlaceholder(name) || strings.Contains(name, "*") || len(name) > longestName {
		return ""
	}
	return name
}

// longestName is the longest that no operator shortens: KubeRay cuts the names
// of Services at 50 characters.
// https://github.com/ray-project/kuberay/blob/master/ray-operator/controllers/ray/utils/util.go (CheckName)
const longestName = 50

// PortsOf lists the ports that the controller gives the Service.
func (m *MadeService) PortsOf(pod *corev1.PodSpec) []corev1.ServicePort {
	var declared []corev1.ContainerPort
	if len(pod.Containers) > 0 {
		declared = pod.Containers[0].Ports
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
