package inventory

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// ContainerFacts lists the containers as they are written.
func (w *Workload) ContainerFacts() []fact.ContainerFacts {
	out := []fact.ContainerFacts{}
	if w.Pod == nil {
		return out
	}
	add := func(list string, i int, c *corev1.Container, role string) {
		f := fact.ContainerFacts{Name: c.Name, Image: c.Image, Role: role, Probes: w.Probes(c)}
		f.From = w.PodSource("spec", list, i, "name")
		f.Names = map[string]string{"container": "`" + c.Name + "`", "image": "`" + c.Image + "`"}
		out = append(out, f)
	}
	for i := range w.Pod.InitContainers {
		c := &w.Pod.InitContainers[i]
		role := "init"
		if r := c.RestartPolicy; r != nil && *r == corev1.ContainerRestartPolicyAlways {
			role = "sidecar"
		}
		add("initContainers", i, c, role)
	}
	for i := range w.Pod.Containers {
		add("containers", i, &w.Pod.Containers[i], "app")
	}
	return out
}

// Probes lists the probes of a container, with the pod ports that they ask.
func (w *Workload) Probes(c *corev1.Container) []fact.ProbeFacts {
	out := []fact.ProbeFacts{}
	for _, p := range []struct {
		kind  string
		probe *corev1.Probe
	}{{"liveness", c.LivenessProbe}, {"readiness", c.ReadinessProbe}, {"startup", c.StartupProbe}} {
		if p.probe == nil {
			continue
		}
		f := fact.ProbeFacts{Kind: p.kind, Handler: "exec"}
		switch h := p.probe.ProbeHandler; {
		case h.HTTPGet != nil:
			f.Handler, f.Port = "http", w.probePort(h.HTTPGet.Port)
		case h.TCPSocket != nil:
			f.Handler, f.Port = "tcp", w.probePort(h.TCPSocket.Port)
		case h.GRPC != nil:
			f.Handler, f.Port = "grpc", int(h.GRPC.Port)
		}
		out = append(out, f)
	}
	return out
}

func (w *Workload) probePort(p intstr.IntOrString) int {
	if p.Type == intstr.Int {
		return int(p.IntVal)
	}
	if named := w.PortNamed(p.StrVal, "TCP"); named != nil {
		return named.Number
	}
	return 0
}
