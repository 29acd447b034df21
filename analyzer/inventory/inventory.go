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
	Scope      *source.Scope
	Objects    []*decode.Decoded
	Namespaces map[string]*Namespace
	Workloads  []*Workload
	Services   []*Service
	Gaps       gaps
	Hosts      *NameIndex

	Siblings *Siblings // the scopes of the tree; nil of one alone
	Place    int       // of this one
	root     Root
	strays   []stray

	Tables
	nested *decode.Decoder         // of pod templates inside other kinds
	made   []*Service              // Services that operators make
	makers map[*source.Object]bool // objects of operators' kinds whose pods are workloads
}

// New reads the decoded objects of one set. The steps follow from each
// other: a workload lies in a namespace, a Service leads to workloads, and only
// what has pods of its own can be complete.
func New(scope *source.Scope, objects []*decode.Decoded, scopes *Siblings, place int, root Root, tables Tables) *Inventory {
	s := &Inventory{
		Scope: scope, Objects: objects, Namespaces: map[string]*Namespace{}, Siblings: scopes, Place: place, root: root,
		Tables: tables, makers: map[*source.Object]bool{},
	}
	s.strays = readStrays(scope)
	s.Gaps = newGaps(scope, objects)
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
	// Index finds the namespace's workloads by label.
	Index                WorkloadIndex
	Services             []*Service
	openKinds            []string
	hasPods              bool
	spawns               bool            // pods appear here that no manifest holds
	podDirs              map[string]bool // directories that hold its workloads
	OperatorAddsPolicies bool            // an operator makes policies for some of its pods
	operators            []string        // domains of the labels of operators that make pods here
}

// Namespace returns the namespace of that name. One that no object declares is
// made, with the label that the API server gives it and others unknown.
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

// Chart returns the chart that the first workload of a namespace comes from,
// nil if it is none.
func (ns *Namespace) Chart() *source.Chart {
	for _, w := range ns.Index.All {
		if w.Object != nil && w.Object.Set != nil {
			return w.Object.Set.Chart
		}
	}
	return nil
}
