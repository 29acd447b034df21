package analyzer

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/loader"
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
	add := func(kind string, at loader.Path) {
		out = append(out, BypassFacts{Kind: kind, Evidence: Evidence{From: Source{Object: w.object, Path: at}, Names: names}})
	}
	pod := w.pod.SecurityContext
	own := c.SecurityContext
	inPod, inContainer := w.template.Join("spec", "securityContext"), w.template.Join("spec", list, i, "securityContext")
	switch {
	case own != nil && own.RunAsUser != nil:
		if *own.RunAsUser == proxyID {
			add("uid", inContainer.Join("runAsUser"))
		}
	case pod != nil && pod.RunAsUser != nil && *pod.RunAsUser == proxyID:
		add("uid", inPod.Join("runAsUser"))
	}
	switch {
	case own != nil && own.RunAsGroup != nil:
		if *own.RunAsGroup == proxyID {
			add("gid", inContainer.Join("runAsGroup"))
		}
	case pod != nil && pod.RunAsGroup != nil && *pod.RunAsGroup == proxyID:
		add("gid", inPod.Join("runAsGroup"))
	}
	if own == nil || own.Capabilities == nil {
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

// resolveProtocolConflicts finds pod ports that Services lead to under
// different protocols: the proxy can follow only one of them.
// https://istio.io/latest/docs/reference/config/analysis/ist0116/
func (s *setModel) resolveProtocolConflicts() {
	type claim struct {
		class protocolClass
		name  string
	}
	claims := map[*port][]claim{}
	for _, v := range s.services {
		for i := range v.spec.Ports {
			sp := &v.spec.Ports[i]
			class := istioProtocolOf(sp)
			if class != protocolHTTP && class != protocolTCP && class != protocolTLS {
				continue
			}
			next := claim{class, refPlain(v.Object) + " port " + servicePortName(sp)}
			for _, w := range v.selected {
				q := w.servicePortTarget(sp)
				if q == nil || w.Facts.Mesh.Member != "sidecar" || w.Facts.Gateway {
					continue
				}
				others := claims[q]
				at := slices.IndexFunc(others, func(c claim) bool { return c.class != class })
				claims[q] = append(others, next)
				if at < 0 || q.facts.Protocols.Conflict {
					continue
				}
				q.facts.Protocols = ProtocolConflictFacts{Conflict: true, Evidence: Evidence{
					From: Source{Object: v.Object, Path: loader.Path{"spec", "ports", i, "port"}},
					Names: map[string]string{
						"here": next.name, "protocol": string(class), "there": others[at].name, "other": string(others[at].class),
					},
				}}
			}
		}
	}
}
