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
	Port       int    // 0 where neither the text nor its scheme gives one
	scheme     string // of a URL; empty otherwise
	Protocol   string // TCP or UDP; empty where the text does not say
	Name       string // the variable, flag or key that holds it; never its value
	via        referenceVia
	Confidence Confidence
	From       fact.Source // the variable, argument or ConfigMap key
}

// referenceVia is where a reference stands.
type referenceVia int

const (
	viaEnv        referenceVia = iota // a variable, its value in the pod or a ConfigMap key picked by name
	viaArg                            // the command line, scripts included
	viaConfigEnv                      // a ConfigMap that becomes variables whole
	viaConfigFile                     // a ConfigMap that is mounted
)

// Confidence says how likely it is that the workload makes the call.
type Confidence int

const (
	// Low is for a text that other workloads share and that may be meant for them,
	// and for one that may not be a host.
	Low Confidence = iota + 1
	// Medium is for the workload's own file or script, of which not every line runs.
	Medium
	// High is for an address in the workload's own variable or flag.
	High
)

// Calls are the connections that the manifests of a set ask for: the hosts that
// workloads name, the routes that lead to them, and what is scraped.
type Calls struct {
	inventory *inventory.Inventory

	references map[*inventory.Workload][]Reference
	routing    *routing
}

// New reads variables, arguments, configuration, routes and monitors.
func New(inventory *inventory.Inventory) *Calls {
	return &Calls{inventory: inventory, references: readReferences(inventory), routing: newRouting(inventory)}
}

// References returns the hosts that the workload calls by its manifests,
// sorted, each once. None of them is its own.
func (c *Calls) References(w *inventory.Workload) []Reference { return c.references[w] }

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
			r.lowerHTTP()
		}
		if len(r.found) > 0 {
			out[w] = distinctReferences(d, w, r.found)
		}
	}
	return out
}

// distinctReferences drops the hosts that lead back to the workload, which are
// its own address, and keeps the one of highest confidence of equal references.
func distinctReferences(d *inventory.NameIndex, w *inventory.Workload, found []Reference) []Reference {
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

// lowerHTTP lowers the confidence in calls that a proxy may make instead.
func (r *referenceReader) lowerHTTP() {
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
	known       bool // false for the value of a Secret or of a field
	via         referenceVia
	confidence  Confidence
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
		r.hostVariable(v, host, all)
		return
	}
	for _, m := range scanHosts(value, v.name) {
		r.add(m, v.name, v.via, v.confidence, v.from)
	}
}

// arguments reads a command line. A flag names the argument after it.
func (r *referenceReader) arguments(args []string, at yaml.Path, vars map[string]string) {
	flag := ""
	for i, a := range args {
		a = expandVariables(a, vars)
		confidence := High
		if strings.ContainsAny(a, "\n ") {
			confidence = Medium // a script, not every line of which runs
		}
		for _, m := range scanHosts(a, flag) {
			name := "command"
			if own, _, _ := strings.Cut(a, "="); confidence == High && strings.HasPrefix(own, "-") {
				name = own
			} else if confidence == High && flag != "" {
				name = flag
			}
			r.add(m, name, viaArg, confidence, fact.Source{Object: r.w.Object, Path: at.Join(i)})
		}
		flag = ""
		if strings.HasPrefix(a, "-") && !strings.Contains(a, "=") {
			flag = a
		}
	}
}

// add adds a mention as a reference.
func (r *referenceReader) add(m mention, name string, via referenceVia, confidence Confidence, from fact.Source) {
	ref := Reference{
		Host: m.host, Port: m.port, scheme: m.scheme, Name: name, via: via, From: from,
		Confidence: confidence,
	}
	switch m.scheme {
	case "":
	case "udp", "statsd":
		ref.Protocol = "UDP"
	default:
		ref.Protocol = "TCP"
	}
	if m.form == pairForm && via == viaConfigFile || via == viaArg && m.form == pairForm && confidence == Medium && m.port < 80 {
		ref.Confidence = Low // `word:number` in a text need not be an address
	}
	r.found = append(r.found, ref)
}
