package analyzer

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"go4.org/netipx"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Model is what the manifests mean: the facts that rules judge.
type Model struct {
	Workloads   []*Workload
	Subjects    []Subject // in an order that depends on the content alone
	Assumptions []string  // sorted
	Unknowns    []string  // sorted; one sentence per question that the manifests leave open
	Objects     int

	sets []*setModel // in the order of the tree
}

// Build derives the model, set by set. It never fails: what cannot be known is
// unknown.
func Build(ctx context.Context, tree *source.Tree) *Model {
	m := &Model{}
	assumed, known := map[string]bool{}, knowledge{newOperatorTable(), newCatalogue()}
	for i := range tree.Problems {
		m.Subjects = append(m.Subjects, problemSubject(&tree.Problems[i]))
	}
	siblings := newSiblings(tree.Sets)
	several := severalSets(tree)
	for i, set := range tree.Sets {
		if ctx.Err() != nil {
			break
		}
		m.Objects += len(set.Objects)
		unapplied, rest := splitUnapplied(set)
		m.Subjects = append(m.Subjects, unapplied...)
		s := newSetModel(rest, assumed, known)
		s.siblings, s.place = siblings, i
		s.build()
		m.sets = append(m.sets, s)
		m.Workloads = append(m.Workloads, s.workloads...)
		m.Subjects = append(m.Subjects, inSet(s.subjects(), set, several)...)
		m.Unknowns = append(m.Unknowns, s.unknowns()...)
	}
	for a := range assumed {
		m.Assumptions = append(m.Assumptions, a)
	}
	slices.Sort(m.Assumptions)
	slices.Sort(m.Unknowns)
	return m
}

// severalSets reports that more than one set has something to be judged.
func severalSets(tree *source.Tree) bool {
	n := 0
	for _, set := range tree.Sets {
		if len(set.Objects) > 0 && set.Kind != source.BesideSet {
			n++
		}
	}
	return n > 1
}

// inSet names the set of subjects, where one is not enough to know it.
func inSet(subjects []Subject, set *source.Set, several bool) []Subject {
	if several && (set.Kind == source.KustomizeSet || set.Kind == source.ChartSet) {
		for i := range subjects {
			subjects[i].Set = set.Root
		}
	}
	return subjects
}

// knowledge of the field: tables that every set of a tree is read with.
type knowledge struct {
	operators operatorTable
	catalogue *catalogue
}

// setModel derives one set: objects that are applied together.
type setModel struct {
	set        *source.Set
	objects    []*decoded
	namespaces map[string]*namespace
	workloads  []*Workload
	services   []*service
	policies   []*networkPolicy
	tiers      []*tierPolicy // by priority
	peerAuths  []*peerAuthentication
	authz      authzIndex
	rules      ruleBook
	scoped     map[string][]*sidecarScope // Sidecars by namespace
	lazyIndexes
	assumed map[string]bool

	siblings *siblings // the sets of the tree; nil of one alone
	place    int       // of this one

	knowledge
	nested *decoder                // of pod templates inside other kinds
	made   []*service              // Services that operators make
	makers map[*source.Object]bool // objects of operators' kinds whose pods are workloads

	mesh      meshScope
	config    meshConfig
	revisions map[string]bool // that the tree's own webhooks inject; nil without one
	gaps      gaps
	unmodeled unmodelled
	addresses []netipx.IPRange // of the partition
	public    publicShare
	network   func() *network // who may reach whom, derived when first asked
	directory func() *directory
	calls     func() map[*Workload][]reference
	routing   func() *routing
	// meshAnswers remembers what the mesh makes of callers.
	meshAnswers func() *meshLayer
	accounts    func() map[string]accountUse
	claimed     func() bool // a route asks for a claim of a token
	merges      func() bool // paths are compared with their slashes merged
}

func newSetModel(set *source.Set, assumed map[string]bool, known knowledge) *setModel {
	s := &setModel{set: set, namespaces: map[string]*namespace{}, assumed: assumed, knowledge: known, makers: map[*source.Object]bool{}}
	s.network = sync.OnceValue(func() *network { return newNetwork(s) })
	s.directory = sync.OnceValue(func() *directory { return newDirectory(s) })
	s.calls = sync.OnceValue(func() map[*Workload][]reference { return readReferences(s) })
	s.routing = sync.OnceValue(func() *routing { return newRouting(s) })
	s.meshAnswers = sync.OnceValue(func() *meshLayer { return newMeshLayer(s) })
	s.accounts, s.claimed = sync.OnceValue(s.readAccounts), sync.OnceValue(s.routeByClaim)
	s.merges = sync.OnceValue(s.mergesSlashes)
	return s
}

// build runs the passes; each rests on those before it.
func (s *setModel) build() {
	s.objects = decodeAll(s.set.Objects)
	if s.siblings != nil {
		s.addGaps(s.siblings.gaps(s.place))
	}
	s.gaps = newGaps(s.set, s.objects)
	s.gaps.addOperated(s.operators, s.objects)
	s.readMeshConfig()
	s.readRevisions()
	s.readNamespaces()
	s.readWorkloads()
	s.readServices()
	s.makeServices()
	s.readPolicies()
	s.readTiers()
	s.readPeerAuthentications()
	s.readAuthz()
	s.readDestinationRules()
	s.readSidecars()
	s.addImplied()
	s.closeNamespaces()
	s.resolveServices()
	s.resolveEntries()
	s.resolvePurposes()
	s.resolveProducts()
	s.resolvePolicies()
	s.resolveOthers()
	s.partition()
	s.resolveMesh()
	s.resolveMTLS()
	s.resolveMeshFacts()
	s.resolveServiceMesh()
	s.resolveAuthz()
}

// decodeAll decodes in parallel; the result keeps the order of the objects.
func decodeAll(objects []*source.Object) []*decoded {
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

func newGaps(set *source.Set, objects []*decoded) gaps {
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
	// entrants are the workloads by label, for selectors.
	index      workloadIndex
	services   []*service
	policies   []*networkPolicy
	peerAuths  []*peerAuthentication
	generalPAs []*peerAuthentication // those without a selector that may be in force
	istio      bool                  // Istio objects that concern workloads lie here
	openKinds  []string
	denied     Tri // a policy selects all its pods for ingress; "" before it was asked
	open       map[openKey]Source
	// allIsolated: policies isolate every workload; beside denied.
	allIsolated bool
	hasPods     bool
	podDirs     map[string]bool // directories that hold its workloads
	guarded     bool            // an operator makes policies for some of its pods
	operators   []string        // domains of the labels of operators that make pods here
}

func (s *setModel) namespace(name string) *namespace {
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
func (s *setModel) readNamespaces() {
	for _, o := range s.objects {
		if o.APIVersion != "v1" || o.Kind != "Namespace" || o.Name == "" {
			continue
		}
		ns := s.namespace(o.Name)
		if ns.declared != Yes {
			ns.declared = Yes
			ns.anchor = Source{Object: o.Object, Path: yaml.Path{"metadata", "name"}}
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

func problemSubject(p *source.Problem) Subject {
	return Subject{
		Type:  "document",
		Facts: &DocumentFacts{Cause: p.Cause},
		Evidence: Evidence{
			From:  Source{Span: p.Span},
			Names: map[string]string{"message": p.Message, "help": p.Help},
		},
	}
}

func refName(o *source.Object) string {
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
