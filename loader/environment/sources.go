package environment

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// applied is a source as joining sees it: what one run of a tool applies.
type applied struct {
	set   *source.Set
	bases []string // directories of the kustomizations that its build takes objects from
	// named are the objects that meet those of other sources: they name their
	// namespace, or have none.
	named []*source.Object
	// floating are all objects of a source of which some name no namespace.
	floating []*floating
	dirs     map[string]bool // of plain manifests, whose objects are all floating
}

// floating is a group of objects that go to one namespace, which they do not
// name: a release of a chart, a directory of plain manifests.
type floating struct {
	root    string
	set     *source.Set
	objects []*source.Object
	dirs    map[string]bool // of plain manifests
	test    bool            // data of a test, which is applied apart from all else
}

// newSources looks at every set of the tree. Directories of plain manifests
// whose objects name no namespace are taken apart, and so is what contradicts a
// build or a chart.
func newSources(t *source.Tree, bases map[string][]string) []*applied {
	dropUnapplied(t)
	splitContradictions(t)
	var out []*applied
	var plain []*applied
	for _, set := range t.Sets {
		a := &applied{set: set, bases: bases[set.Root]}
		if set.Kind != source.KustomizeSet {
			a.bases = nil
		}
		out = append(out, a)
		if isPlain(set) {
			plain = append(plain, a)
			continue
		}
		if !slices.ContainsFunc(set.Objects, isFloating) {
			a.named = set.Objects
			continue
		}
		a.floating = []*floating{{root: set.Root, set: set, objects: set.Objects}}
		a.named = slices.DeleteFunc(slices.Clone(set.Objects), func(o *source.Object) bool { return !hasPlace(o) })
	}
	splitFloating(plain, testDirs(t))
	return out
}

// dropUnapplied drops of what lies beside a kustomization the patches, and what
// it names in a comment.
func dropUnapplied(t *source.Tree) {
	for _, set := range t.Sets {
		if set.Kind == source.BesideSet {
			set.Objects = slices.DeleteFunc(set.Objects, func(o *source.Object) bool { return isPart(o) || set.Mentioned[o.File.Name] })
		}
	}
}

// testDirs returns what tells that a directory holds the data of tests: its
// name, or a test of Kyverno's in it. Nobody applies those beside the rest.
//   - https://kyverno.io/docs/testing-policies/
//   - https://kyverno.github.io/chainsaw/latest/quick-start/
func testDirs(t *source.Tree) func(dir string) bool {
	common := ""
	marked := make(map[string]bool)
	for i, f := range t.Files {
		dir, base := path.Split(f.Name)
		dir = path.Clean(dir)
		if i == 0 {
			common = dir
		}
		common = commonDir(common, dir)
		if strings.HasPrefix(base, "kyverno-test.y") || strings.HasPrefix(base, "chainsaw-test.y") {
			marked[dir] = true
		}
	}
	return func(dir string) bool {
		if marked[dir] {
			return true
		}
		if common != "." {
			dir = strings.TrimPrefix(dir, common)
		}
		return slices.ContainsFunc(strings.Split(dir, "/"), func(step string) bool {
			return slices.Contains([]string{"test", "tests", "testing", "testdata", "test-data", "e2e", "fixtures", "fixture"}, step)
		})
	}
}

// isPlain reports manifests that are applied as they stand.
func isPlain(s *source.Set) bool {
	return s.Kind == source.PlainSet || s.Kind == source.VariantSet || s.Kind == source.BesideSet
}

// hasPlace reports an object whose namespace is known, or that lives in none.
func hasPlace(o *source.Object) bool { return o.Namespace != "" || clusterWide(o) }

// clusterWide adds kinds of others that by their name live in no namespace.
func clusterWide(o *source.Object) bool {
	return source.ClusterScoped(o.Kind) || o.Group() != "" && strings.HasPrefix(o.Kind, "Cluster") && o.Kind != "Cluster"
}

// isFloating reports an object about connections that names no namespace.
func isFloating(o *source.Object) bool { return !hasPlace(o) && ConcernsPods(o) }

// ConcernsPods leaves out the kinds that no answer about connections rests on.
func ConcernsPods(o *source.Object) bool {
	switch o.Group() {
	case "":
		return o.Kind == "Pod" || o.Kind == "Service" || o.Kind == "ReplicationController"
	case "rbac.authorization.k8s.io", "policy", "autoscaling", "storage.k8s.io", "coordination.k8s.io", "cert-manager.io",
		"external-secrets.io", "bitnami.com", "monitoring.coreos.com", "argoproj.io", "kustomize.toolkit.fluxcd.io",
		"helm.toolkit.fluxcd.io", "source.toolkit.fluxcd.io", "tekton.dev", "kyverno.io", "constraints.gatekeeper.sh", "templates.gatekeeper.sh", "apiextensions.k8s.io", "admissionregistration.k8s.io":
		return false
	}
	return true
}

