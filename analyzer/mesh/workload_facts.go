package mesh

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Facts says whether and why a workload is in the mesh, and what weakens the
// mesh for its pods.
func (m *Mesh) Facts(w *inventory.Workload) fact.MeshFacts {
	facts := m.members[w].facts()
	facts.Expected = m.expected(w)
	facts.Enrolled = enrolled(w.Ns)
	facts.Conflict = m.labelConflict(w)
	facts.Bypass = m.bypasses(w)
	facts.UnrewrittenProbes = m.unrewrittenProbes(w)
	return facts
}

// expected answers whether the tree itself means the workload to be in a mesh.
func (m *Mesh) expected(w *inventory.Workload) fact.Tri {
	switch {
	case m.istioPolicies[w.Namespace] || m.enrols:
		return fact.Yes
	case m.present:
		return fact.Unknown // Istio may serve as a gateway only
	default:
		return fact.No
	}
}

// labelConflict finds labels of which one overrules the other silently.
//   - istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml:
//     istio.io/rev counts only where istio-injection is absent
//   - https://istio.io/latest/docs/ambient/usage/add-workloads/: a sidecar wins
func (m *Mesh) labelConflict(w *inventory.Workload) fact.MeshConflictFacts {
	labels := w.Ns.Labels.Known
	_, labelled := labels[injectionLabel]
	f := fact.MeshConflictFacts{Kind: "none"}
	switch {
	case w.Ns.Declared != fact.Yes:
	case labelled && labels[revisionLabel] != "":
		f.Kind, f.From = "revision-ignored", namespaceLabel(w.Ns, revisionLabel)
		f.Names = map[string]string{"injection": "`" + labels[injectionLabel] + "`", "revision": "`" + labels[revisionLabel] + "`"}
	case m.Member(w) != fact.Sidecar:
	case w.Labels[ambientLabel] == "ambient":
		f.Kind, f.From = "ambient-ignored", w.PodSource("metadata", "labels", ambientLabel)
	case labels[ambientLabel] == "ambient" && w.Labels[ambientLabel] == "":
		f.Kind, f.From = "ambient-ignored", namespaceLabel(w.Ns, ambientLabel)
	}
	return f
}

// CaptureFacts says whether a proxy takes what arrives at a port of the
// workload; the state is none outside the mesh and for protocols other than TCP.
func (m *Mesh) CaptureFacts(w *inventory.Workload, p *inventory.Port) fact.CaptureFacts {
	if member := m.Member(w); member != fact.Sidecar && member != fact.Ambient || p.Protocol != "TCP" {
		return fact.CaptureFacts{State: fact.NoCapture, Evidence: fact.Evidence{From: p.From}}
	}
	c := m.Capture(w, p.Number)
	f := fact.CaptureFacts{State: c.State, Evidence: fact.Evidence{From: c.from}}
	if f.From.Object == nil {
		f.From = p.From
	}
	if len(f.From.Path) > 0 {
		last, _ := f.From.Path[len(f.From.Path)-1].(string)
		f.Names = map[string]string{"annotation": "`" + last + "`"}
		if f.From.Object != w.Object {
			f.Names["annotation"] = fact.RefName(f.From.Object)
		}
	}
	return f
}

// proxyID is the user and group of the proxy, whose traffic is not redirected.
// https://istio.io/latest/docs/ops/deployment/application-requirements/
const proxyID = 1337

// bypasses finds containers that run as the proxy does or may change how
// traffic is redirected.
// https://istio.io/latest/docs/ops/best-practices/security/#understand-traffic-capture-limitations
func (m *Mesh) bypasses(w *inventory.Workload) []fact.BypassFacts {
	out := []fact.BypassFacts{}
	if w.Pod == nil || m.Member(w) != fact.Sidecar {
		return out
	}
	for i := range w.Pod.Containers {
		out = append(out, bypassesOf(w, &w.Pod.Containers[i], "containers", i)...)
	}
	for i := range w.Pod.InitContainers {
		if r := w.Pod.InitContainers[i].RestartPolicy; r != nil && *r == corev1.ContainerRestartPolicyAlways {
			out = append(out, bypassesOf(w, &w.Pod.InitContainers[i], "initContainers", i)...)
		}
	}
	return out
}

