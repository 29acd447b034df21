package loader

import (
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/environment"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// splitVariants takes directories out of the plain set that contradict each
// other: the same object with another content in two directories of which
// neither contains the other can never be applied together.
func splitVariants(plain *source.Set, problems []source.Problem) []*source.Set {
	marks := variantRoots(plain.Objects)
	if len(marks) == 0 {
		return []*source.Set{plain}
	}
	sets := map[string]*source.Set{"": plain}
	var order []*source.Set
	for _, dir := range sortedKeys(marks) {
		s := &source.Set{Root: dir, Kind: source.VariantSet, Gaps: []source.Gap{{File: dir, Reason: source.VariantReason + marks[dir]}}}
		sets[dir] = s
		order = append(order, s)
	}
	home := func(file string) *source.Set { return sets[nearestMark(marks, file)] }
	objects, gaps := plain.Objects, plain.Gaps
	plain.Objects, plain.Gaps = nil, nil
	for _, o := range objects {
		s := home(o.File.Name)
		s.Objects = append(s.Objects, o)
	}
	for _, gap := range gaps {
		s := home(gap.File)
		s.Gaps = append(s.Gaps, gap)
	}
	for i := range problems {
		if problems[i].Set == plain {
			problems[i].Set = home(problems[i].Span.File.Name)
		}
	}
	return append(order, plain)
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// nearestMark returns the deepest variant directory that holds a file, "" if
// none does.
func nearestMark(marks map[string]string, file string) string {
	if file == walk.Stdin {
		return ""
	}
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if _, ok := marks[dir]; ok {
			return dir
		}
		if dir == "." || dir == "/" || dir == ".." || strings.HasSuffix(dir, "/..") {
			return ""
		}
	}
}

// copyOf is one of several objects of the same identity.
type copyOf struct {
	dir  string
	hash uint64
}

// variantRoots returns each directory that is an alternative to another, with
// the first such other.
func variantRoots(objects []*source.Object) map[string]string {
	type identity struct{ group, kind, namespace, name string }
	byIdentity := make(map[identity][]*source.Object)
	for _, o := range objects {
		if environment.IsVersioned(o.Kind) && o.Name != "" {
			id := identity{o.Group(), o.Kind, o.Namespace, o.Name}
			byIdentity[id] = append(byIdentity[id], o)
		}
	}
	marks := make(map[string]string)
	for _, same := range byIdentity {
		if copies := distinctCopies(same); len(copies) > 1 {
			markConflicts(marks, copies)
		}
	}
	return marks
}

// distinctCopies returns the directories and contents of one identity, sorted
// by directory; nil if all are in one directory.
func distinctCopies(same []*source.Object) []copyOf {
	first := path.Dir(same[0].File.Name)
	if !slices.ContainsFunc(same, func(o *source.Object) bool { return path.Dir(o.File.Name) != first }) {
		return nil
	}
	copies := make([]copyOf, len(same))
	for i, o := range same {
		copies[i] = copyOf{path.Dir(o.File.Name), yaml.Hash(o.Root)}
	}
	slices.SortFunc(copies, func(a, b copyOf) int {
		if c := strings.Compare(a.dir, b.dir); c != 0 || a.hash == b.hash {
			return c
		}
		if a.hash < b.hash {
			return -1
		}
		return 1
	})
	return slices.Compact(copies)
}

// markConflicts marks the subtrees that must be told apart. With few copies all
// pairs are compared; with many each is compared with its neighbour and the
// first, which separates all but contrived cases in linear time.
func markConflicts(marks map[string]string, copies []copyOf) {
	const few = 64
	for i := range copies {
		from := 0
		if i > few {
			conflict(marks, copies[0], copies[i])
			from = i - few
		}
		for j := from; j < i; j++ {
			conflict(marks, copies[j], copies[i])
		}
	}
}

func conflict(marks map[string]string, a, b copyOf) {
	if a.hash == b.hash || a.dir == b.dir || walk.Inside(a.dir, b.dir) || walk.Inside(b.dir, a.dir) {
		return
	}
	x, y := branches(a.dir, b.dir)
	mark(marks, x, y)
	mark(marks, y, x)
}

// mark keeps the smallest name, so that the order of the objects is irrelevant.
func mark(marks map[string]string, dir, other string) {
	if have, ok := marks[dir]; !ok || other < have {
		marks[dir] = other
	}
}

// branches returns the two subtrees of the lowest common ancestor of a and b
// that hold them.
func branches(a, b string) (string, string) {
	common := 0
	for i := 0; ; i++ {
		endA, endB := i == len(a), i == len(b)
		if (endA || a[i] == '/') && (endB || b[i] == '/') && i > 0 && a[:i] == b[:i] {
			common = i + 1
		}
		if endA || endB || a[i] != b[i] {
			break
		}
	}
	return firstBranch(a, common), firstBranch(b, common)
}

func firstBranch(dir string, common int) string {
	common = min(common, len(dir))
	if i := strings.IndexByte(dir[common:], '/'); i >= 0 {
		return dir[:common+i]
	}
	return dir
}