// isPart recognises half of a workload: a patch that no kustomization lists.
// The API server would refuse it.
func isPart(o *source.Object) bool {
	if _, workload := podLabels(o); !workload || o.Kind == "Pod" {
		return false
	}
	spec := o.Root.Get("spec")
	pod := spec.Get("template").Get("spec")
	switch o.Kind {
	case "CronJob":
		pod = spec.Get("jobTemplate").Get("spec").Get("template").Get("spec")
	case "Deployment", "StatefulSet", "DaemonSet":
		if spec.Get("selector") == nil {
			return true
		}
	}
	containers := pod.Get("containers").List()
	return len(containers) == 0 || slices.ContainsFunc(containers, func(c *yaml.Node) bool { return c.Get("image") == nil })
}

// splitContradictions takes out of plain manifests what has another version in
// a build or a chart: its directory, or only its file where the directory holds
// that build.
func splitContradictions(t *source.Tree) {
	other := make(map[objectID]map[uint64]*source.Set)
	for _, set := range t.Sets {
		if isPlain(set) {
			continue
		}
		for id, v := range versionsOf(set.Objects) {
			if other[id] == nil {
				other[id] = make(map[uint64]*source.Set)
			}
			other[id][v.hash] = set
		}
	}
	if len(other) == 0 {
		return
	}
	var added []*source.Set
	for _, set := range t.Sets {
		if isPlain(set) {
			added = append(added, contradicting(set, other)...)
		}
	}
	t.Sets = append(t.Sets, added...)
	slices.SortStableFunc(t.Sets, func(a, b *source.Set) int { return strings.Compare(a.Root, b.Root) })
}

// contradicting moves what other sets have another version of into sets of
// their own.
func contradicting(s *source.Set, other map[objectID]map[uint64]*source.Set) []*source.Set {
	roots := make(map[string]bool) // directories and files
	for id, v := range versionsOf(s.Objects) {
		if builds := other[id]; len(builds) > 0 && builds[v.hash] == nil {
			roots[contradictingRoot(s, v.object, builds)] = true
		}
	}
	sets := make(map[string]*source.Set)
	s.Objects = slices.DeleteFunc(s.Objects, func(o *source.Object) bool {
		root := nearestRoot(o.File.Name, s.Root, roots)
		if root == "" {
			return false
		}
		if sets[root] == nil {
			sets[root] = &source.Set{Root: root, Kind: source.VariantSet}
		}
		sets[root].Objects = append(sets[root].Objects, o)
		return true
	})
	var out []*source.Set
	for _, root := range slices.Sorted(maps.Keys(sets)) {
		out = append(out, sets[root])
	}
	return out
}

// contradictingRoot is what is taken out for one object: its directory, or only
// its file where the directory holds one of the builds.
func contradictingRoot(s *source.Set, o *source.Object, builds map[uint64]*source.Set) string {
	root := path.Dir(o.File.Name)
	for _, b := range builds {
		if root == b.Root || walk.Inside(b.Root, root) || root == s.Root {
			return o.File.Name
		}
	}
	return root
}

// nearestRoot is the deepest of some roots that holds a file, "" for none.
func nearestRoot(file, top string, roots map[string]bool) string {
	for root := file; ; root = path.Dir(root) {
		switch {
		case roots[root]:
			return root
		case root == path.Dir(root) || root == top:
			return ""
		}
	}
}

// objectID is what two versions of one object have in common.
type objectID struct{ group, kind, namespace, name string }

func objectIDOf(o *source.Object) objectID { return objectID{o.Group(), o.Kind, o.Namespace, o.Name} }

// version is the content of an object.
type version struct {
	hash   uint64
	object *source.Object
}

func (a objectID) compare(b objectID) int {
	return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.namespace, b.namespace), strings.Compare(a.name, b.name), strings.Compare(a.group, b.group))
}

// versionsOf returns the objects of which two versions never meet. Of several
// objects of one name the first counts.
func versionsOf(objects []*source.Object) map[objectID]version {
	out := make(map[objectID]version)
	for _, o := range objects {
		if !IsVersioned(o.Kind) || o.Name == "" || o.Namespace == "" || diagnose.HasPlaceholder([]byte(o.Namespace+o.Name)) {
			continue
		}
		if _, twice := out[objectIDOf(o)]; !twice {
			out[objectIDOf(o)] = version{yaml.Hash(o.Root), o}
		}
	}
	return out
}

// IsVersioned reports whether two versions of such an object make their directories
// alternatives. A ServiceAccount or ConfigMap that was copied does not: a stray
// duplicate must not tear a tree apart.
func IsVersioned(kind string) bool {
	switch kind {
	case "Deployment", "StatefulSet", "DaemonSet", "Pod", "Job", "CronJob", "ReplicaSet", "ReplicationController",
		"Service", "NetworkPolicy", "PeerAuthentication", "AuthorizationPolicy", "DestinationRule",
		"VirtualService", "Gateway":
		return true
	}
	return false
}
