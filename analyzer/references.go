package analyzer

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// reference is a host that a workload's manifests say it calls.
type reference struct {
	host       string // lower case: a Service's name, a DNS name or an IPv4 address
	port       int    // 0 when neither the text nor its scheme says
	scheme     string // of a URL; empty otherwise
	protocol   string // TCP or UDP; empty when the text leaves it open
	name       string // the variable, flag or key that holds it; never a value
	via        referenceVia
	confidence confidence
	from       Source
}

// referenceVia is where a reference stands.
type referenceVia int

const (
	viaEnv        referenceVia = iota // a variable, its value in the pod or a ConfigMap key picked by name
	viaArg                            // the command line, scripts included
	viaConfigEnv                      // a ConfigMap that becomes variables whole
	viaConfigFile                     // a ConfigMap that is mounted
)

// confidence is how sure it is that the workload makes the call.
type confidence int

const (
	// low: the text is shared with other workloads and may be meant for them,
	// or it only looks like a host.
	low confidence = iota + 1
	// medium: the workload's own file or script, in which not every line runs.
	medium
	// high: the workload's own variable or flag with an address in it.
	high
)

// references returns the hosts that the workload calls by its manifests,
// sorted, each once. None of them is its own.
func (s *setModel) references(w *Workload) []reference { return s.calls()[w] }

// readReferences finds the references of every workload of the set.
func readReferences(s *setModel) map[*Workload][]reference {
	d := s.directory()
	configs := newConfigReader(d, s.workloads)
	out := make(map[*Workload][]reference, len(s.workloads))
	for _, w := range s.workloads {
		if w.pod == nil {
			continue
		}
		r := &referenceReader{w: w, configs: configs}
		for i := range w.pod.InitContainers {
			r.container(&w.pod.InitContainers[i], "initContainers", i)
		}
		for i := range w.pod.Containers {
			r.container(&w.pod.Containers[i], "containers", i)
		}
		r.volumes()
		if r.proxied {
			r.doubtHTTP()
		}
		if len(r.found) > 0 {
			out[w] = d.settle(w, r.found)
		}
	}
	return out
}

// settle drops what leads back to the workload, which is how it is called and
// not whom it calls, and keeps the surest of equal references.
func (d *directory) settle(w *Workload, found []reference) []reference {
	found = slices.DeleteFunc(found, func(r reference) bool {
		v, _, ok := d.resolveHost(w, r.host)
		return ok && slices.Contains(w.services, v)
	})
	slices.SortStableFunc(found, func(a, b reference) int {
		return cmp.Or(cmp.Compare(a.host, b.host), cmp.Compare(a.port, b.port), cmp.Compare(b.confidence, a.confidence), cmp.Compare(a.via, b.via))
	})
	return slices.CompactFunc(found, func(a, b reference) bool { return a.host == b.host && a.port == b.port })
}

// referenceReader collects the references of one workload.
type referenceReader struct {
	w       *Workload
	configs *configReader
	found   []reference
	proxied bool // HTTP clients of the workload go through a proxy
}

// doubtHTTP lowers the confidence in calls that a proxy may make instead.
func (r *referenceReader) doubtHTTP() {
	for i := range r.found {
		if f := &r.found[i]; (f.scheme == "http" || f.scheme == "https") && !proxyVariable(f.name) {
			f.confidence = low
		}
	}
}

// proxyVariable recognises the variables that HTTP clients take their proxy
// from.
func proxyVariable(name string) bool {
	switch strings.ToLower(name) {
	case "http_proxy", "https_proxy", "all_proxy":
		return true
	}
	return false
}

// variable is one environment variable of a container.
type variable struct {
	name, value string
	known       bool // a secret's and a field's value is not
	via         referenceVia
	sure        confidence
	from        Source
}

func (r *referenceReader) container(c *corev1.Container, list string, i int) {
	at := r.w.podPath("spec", list, i)
	vars := r.variables(c, at)
	lookup := make(map[string]string, len(vars))
	for _, v := range vars {
		if v.known {
			lookup[v.name] = v.value
		}
	}
	for k := range vars {
		r.proxied = r.proxied || proxyVariable(vars[k].name) && (vars[k].value != "" || !vars[k].known)
		r.variable(&vars[k], lookup)
	}
	r.arguments(c.Command, at.Join("command"), lookup)
	r.arguments(c.Args, at.Join("args"), lookup)
}

// variable reads one variable: a bare name whose own name says host, with the
// port that stands beside it, or any text.
func (r *referenceReader) variable(v *variable, all map[string]string) {
	if !v.known || v.value == "" {
		return
	}
	value := strings.TrimSpace(v.value)
	if host, port, ok := hostPort(value); ok && port == 0 {
		r.bare(v, host, all)
		return
	}
	for _, m := range scanHosts(value, v.name) {
		r.add(m, v.name, v.via, v.sure, v.from)
	}
}

// arguments reads a command line. A flag names the argument after it.
func (r *referenceReader) arguments(args []string, at yaml.Path, vars map[string]string) {
	flag := ""
	for i, a := range args {
		a = expandVariables(a, vars)
		sure := high
		if strings.ContainsAny(a, "\n ") {
			sure = medium // a script, not every line of which runs
		}
		for _, m := range scanHosts(a, flag) {
			name := "command"
			if own, _, _ := strings.Cut(a, "="); sure == high && strings.HasPrefix(own, "-") {
				name = own
			} else if sure == high && flag != "" {
				name = flag
			}
			r.add(m, name, viaArg, sure, Source{Object: r.w.object, Path: at.Join(i)})
		}
		flag = ""
		if strings.HasPrefix(a, "-") && !strings.Contains(a, "=") {
			flag = a
		}
	}
}

// add notes a mention as a reference.
func (r *referenceReader) add(m mention, name string, via referenceVia, sure confidence, from Source) {
	ref := reference{
		host: m.host, port: m.port, scheme: m.scheme, name: name, via: via, from: from,
		confidence: sure,
	}
	switch m.scheme {
	case "":
	case "udp", "statsd":
		ref.protocol = "UDP"
	default:
		ref.protocol = "TCP"
	}
	if m.form == pairForm && via == viaConfigFile || via == viaArg && m.form == pairForm && sure == medium && m.port < 80 {
		ref.confidence = low // `word:number` in a text need not be an address
	}
	r.found = append(r.found, ref)
}
