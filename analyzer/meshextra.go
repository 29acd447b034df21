package analyzer

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// resolveMeshFacts adds what rests on membership and modes.
func (s *setModel) resolveMeshFacts() {
	for _, w := range s.workloads {
		m := &w.Facts.Mesh
		m.Enrolled = s.enrolled(w)
		m.Conflict = s.meshConflict(w)
		m.Bypass = w.bypasses()
		m.Probes = s.unwrittenProbes(w)
		for _, p := range w.ports {
			p.facts.Capture = s.captureFacts(w, p)
			p.facts.Protocols.From = p.from
			p.facts.Outsiders = []OutsiderFacts{}
		}
	}
	s.resolveProtocolConflicts()
	s.resolveOutsiders()
}

// enrolled answers whether the namespace's labels ask for the mesh.
func (s *setModel) enrolled(w *Workload) Tri {
	labels := w.ns.labels.known
	_, labelled := labels["istio-injection"]
	switch {
	case w.ns.declared != Yes:
		return Unknown
	case labels["istio-injection"] == "enabled", !labelled && labels[revisionLabel] != "", labels[ambientLabel] == "ambient":
		return Yes
	default:
		return No
	}
}

// meshConflict finds labels of which one overrules the other without a word.
//   - istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml:
//     istio.io/rev counts only where istio-injection is absent
//   - https://istio.io/latest/docs/ambient/usage/add-workloads/: a sidecar wins
func (s *setModel) meshConflict(w *Workload) MeshConflictFacts {
	labels := w.ns.labels.known
	_, labelled := labels["istio-injection"]
	f := MeshConflictFacts{Kind: "none"}
	switch {
	case w.ns.declared != Yes:
	case labelled && labels[revisionLabel] != "":
		f.Kind, f.From = "revision-ignored", s.namespaceLabel(w.ns, revisionLabel)
		f.Names = map[string]string{"injection": "`" + labels["istio-injection"] + "`", "revision": "`" + labels[revisionLabel] + "`"}
	case w.Facts.Mesh.Member != "sidecar":
	case w.Labels[ambientLabel] == "ambient":
		f.Kind, f.From = "ambient-ignored", w.podSource("metadata", "labels", ambientLabel)
	case labels[ambientLabel] == "ambient" && w.Labels[ambientLabel] == "":
		f.Kind, f.From = "ambient-ignored", s.namespaceLabel(w.ns, ambientLabel)
	}
	return f
}

func (s *setModel) captureFacts(w *Workload, p *port) CaptureFacts {
	if m := w.Facts.Mesh.Member; m != "sidecar" && m != "ambient" || p.protocol != "TCP" {
		return CaptureFacts{State: "none", Evidence: Evidence{From: p.from}}
	}
	c := s.capture(w, p.number)
	f := CaptureFacts{State: c.state, Evidence: Evidence{From: c.from}}
	if f.From.Object == nil {
		f.From = p.from
	}
	if len(f.From.Path) > 0 {
		last, _ := f.From.Path[len(f.From.Path)-1].(string)
		f.Names = map[string]string{"annotation": "`" + last + "`"}
		if f.From.Object != w.object {
			f.Names["annotation"] = refName(f.From.Object)
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
func (w *Workload) bypasses() []BypassFacts {
	out := []BypassFacts{}
	if w.pod == nil || w.Facts.Mesh.Member != "sidecar" {
		return out
	}
	for i := range w.pod.Containers {
		out = append(out, w.bypassesOf(&w.pod.Containers[i], "containers", i)...)
	}
	for i := range w.pod.InitContainers {
		if r := w.pod.InitContainers[i].RestartPolicy; r != nil && *r == corev1.ContainerRestartPolicyAlways {
			out = append(out, w.bypassesOf(&w.pod.InitContainers[i], "initContainers", i)...)
		}
	}
	return out
}

func (w *Workload) bypassesOf(c *corev1.Container, list string, i int) []BypassFacts {
	var out []BypassFacts
	if c.Name == "istio-proxy" {
		return nil
	}
	names := map[string]string{"container": "`" + c.Name + "`"}
	add := func(kind string, at yaml.Path) {
		out = append(out, BypassFacts{Kind: kind, Evidence: Evidence{From: Source{Object: w.object, Path: at}, Names: names}})
	}
	pod, own := w.pod.SecurityContext, c.SecurityContext
	if pod == nil {
		pod = &corev1.PodSecurityContext{}
	}
	if own == nil {
		own = &corev1.SecurityContext{}
	}
	inPod, inContainer := w.podPath("spec", "securityContext"), w.podPath("spec", list, i, "securityContext")
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

// ownID returns where the proxy's id is given to a container, nil if it is not:
// the container's own id counts before the pod's.
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

// unwrittenProbes lists the probes that the sidecar meets as they are.
func (s *setModel) unwrittenProbes(w *Workload) []UnwrittenProbeFacts {
	out := []UnwrittenProbeFacts{}
	rewrites, from := s.config.rewritesProbes, s.config.source
	if value, ok := w.Annotations[rewriteAnnotation]; ok {
		from = w.podSource("metadata", "annotations", rewriteAnnotation)
		on, err := strconv.ParseBool(value)
		switch {
		case err != nil:
			rewrites = Unknown
		case on:
			rewrites = Yes
		default:
			rewrites = No
		}
	}
	if w.pod == nil || w.Facts.Mesh.Member != "sidecar" || rewrites != No {
		return out
	}
	for i := range w.pod.Containers {
		for _, probe := range w.probes(&w.pod.Containers[i]) {
			if probe.By == "exec" || probe.Port == 0 {
				continue
			}
			f := UnwrittenProbeFacts{By: probe.By, Mode: s.modeOfPort(w, probe.Port)}
			f.From = from
			f.Names = map[string]string{"probe": probe.Kind, "port": strconv.Itoa(probe.Port), "container": "`" + w.pod.Containers[i].Name + "`"}
			f.Workloads = []WorkloadRef{w.ref()}
			out = append(out, f)
		}
	}
	return out
}

// modeOfPort is the mode of any TCP port, whether or not something declares it.
func (s *setModel) modeOfPort(w *Workload, number int) string {
	p := w.portNumbered(number, "TCP")
	if p == nil {
		p = &port{number: number, protocol: "TCP"}
	}
	return s.portMTLS(w, p).Mode
}
