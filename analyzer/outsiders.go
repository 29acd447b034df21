package analyzer

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/loader"
)

// resolveOutsiders finds callers that send plaintext to a STRICT port: their
// own manifest names the Service, and they have no proxy or exclude the port.
func (s *setModel) resolveOutsiders() {
	byName := map[[2]string]*service{}
	strict := false
	for _, v := range s.services {
		byName[[2]string{v.Namespace, v.Name}] = v
	}
	for _, w := range s.workloads {
		for _, p := range w.ports {
			strict = strict || p.facts.MTLS.Mode == "STRICT"
		}
	}
	if !strict {
		return
	}
	for _, w := range s.workloads {
		m := w.Facts.Mesh.Member
		if w.pod == nil || m != "none" && (m != "sidecar" || w.Annotations[trafficPrefix+"excludeOutboundPorts"] == "") {
			continue
		}
		for _, r := range w.references(byName) {
			s.noteOutsider(w, r)
		}
	}
}

// reference is a place of a workload that names a Service and a port.
type reference struct {
	service *service
	port    int
	from    Source
}

func (s *setModel) noteOutsider(w *Workload, r reference) {
	kind := "no-mesh"
	if w.Facts.Mesh.Member == "sidecar" {
		kind = "excluded-outbound"
		if !listed(w.Annotations[trafficPrefix+"excludeOutboundPorts"], r.port) {
			return
		}
	}
	if len(r.service.selected) == 0 || len(r.service.maybe) > 0 {
		return
	}
	for i := range r.service.spec.Ports {
		if sp := &r.service.spec.Ports[i]; int(sp.Port) == r.port && r.service.allStrict(sp, w) {
			r.note(sp, w, kind)
		}
	}
}

// allStrict: where one of the pods takes plaintext, the call may come through.
func (v *service) allStrict(sp *corev1.ServicePort, caller *Workload) bool {
	for _, server := range v.selected {
		q, m := server.servicePortTarget(sp), server.Facts.Mesh.Member
		if q == nil || q.facts.MTLS.Mode != "STRICT" || m != "sidecar" && m != "ambient" || server == caller {
			return false
		}
	}
	return true
}

func (r *reference) note(sp *corev1.ServicePort, caller *Workload, kind string) {
	for _, server := range r.service.selected {
		q := server.servicePortTarget(sp)
		f := OutsiderFacts{Kind: kind}
		f.From = r.from
		f.Workloads = []WorkloadRef{server.ref()}
		f.Names = map[string]string{"client": "`" + caller.ID + "`", "service": refPlain(r.service.Object), "port": strconv.Itoa(r.port), "decider": "Istio's default"}
		if o := q.facts.MTLS.From.Object; o != nil {
			f.Names["decider"] = refName(o)
		}
		q.facts.Outsiders = append(q.facts.Outsiders, f)
	}
}

// references reads the literal environment and arguments of every container
// that goes on running.
func (w *Workload) references(byName map[[2]string]*service) []reference {
	var out []reference
	seen := map[string]bool{}
	read := func(text string, at loader.Path) {
		for _, t := range endpointsIn(text) {
			v := byName[t.key(w.Namespace)]
			id := t.host + ":" + strconv.Itoa(t.port)
			if v == nil || seen[id] {
				continue
			}
			seen[id] = true
			out = append(out, reference{v, t.port, Source{Object: w.object, Path: at}})
		}
	}
	each := func(list string, i int, c *corev1.Container) {
		base := w.template.Join("spec", list, i)
		for j := range c.Env {
			read(c.Env[j].Value, base.Join("env", j, "value"))
		}
		for j := range c.Args {
			read(c.Args[j], base.Join("args", j))
		}
		for j := range c.Command {
			read(c.Command[j], base.Join("command", j))
		}
	}
	for i := range w.pod.Containers {
		each("containers", i, &w.pod.Containers[i])
	}
	return out
}

// hostPort is a host with the port that it is called on.
type hostPort struct {
	host string
	port int
}

// key reads a cluster-local name: name, name.namespace, with .svc or all of it
// behind. A longer name is none of the cluster's.
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#services
func (h hostPort) key(own string) [2]string {
	name := strings.TrimSuffix(strings.TrimSuffix(h.host, ".cluster.local"), ".svc")
	service, namespace, dotted := strings.Cut(name, ".")
	switch {
	case !dotted:
		return [2]string{own, service}
	case strings.Contains(namespace, "."):
		return [2]string{}
	}
	return [2]string{namespace, service}
}

// endpointsIn finds `host:port` and `scheme://host` in a text. A host without
// either is as likely a word.
func endpointsIn(text string) []hostPort {
	if len(text) > 4096 || !strings.Contains(text, ":") {
		return nil
	}
	var out []hostPort
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n\"'`,;=()[]|<>", r) }) {
		scheme, rest, url := strings.Cut(word, "://")
		if !url {
			rest, scheme = word, ""
		}
		rest, _, _ = strings.Cut(rest, "/")
		rest, _, _ = strings.Cut(rest, "?")
		if i := strings.LastIndexByte(rest, '@'); i >= 0 {
			rest = rest[i+1:]
		}
		host, digits, given := strings.Cut(rest, ":")
		port, err := strconv.Atoi(digits)
		switch {
		case host == "" || isPlaceholder(word) || given && (err != nil || port < 1 || port > lastPort):
			continue
		case given:
		case scheme == "http":
			port = 80
		case scheme == "https":
			port = 443
		default:
			continue
		}
		out = append(out, hostPort{strings.ToLower(strings.TrimSuffix(host, ".")), port})
	}
	return out
}
