package inventory

import (
	"maps"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/operator"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/product"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Tables are what is known of the field before any manifest is read: the kinds
// of operators and the products. Every set of a tree is read with the same.
type Tables struct {
	operators operator.Table
	catalogue *product.Catalogue
}

// NewTables builds the tables, once for each tree.
func NewTables() Tables { return Tables{operator.NewTable(), product.NewCatalogue()} }

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
	Set        *source.Set
	Objects    []*decode.Decoded
	Namespaces map[string]*Namespace
	Workloads  []*Workload
	Services   []*Service
	Gaps       gaps
	Hosts      *NameIndex

	Siblings *Siblings // the sets of the tree; nil of one alone
	Place    int       // of this one
	root     Root

	Tables
	nested *decode.Decoder         // of pod templates inside other kinds
	made   []*Service              // Services that operators make
	makers map[*source.Object]bool // objects of operators' kinds whose pods are workloads
}

// New reads the decoded objects of one set. The steps follow from each
// other: a workload lies in a namespace, a Service leads to workloads, and only
// what has pods of its own can be complete.
func New(set *source.Set, objects []*decode.Decoded, sets *Siblings, place int, root Root, tables Tables) *Inventory {
	s := &Inventory{
		Set: set, Objects: objects, Namespaces: map[string]*Namespace{}, Siblings: sets, Place: place, root: root,
		Tables: tables, makers: map[*source.Object]bool{},
	}
	if sets != nil {
		s.addGaps(sets.gaps(place))
	}
	s.Gaps = newGaps(s.Set, objects)
	s.Gaps.addOperated(tables.operators, objects)
	s.readNamespaces()
	s.readWorkloads()
	s.readServices()
	s.makeServices()
	s.addImplied()
	for _, w := range s.Workloads {
		w.Gateway, w.Platform = w.isGateway(), s.isPlatform(w)
	}
	s.closeNamespaces()
	s.resolveServices()
	s.resolveEntries()
	s.resolvePurposes()
	s.resolveProducts()
	s.Hosts = newNameIndex(s)
	return s
}

// gaps answers whether something of a kind may exist that was not read.
type gaps struct {
	Any   bool
	Kinds map[string]bool
	// own: something of any kind was not read that is no third party's.
	own bool
	// mixed: some namespaced objects name a namespace and some do not, so that
	// nobody knows which of them meet.
	mixed map[string]bool
}

func newGaps(set *source.Set, objects []*decode.Decoded) gaps {
	g := gaps{Kinds: map[string]bool{}, mixed: map[string]bool{}}
	for _, gap := range set.Gaps {
		g.Any = g.Any || gap.Kind == ""
		g.own = g.own || gap.Kind == "" && !gap.Foreign
		g.Kinds[gap.Kind] = true
	}
	named, unnamed := map[string]bool{}, map[string]bool{}
	for _, o := range objects {
		if !o.Believed && o.Typed != nil && !isWorkloadKind(o.Kind) {
			g.Kinds[o.Kind] = true
		}
		switch {
		case o.Typed == nil || o.Kind == "Namespace":
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

// Hides reports whether objects of a kind, which decide about pods of this tree,
// may be among what a gap did not show.
func Hides(g *source.Gap, kind string) bool {
	return g.Kind == kind || g.Kind == "" && (!g.Foreign || !isForPods(kind))
}

// Unread reports whether objects of these kinds may exist that were not read,
// or that were read and may or may not lie in the given namespace.
func (g gaps) Unread(namespace string, kinds ...string) bool {
	for _, k := range kinds {
		if g.own || g.Kinds[k] || g.Any && !isForPods(k) {
			return true
		}
		if namespace != "" && g.mixed[k] || namespace == "" && g.mixed[k+"/named"] {
			return true
		}
	}
	return false
}

// isForPods reports a kind of policy that is written for certain pods or hosts:
// who ships software ships it for the pods that come with it.
func isForPods(kind string) bool {
	switch kind {
	case "NetworkPolicy", "PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication", "Telemetry", "DestinationRule", "Sidecar":
		return true
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

// Namespace is one namespace of a set, declared or only named by objects.
// "" stands for the namespace that objects without one are applied to.
type Namespace struct {
	Name     string
	Labels   LabelSet
	Declared fact.Tri
	Anchor   fact.Source
	Complete fact.Tri
	// index finds the namespace's workloads by label.
	Index                WorkloadIndex
	Services             []*Service
	openKinds            []string
	hasPods              bool
	podDirs              map[string]bool // directories that hold its workloads
	OperatorAddsPolicies bool            // an operator makes policies for some of its pods
	operators            []string        // domains of the labels of operators that make pods here
}

func (s *Inventory) Namespace(name string) *Namespace {
	ns := s.Namespaces[name]
	if ns == nil {
		ns = &Namespace{Name: name, Declared: fact.No, Labels: LabelSet{Known: NamespaceLabels(name, nil), Open: true}}
		if s.Gaps.Unread(name, "Namespace") {
			ns.Declared = fact.Unknown
		}
		if name == "" {
			ns.Labels.Known = nil
		}
		s.Namespaces[name] = ns
	}
	return ns
}

// readNamespaces unites the documents of one namespace: kubectl apply would
// merge their labels.
func (s *Inventory) readNamespaces() {
	for _, o := range s.Objects {
		if o.APIVersion != "v1" || o.Kind != "Namespace" || o.Name == "" {
			continue
		}
		ns := s.Namespace(o.Name)
		if ns.Declared != fact.Yes {
			ns.Declared = fact.Yes
			ns.Anchor = fact.Source{Object: o.Object, Path: yaml.Path{"metadata", "name"}}
			ns.Labels = LabelSet{Known: NamespaceLabels(o.Name, nil)}
		}
		maps.Copy(ns.Labels.Known, o.Meta.Labels)
	}
}
