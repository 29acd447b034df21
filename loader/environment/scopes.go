package environment

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// composition makes the scopes of one environment.
type composition struct {
	environment *source.Environment
	sources     []*applied
	floating    []*floating
	main        *source.Scope
	roots       map[string]bool  // Istio's root namespaces
	strays      []*source.Object // of the named namespaces
}

func newComposition(e *source.Environment, sources []*applied, roots []string) *composition {
	c := &composition{environment: e, main: &source.Scope{Sets: e.Sets}, roots: map[string]bool{istioSystem: true}}
	whole := slices.Contains(roots, e.Name)
	for _, a := range sources {
		if !slices.Contains(e.Sets, a.set) {
			continue
		}
		c.sources = append(c.sources, a)
		if whole && (a.set.Root == e.Name || walk.Inside(a.set.Root, e.Name)) {
			c.main.Objects = append(c.main.Objects, a.set.Objects...)
			continue
		}
		c.main.Objects = append(c.main.Objects, a.named...)
		c.floating = append(c.floating, a.floating...)
	}
	c.main.Objects = onceEach(c.main.Objects)
	for _, o := range c.main.Objects {
		if configuresMesh(o) && o.Namespace != "" {
			c.roots[o.Namespace] = true
		}
	}
	for _, a := range c.sources {
		c.main.Gaps = append(c.main.Gaps, gapsIn(gapsOf(a.set), a.dirs, false)...)
	}
	return c
}

// onceEach drops what two sources hold alike, and puts the rest in order.
func onceEach(objects []*source.Object) []*source.Object {
	type content struct {
		objectID
		hash uint64
	}
	first := make(map[content]*source.Set)
	twice := make(map[objectID]int)
	for _, o := range objects {
		twice[objectIDOf(o)]++
	}
	out := make([]*source.Object, 0, len(objects))
	for _, o := range objects {
		if twice[objectIDOf(o)] > 1 && o.Name != "" {
			key := content{objectIDOf(o), yaml.Hash(o.Root)}
			if have, known := first[key]; known && have != o.Set {
				continue
			}
			first[key] = o.Set
		}
		out = append(out, o)
	}
	slices.SortStableFunc(out, source.CompareObjects)
	return out
}

// scopes returns the main scope, unless it has nothing of its own, and one for
// each group of objects that name no namespace.
func (c *composition) scopes() []*source.Scope {
	if len(c.floating) > 0 {
		c.strays = c.straysOfMain()
	}
	var out []*source.Scope
	for _, f := range c.floating {
		out = append(out, c.apart(f))
		c.main.Elsewhere = append(c.main.Elsewhere, f.strays()...)
	}
	slices.SortStableFunc(c.main.Elsewhere, source.CompareObjects)
	if len(out) == 0 || slices.ContainsFunc(c.main.Objects, func(o *source.Object) bool { return o.Namespace != "" }) {
		out = append(out, c.main)
	}
	return out
}

// apart is the scope of objects that name no namespace. What holds for the
// whole mesh or cluster holds for them, too, and the namespaces that some of
// them name are those of the others.
func (c *composition) apart(f *floating) *source.Scope {
	s := &source.Scope{Root: f.root, Sets: []*source.Set{f.set}, Objects: slices.Clone(f.objects), Gaps: gapsOf(f.set), Shared: make(map[*source.Object]bool)}
	if f.dirs != nil {
		s.Gaps = gapsIn(s.Gaps, f.dirs, true)
	}
	own := make(map[*source.Object]bool, len(f.objects))
	named := make(map[string]bool)
	for _, o := range f.objects {
		own[o] = true
		if o.Namespace != "" && ConcernsPods(o) {
			named[o.Namespace] = true
		}
	}
	for _, o := range c.main.Objects {
		declares := o.Kind == "Namespace" && named[o.Name]
		if !own[o] && (declares || named[o.Namespace] || c.reachesAll(o)) {
			s.Shared[o] = true
			s.Objects = append(s.Objects, o)
		}
	}
	s.Objects = onceEach(s.Objects)
	for _, o := range c.strays {
		if !own[o] && !named[o.Namespace] && f.mayHave(o) {
			s.Elsewhere = append(s.Elsewhere, o)
		}
	}
	return s
}

// defaultNamespace is where kubectl creates what names no namespace.
const defaultNamespace = "default"

// mayHave reports a policy of a namespace that pods may be in which name none.
func (f *floating) mayHave(o *source.Object) bool {
	return f.dirs == nil || o.Namespace == defaultNamespace || !selectsEvery(o)
}

func selectsEvery(o *source.Object) bool {
	whom := selectionsOf(o)
	return len(whom) > 0 && whom[0].every
}

// reachesAll reports what matters in every namespace.
func (c *composition) reachesAll(o *source.Object) bool {
	switch {
	case isIstio(o):
		return c.roots[o.Namespace]
	case configuresMesh(o), o.Kind == "MutatingWebhookConfiguration":
		return true
	}
	return clusterWide(o) && source.IsPolicy(o)
}

func configuresMesh(o *source.Object) bool {
	switch o.Group() {
	case "":
		return o.Kind == "ConfigMap" && strings.HasPrefix(o.Name, "istio")
	case "install.istio.io", "sailoperator.io":
		return true
	}
	return false
}

// strays are the policies that find none of the pods beside them: they may be
// meant for others.
func (f *floating) strays() []*source.Object {
	if f.test {
		return nil
	}
	return strays(f.objects, "")
}

// straysOfMain are those of the named namespaces, and every policy of the
// namespace where kubectl creates what names none.
func (c *composition) straysOfMain() []*source.Object {
	byNamespace := make(map[string][]*source.Object)
	for _, o := range c.main.Objects {
		if o.Namespace != "" && !c.roots[o.Namespace] {
			byNamespace[o.Namespace] = append(byNamespace[o.Namespace], o)
		}
	}
	var out []*source.Object
	for namespace, objects := range byNamespace {
		out = append(out, strays(objects, namespace)...)
	}
	slices.SortFunc(out, func(a, b *source.Object) int {
		return cmp.Or(source.CompareObjects(a, b), strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	return out
}

func strays(objects []*source.Object, namespace string) []*source.Object {
	var pods []podSet
	for _, o := range objects {
		if p, ok := podsOf(o); ok {
			pods = append(pods, p)
		}
	}
	var out []*source.Object
	for _, o := range objects {
		if o.Namespace != namespace || !source.IsPolicy(o) || clusterWide(o) {
			continue
		}
		whom := selectionsOf(o)
		if len(whom) == 0 || namespace == defaultNamespace || !slices.ContainsFunc(pods, whom[0].finds) {
			out = append(out, o)
		}
	}
	return out
}
