package calls

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Reference is a host that a workload's manifests say it calls.
type Reference struct {
	Host       string // lower case: a Service's name, a DNS name or an IPv4 address
	Port       int    // 0 when neither the text nor its scheme says
	scheme     string // of a URL; empty otherwise
	Protocol   string // TCP or UDP; empty when the text leaves it open
	Name       string // the variable, flag or key that holds it; never a value
	via        referenceVia
	Confidence Confidence
	From       fact.Source
}

// referenceVia is where a reference stands.
type referenceVia int

const (
	viaEnv        referenceVia = iota // a variable, its value in the pod or a ConfigMap key picked by name
	viaArg                            // the command line, scripts included
	viaConfigEnv                      // a ConfigMap that becomes variables whole
	viaConfigFile                     // a ConfigMap that is mounted
)

// Confidence is how sure it is that the workload makes the call.
type Confidence int

const (
	// Low: the text is shared with other workloads and may be meant for them,
	// or it only looks like a host.
	Low Confidence = iota + 1
	// Medium: the workload's own file or script, in which not every line runs.
	Medium
	// High: the workload's own variable or flag with an address in it.
	High
)

// Calls are the connections that the manifests of a set speak of: the hosts
// that workloads name, the routes that lead to them, and what is scraped.
type Calls struct {
	inventory *inventory.Inventory
	called    map[*inventory.Workload][]Reference
	routing   *routing
}

// New reads variables, arguments, configuration, routes and monitors.
func New(inventory *inventory.Inventory) *Calls {
	return &Calls{inventory: inventory, called: readReferences(inventory), routing: newRouting(inventory)}
}

// References returns the hosts that the workload calls by its manifests,
// sorted, each once. None of them is its own.
func (s *Calls) References(w *inventory.Workload) []Reference { return s.called[w] }

// readReferences finds the references of every workload of the set.
func readReferences(s *inventory.Inventory) map[*inventory.Workload][]Reference {
	d := s.Hosts
	configs := newConfigReader(d, s.Workloads)
	out := make(map[*inventory.Workload][]Reference, len(s.Workloads))
	for _, w := range s.Workloads {
		if w.Pod == nil {
			continue
		}
		r := &referenceReader{w: w, configs: configs}
		for i := range w.Pod.InitContainers {
			r.container(&w.Pod.InitContainers[i], "initContainers", i)
		}
		for i := range w.Pod.Containers {
			r.container(&w.Pod.Containers[i], "containers", i)
		}
		r.volumes()
		if r.proxied {
			r.doubtHTTP()
		}
		if len(r.found) > 0 {
			out[w] = settle(d, w, r.found)
		}
	}
	return out
}

// settle drops what leads back to the workload, which is how it is called and
// not whom it calls, and keeps the surest of equal references.
func settle(d *inventory.NameIndex, w *inventory.Workload, found []Reference) []Reference {
	found = slices.DeleteFunc(found, func(r Reference) bool {
		v, _, ok := d.ResolveHost(w, r.Host)
		return ok && slices.Contains(w.Services, v)
	})
	slices.SortStableFunc(found, func(a, b Reference) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.Port, b.Port), cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.via, b.via))
	})
	return slices.CompactFunc(found, func(a, b Reference) bool { return a.Host == b.Host && a.Port == b.Port })
}

// referenceReader collects the references of one workload.
type referenceReader struct {
	w       *inventory.Workload
	configs *configReader
	found   []Reference
	proxied bool // HTTP clients of the workload go through a proxy
}

// doubtHTTP lowers the confidence in calls that a proxy may make instead.
func (r *referenceReader) doubtHTTP() {
	for i := range r.found {
		if f := &r.found[i]; (f.scheme == "http" || f.scheme == "https") && !proxyVariable(f.Name) {
			f.Confidence = Low
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
	sure        Confidence
	from        fact.Source
}

func (r *referenceReader) container(c *corev1.Container, list string, i int) {
	at := r.w.PodPath("spec", list, i)
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
		sure := High
		if strings.ContainsAny(a, "\n ") {
			sure = Medium // a script, not every line of which runs
		}
		for _, m := range scanHosts(a, flag) {
			name := "command"
			if own, _, _ := strings.Cut(a, "="); sure == High && strings.HasPrefix(own, "-") {
				name = own
			} else if sure == High && flag != "" {
				name = flag
			}
			r.add(m, name, viaArg, sure, fact.Source{Object: r.w.Object, Path: at.Join(i)})
		}
		flag = ""
		if strings.HasPrefix(a, "-") && !strings.Contains(a, "=") {
			flag = a
		}
	}
}

// add notes a mention as a reference.
func (r *referenceReader) add(m mention, name string, via referenceVia, sure Confidence, from fact.Source) {
	ref := Reference{
		Host: m.host, Port: m.port, scheme: m.scheme, Name: name, via: via, From: from,
		Confidence: sure,
	}
	switch m.scheme {
	case "":
	case "udp", "statsd":
		ref.Protocol = "UDP"
	default:
		ref.Protocol = "TCP"
	}
	if m.form == pairForm && via == viaConfigFile || via == viaArg && m.form == pairForm && sure == Medium && m.port < 80 {
		ref.Confidence = Low // `word:number` in a text need not be an address
	}
	r.found = append(r.found, ref)
}
