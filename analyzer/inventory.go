package analyzer

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/aisec-lint/aisec-lint/loader"
)

// Tables are what is known of the field before any manifest is read: the kinds
// of operators and the products. Every set of a tree is read with the same.
type Tables struct {
	operators operatorTable
	catalogue *catalogue
}

// NewTables builds the tables, once for each tree.
func NewTables() Tables { return Tables{newOperatorTable(), newCatalogue()} }

// Root is the namespace of mesh-wide policies. It is declared where the tree
// holds the configuration of the mesh, and a guess elsewhere.
type Root struct {
	Namespace string
	Declared  bool
}

// Inventory holds what a set of manifests is made of: its namespaces, the
// workloads with their ports, and the Services that lead to them. What no
// policy decides is settled here.
type Inventory struct {
	set        *loader.Set
	objects    []*decoded
	namespaces map[string]*namespace
	workloads  []*Workload
	services   []*service
	gaps       gaps
	hosts      *directory

	siblings *siblings // the sets of the tree; nil of one alone
	place    int       // of this one
	root     Root

	Tables
	nested *decoder                // of pod templates inside other kinds
	made   []*service              // Services that operators make
	makers map[*loader.Object]bool // objects of operators' kinds whose pods are workloads
}

// NewInventory reads the decoded objects of one set. The steps follow from each
// other: a workload lies in a namespace, a Service leads to workloads, and only
// what has pods of its own can be complete.
func NewInventory(set *loader.Set, objects []*decoded, sets *siblings, place int, root Root, tables Tables) *Inventory {
	s := &Inventory{
		set: set, objects: objects, namespaces: map[string]*namespace{}, siblings: sets, place: place, root: root,
		Tables: tables, makers: map[*loader.Object]bool{},
	}
	if sets != nil {
		s.addGaps(sets.gaps(place))
	}
	s.gaps = newGaps(s.set, objects)
	s.gaps.addOperated(tables.operators, objects)
	s.readNamespaces()
	s.readWorkloads()
	s.readServices()
	s.makeServices()
	s.addImplied()
	for _, w := range s.workloads {
		w.gateway, w.platform = w.isGateway(), s.isPlatform(w)
	}
	s.closeNamespaces()
	s.resolveServices()
	s.resolveEntries()
	s.resolvePurposes()
	s.resolveProducts()
	s.hosts = newDirectory(s)
	return s
}

// decodeAll decodes in parallel; the result keeps the order of the objects.
func decodeAll(objects []*loader.Object) []*decoded {
	out := make([]*decoded, len(objects))
	workers := min(runtime.GOMAXPROCS(0), len(objects)/64+1)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			d := newDecoder()
			for i := w * len(objects) / workers; i < (w+1)*len(objects)/workers; i++ {
				out[i] = d.decode(objects[i])
			}
		})
	}
	wg.Wait()
	return out
}

// gaps answers whether something of a kind may exist that was not read.
type gaps struct {
	any   bool
	kinds map[string]bool
	// mixed: some namespaced objects name a namespace and some do not, so that
	// nobody knows which of them meet.
	mixed map[string]bool
}

func newGaps(set *loader.Set, objects []*decoded) gaps {
	g := gaps{kinds: map[string]bool{}, mixed: map[string]bool{}}
	for _, gap := range set.Gaps {
		g.any = g.any || gap.Kind == ""
		g.kinds[gap.Kind] = true
	}
	named, unnamed := map[string]bool{}, map[string]bool{}
	for _, o := range objects {
		if !o.believed && o.typed != nil && !isWorkloadKind(o.Kind) {
			g.kinds[o.Kind] = true
		}
		switch {
		case o.typed == nil || o.Kind == "Namespace":
		case o.Namespace == "":
			unnamed[o.Kind] = true
		default:
			named[o.Kind] = true
		}
	}
	for kind := range unnamed {
		g.mixed[kind] = true
	}
	for kind := range named {
		g.mixed[kind+"/named"] = true
	}
	return g
}

// unread reports whether objects of these kinds may exist that were not read,
// or that were read and may or may not lie in the given namespace.
func (g gaps) unread(namespace string, kinds ...string) bool {
	for _, k := range kinds {
		if g.any || g.kinds[k] {
			return true
		}
		if namespace != "" && g.mixed[k] || namespace == "" && g.mixed[k+"/named"] {
			return true
		}
	}
	return false
}

func isWorkloadKind(kind string) bool {
	switch kind {
	case "Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob":
		return true
	}
	return false
}

func workloadKinds() []string {
	return []string{"Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob"}
}

// namespace is one namespace of a set, declared or only named by objects.
// "" stands for the namespace that objects without one are applied to.
type namespace struct {
	name     string
	labels   labelSet
	declared Tri
	anchor   Source
	closed   Tri
	// index finds the namespace's workloads by label.
	index     workloadIndex
	services  []*service
	openKinds []string
	hasPods   bool
	podDirs   map[string]bool // directories that hold its workloads
	guarded   bool            // an operator makes policies for some of its pods
	operators []string        // domains of the labels of operators that make pods here
}

func (s *Inventory) namespace(name string) *namespace {
	ns := s.namespaces[name]
	if ns == nil {
		ns = &namespace{name: name, declared: No, labels: labelSet{known: namespaceLabels(name, nil), open: true}}
		if s.gaps.unread(name, "Namespace") {
			ns.declared = Unknown
		}
		if name == "" {
			ns.labels.known = nil
		}
		s.namespaces[name] = ns
	}
	return ns
}

// readNamespaces unites the documents of one namespace: kubectl apply would
// merge their labels.
func (s *Inventory) readNamespaces() {
	for _, o := range s.objects {
		if o.APIVersion != "v1" || o.Kind != "Namespace" || o.Name == "" {
			continue
		}
		ns := s.namespace(o.Name)
		if ns.declared != Yes {
			ns.declared = Yes
			ns.anchor = Source{Object: o.Object, Path: loader.Path{"metadata", "name"}}
			ns.labels = labelSet{known: namespaceLabels(o.Name, nil)}
		}
		maps.Copy(ns.labels.known, o.meta.Labels)
	}
}

// display names a namespace in messages and ids.
func display(namespace string) string {
	if namespace == "" {
		return "_"
	}
	return namespace
}

// namespaceName is how messages speak of a namespace.
func namespaceName(namespace string) string {
	if namespace == "" {
		return "`_` (the objects name none)"
	}
	return "`" + namespace + "`"
}

func refName(o *loader.Object) string {
	if o.Namespace == "" {
		return fmt.Sprintf("%s `%s`", o.Kind, o.Name)
	}
	return fmt.Sprintf("%s `%s/%s`", o.Kind, o.Namespace, o.Name)
}

// sortedKeys never returns nil: an empty list is [] in the rules' input.
func sortedKeys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func joinSorted(set map[string]bool) string { return strings.Join(sortedKeys(set), ", ") }