func bypassesOf(w *inventory.Workload, c *corev1.Container, list string, i int) []fact.BypassFacts {
	var out []fact.BypassFacts
	if c.Name == "istio-proxy" {
		return nil
	}
	names := map[string]string{"container": "`" + c.Name + "`"}
	add := func(kind string, at yaml.Path) {
		out = append(out, fact.BypassFacts{Kind: kind, Evidence: fact.Evidence{From: fact.Source{Object: w.Object, Path: at}, Names: names}})
	}
	pod, own := w.Pod.SecurityContext, c.SecurityContext
	if pod == nil {
		pod = &corev1.PodSecurityContext{}
	}
	if own == nil {
		own = &corev1.SecurityContext{}
	}
	inPod, inContainer := w.PodPath("spec", "securityContext"), w.PodPath("spec", list, i, "securityContext")
	if at := ownID(own.RunAsUser, inContainer, pod.RunAsUser, inPod); at != nil {
		add("uid", at.Join("runAsUser"))
	}
	if at := ownID(own.RunAsGroup, inContainer, pod.RunAsGroup, inPod); at != nil {
		add("gid", at.Join("runAsGroup"))
	}
	if own.Capabilities == nil {
		return out
	}
	for j, name := range own.Capabilities.Add {
		at := inContainer.Join("capabilities", "add", j)
		switch strings.TrimPrefix(strings.ToUpper(string(name)), "CAP_") {
		case "NET_ADMIN", "ALL":
			add("net-admin", at)
		case "NET_RAW":
			add("net-raw", at)
		}
	}
	return out
}

// ownID returns the securityContext that gives a container the proxy's id, nil
// if none does: the container's own id counts before the pod's.
func ownID(own *int64, inContainer yaml.Path, pod *int64, inPod yaml.Path) yaml.Path {
	switch {
	case own != nil && *own == proxyID:
		return inContainer
	case own == nil && pod != nil && *pod == proxyID:
		return inPod
	}
	return nil
}

// rewriteAnnotation turns the rewriting of probes on or off for a pod.
// https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/
const rewriteAnnotation = "sidecar.istio.io/rewriteAppHTTPProbers"

// unrewrittenProbes lists the probes that reach the sidecar unchanged, because
// Istio does not rewrite them to go through its agent.
func (m *Mesh) unrewrittenProbes(w *inventory.Workload) []fact.UnrewrittenProbeFacts {
	out := []fact.UnrewrittenProbeFacts{}
	rewrites, from := m.Config.rewritesProbes, m.Config.source
	if value, ok := w.Annotations[rewriteAnnotation]; ok {
		from = w.PodSource("metadata", "annotations", rewriteAnnotation)
		on, err := strconv.ParseBool(value)
		switch {
		case err != nil:
			rewrites = fact.Unknown
		case on:
			rewrites = fact.Yes
		default:
			rewrites = fact.No
		}
	}
	if w.Pod == nil || m.Member(w) != fact.Sidecar || rewrites != fact.No {
		return out
	}
	for i := range w.Pod.Containers {
		for _, probe := range w.Probes(&w.Pod.Containers[i]) {
			if probe.Handler == "exec" || probe.Port == 0 {
				continue
			}
			f := fact.UnrewrittenProbeFacts{Handler: probe.Handler, Mode: m.modeOfNumber(w, probe.Port)}
			f.From = from
			f.Names = map[string]string{"probe": probe.Kind, "port": strconv.Itoa(probe.Port), "container": "`" + w.Pod.Containers[i].Name + "`"}
			f.Workloads = []fact.WorkloadRef{w.Ref()}
			out = append(out, f)
		}
	}
	return out
}

// modeOfNumber is the mode of a TCP port, whether or not it is declared.
func (m *Mesh) modeOfNumber(w *inventory.Workload, number int) fact.MTLSMode {
	p := w.PortNumbered(number, "TCP")
	if p == nil {
		p = &inventory.Port{Number: number, Protocol: "TCP"}
	}
	return m.PortMTLS(w, p).Mode
}
