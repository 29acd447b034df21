package product

import (
	"path"
	"slices"
	"strings"
)

// Product is a piece of software that AI workloads are made of, and the marks
// that it is known by. A mark counts only if nothing else bears it: a port, a
// GPU, a word in a name prove nothing.
type Product struct {
	Name string // as its makers write it
	Role string // of WorkloadFacts.Role
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
	apps       []string
	Management managementKind // which of its ports rule it
	Source     string         // the page that the marks were read on
}

// noProduct is what a workload runs of which nothing is known.
func noProduct() *Product { return &Product{Name: "no known AI product", Role: "none"} }

// Catalogue finds products by their marks.
type Catalogue struct {
	none    *Product
	images  map[string][]imageMark // by the last part of the repository
	globs   []imageMark            // whose last part is no literal
	command map[string][]Mark      // by the program
	modules []Mark                 // whose program is no literal
	env     map[string]*Product
	labels  []Mark
	apps    map[string]*Product
}

type imageMark struct {
	parts []string
	is    *Product
}

// Mark is one sign by which a product is known: words of a command, or the key
// of a label.
type Mark struct {
	Words []string
	is    *Product
}

// NewCatalogue indexes the table of products by their marks.
func NewCatalogue() *Catalogue {
	c := &Catalogue{
		none: noProduct(), images: map[string][]imageMark{}, command: map[string][]Mark{},
		env: map[string]*Product{}, apps: map[string]*Product{},
	}
	table := products()
	for i := range table {
		c.add(&table[i])
	}
	return c
}

func (c *Catalogue) add(p *Product) {
	for _, image := range p.images {
		m := imageMark{strings.Split(image, "/"), p}
		if last := m.parts[len(m.parts)-1]; strings.Contains(last, "*") {
			c.globs = append(c.globs, m)
		} else {
			c.images[last] = append(c.images[last], m)
		}
	}
	for _, command := range p.commands {
		m := Mark{strings.Fields(command), p}
		if strings.Contains(m.Words[0], "*") {
			c.modules = append(c.modules, m)
		} else {
			c.command[m.Words[0]] = append(c.command[m.Words[0]], m)
		}
	}
	for _, name := range p.env {
		c.env[name] = p
	}
	for _, key := range p.labels {
		c.labels = append(c.labels, Mark{[]string{key}, p})
	}
	for _, name := range p.apps {
		c.apps[name] = p
	}
}

// Recognise says what the workload runs, and in which of its containers. The
// image is the best witness, then the command, then what only that product is
// told by variables and labels.
func (c *Catalogue) Recognise(labels map[string]string, processes []Process) (*Product, *Process) {
	for _, witness := range []func(*Process) *Product{c.byImage, c.byCommand, c.byEnv} {
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

func (c *Catalogue) byImage(p *Process) *Product {
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

func (c *Catalogue) byCommand(p *Process) *Product {
	for _, v := range p.Commands {
		for _, m := range slices.Concat(c.command[v[0]], c.modules) {
			if m.Matches(v) {
				return m.is
			}
		}
	}
	return nil
}

// Matches compares the program and its first arguments, options skipped.
func (m Mark) Matches(v Invocation) bool {
	if ok, err := path.Match(m.Words[0], v[0]); !ok || err != nil {
		return false
	}
	rest := v[1:]
	for _, want := range m.Words[1:] {
		i := slices.IndexFunc(rest, func(word string) bool { return !strings.HasPrefix(word, "-") })
		if i < 0 || rest[i] != want {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}

func (c *Catalogue) byEnv(p *Process) *Product {
	for i := range p.container.Env {
		if is := c.env[p.container.Env[i].Name]; is != nil {
			return is
		}
	}
	return nil
}

func (c *Catalogue) byLabels(labels map[string]string, processes []Process) *Product {
	for _, m := range c.labels {
		if _, ok := labels[m.Words[0]]; ok {
			return m.is
		}
	}
	opaque := func(p Process) bool { return len(p.image.path) == 0 }
	if len(processes) == 0 || !slices.ContainsFunc(processes, func(p Process) bool { return !opaque(p) }) {
		return c.apps[labels["app.kubernetes.io/name"]]
	}
	return nil
}
