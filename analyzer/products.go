package analyzer

import (
	"path"
	"slices"
	"strings"
)

// product is a piece of software that AI workloads are made of, and the marks
// that it is known by. A mark counts only if nothing else bears it: a port, a
// GPU, a word in a name prove nothing.
type product struct {
	name string // as its makers write it
	role string // of WorkloadFacts.Role
	// images are the last parts of a repository, so that mirrors count; `*`
	// stands for anything inside one part.
	images []string
	// commands are a program or Python module and its first arguments; a `*`
	// ends them.
	commands []string
	env      []string // variables that only the server reads, never its clients
	labels   []string // keys that only its controllers set
	// apps are values of app.kubernetes.io/name. They count where no image can
	// be read.
	apps    []string
	control controlKind // which of its ports rule it
	source  string      // the page that the marks were read on
}

// noProduct is what a workload runs of which nothing is known.
func noProduct() *product { return &product{name: "no known AI product", role: "none"} }

// catalogue finds products by their marks.
type catalogue struct {
	none    *product
	images  map[string][]imageMark // by the last part of the repository
	globs   []imageMark            // whose last part is no literal
	command map[string][]mark      // by the program
	modules []mark                 // whose program is no literal
	env     map[string]*product
	labels  []mark
	apps    map[string]*product
}

type imageMark struct {
	parts []string
	is    *product
}

type mark struct {
	words []string
	is    *product
}

func newCatalogue() *catalogue {
	c := &catalogue{
		none: noProduct(), images: map[string][]imageMark{}, command: map[string][]mark{},
		env: map[string]*product{}, apps: map[string]*product{},
	}
	table := products()
	for i := range table {
		c.add(&table[i])
	}
	return c
}

func (c *catalogue) add(p *product) {
	for _, image := range p.images {
		m := imageMark{strings.Split(image, "/"), p}
		if last := m.parts[len(m.parts)-1]; strings.Contains(last, "*") {
			c.globs = append(c.globs, m)
		} else {
			c.images[last] = append(c.images[last], m)
		}
	}
	for _, command := range p.commands {
		m := mark{strings.Fields(command), p}
		if strings.Contains(m.words[0], "*") {
			c.modules = append(c.modules, m)
		} else {
			c.command[m.words[0]] = append(c.command[m.words[0]], m)
		}
	}
	for _, name := range p.env {
		c.env[name] = p
	}
	for _, key := range p.labels {
		c.labels = append(c.labels, mark{[]string{key}, p})
	}
	for _, name := range p.apps {
		c.apps[name] = p
	}
}

// recognise says what the workload runs, and in which of its containers. The
// image is the best witness, then the command, then what only that product is
// told by variables and labels.
func (c *catalogue) recognise(labels map[string]string, processes []process) (*product, *process) {
	for _, witness := range []func(*process) *product{c.byImage, c.byCommand, c.byEnv} {
		for i := range processes {
			if p := witness(&processes[i]); p != nil {
				return p, &processes[i]
			}
		}
	}
	if p := c.byLabels(labels, processes); p != nil {
		return p, nil
	}
	return c.none, nil
}

func (c *catalogue) byImage(p *process) *product {
	parts := p.image.path
	if len(parts) == 0 {
		return nil
	}
	for _, m := range slices.Concat(c.images[parts[len(parts)-1]], c.globs) {
		if m.matches(parts) {
			return m.is
		}
	}
	return nil
}

func (m imageMark) matches(parts []string) bool {
	if len(m.parts) > len(parts) {
		return false
	}
	for i, part := range parts[len(parts)-len(m.parts):] {
		if ok, err := path.Match(m.parts[i], part); !ok || err != nil {
			return false
		}
	}
	return true
}

func (c *catalogue) byCommand(p *process) *product {
	for _, v := range p.commands {
		for _, m := range slices.Concat(c.command[v[0]], c.modules) {
			if m.matches(v) {
				return m.is
			}
		}
	}
	return nil
}

// matches compares the program and its first arguments, options skipped.
func (m mark) matches(v invocation) bool {
	if ok, err := path.Match(m.words[0], v[0]); !ok || err != nil {
		return false
	}
	rest := v[1:]
	for _, want := range m.words[1:] {
		i := slices.IndexFunc(rest, func(word string) bool { return !strings.HasPrefix(word, "-") })
		if i < 0 || rest[i] != want {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}

func (c *catalogue) byEnv(p *process) *product {
	for i := range p.container.Env {
		if is := c.env[p.container.Env[i].Name]; is != nil {
			return is
		}
	}
	return nil
}

func (c *catalogue) byLabels(labels map[string]string, processes []process) *product {
	for _, m := range c.labels {
		if _, ok := labels[m.words[0]]; ok {
			return m.is
		}
	}
	opaque := func(p process) bool { return len(p.image.path) == 0 }
	if len(processes) == 0 || !slices.ContainsFunc(processes, func(p process) bool { return !opaque(p) }) {
		return c.apps[labels["app.kubernetes.io/name"]]
	}
	return nil
}
