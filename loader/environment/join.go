package environment

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
)

// mostEnvironments limits how often the sources of a tree are audited together.
const mostEnvironments = 16

// joining finds which sources never meet.
type joining struct {
	sources []*applied
	opts    *Options
	apart   []map[int]string // by source, each other that it never meets, and why
	group   []int            // sources that are alternatives, directly or by others, share a number
	labels  []label
	part    []bool // by source, whether it is a small part of another one
}

// label is what alternatives of different groups pair by.
type label struct {
	key  string // dev, staging, prod, or the directory that tells it from the others
	rank int    // which of several is taken where none has a partner; the smallest
	size int    // and then the one with the most objects
}

func (l label) compare(o label) int {
	return cmp.Or(cmp.Compare(l.rank, o.rank), cmp.Compare(o.size, l.size), strings.Compare(l.key, o.key))
}

func newJoining(sources []*applied, opts *Options) *joining {
	j := &joining{
		sources: sources, opts: opts, apart: make([]map[int]string, len(sources)),
		group: make([]int, len(sources)), labels: make([]label, len(sources)), part: make([]bool, len(sources)),
	}
	for i := range sources {
		j.group[i] = i
	}
	j.byBase()
	j.byVersion()
	j.withRoot()
	j.byDestination()
	j.byComment(opts.Comments)
	j.name()
	j.findParts()
	return j
}

// byVersion keeps sources apart that hold two versions of one object.
func (j *joining) byVersion() {
	holders := make(map[objectID][]held)
	for i, a := range j.sources {
		for id, v := range versionsOf(a.named) {
			holders[id] = append(holders[id], held{i, v})
		}
	}
	ids := make([]objectID, 0, len(holders))
	for id, list := range holders {
		if len(list) > 1 {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, objectID.compare)
	for _, id := range ids {
		why := fmt.Sprintf("has another version of %s `%s/%s`", id.kind, id.namespace, id.name)
		for n, a := range holders[id] {
			j.contradict(a, holders[id][:n], why)
		}
	}
}

// held is an object of a source.
type held struct {
	source int
	version
}

// contradict keeps the source of an object apart from those of its other versions.
func (j *joining) contradict(a held, others []held, why string) {
	for _, b := range others {
		if a.hash != b.hash {
			j.keepApart(a.source, b.source, why)
		}
	}
}

// byBase keeps overlays of one base apart.
func (j *joining) byBase() {
	users := make(map[string][]int)
	var dirs []string
	for i, a := range j.sources {
		for _, dir := range a.bases {
			if users[dir] == nil {
				dirs = append(dirs, dir)
			}
			users[dir] = append(users[dir], i)
		}
	}
	slices.Sort(dirs)
	for _, dir := range dirs {
		for n, a := range users[dir] {
			for _, b := range users[dir][:n] {
				j.keepApart(a, b, "builds on "+dir+", too")
			}
		}
	}
}

// byComment leaves out the kustomizations that another one names in a comment:
// somebody decided against them, or has yet to decide for them.
func (j *joining) byComment(comments map[string][]string) {
	for i, a := range j.sources {
		for n, b := range j.sources {
			if a.set.Kind == source.KustomizeSet && b.set.Kind == source.KustomizeSet && slices.Contains(comments[a.set.Root], b.set.Root) {
				j.keepApart(i, n, "leaves it out in a comment")
				j.part[n] = true
			}
		}
	}
}

// byDestination keeps copies of a source apart that go to different namespaces.
func (j *joining) byDestination() {
	for i, a := range j.sources {
		for n, b := range j.sources[:i] {
			if a.set.Root == b.set.Root && a.set.Namespace != b.set.Namespace && a.set.Namespace != "" && b.set.Namespace != "" {
				j.keepApart(i, n, "is applied to another namespace")
			}
		}
	}
}

// withRoot keeps files that lie beside a kustomization from meeting what that
// never meets: they are for its objects.
func (j *joining) withRoot() {
	for i, beside := range j.sources {
		if beside.set.Kind != source.BesideSet {
			continue
		}
		root := slices.IndexFunc(j.sources, func(a *applied) bool {
			return a.set.Kind == source.KustomizeSet && a.set.Root == beside.set.Root
		})
		if root >= 0 {
			j.follow(i, root)
		}
	}
}

// follow keeps a source from meeting what another one never meets.
func (j *joining) follow(i, root int) {
	for other := range j.sources {
		if why := j.apart[root][other]; why != "" && j.sources[other].set.Kind != source.VariantSet {
			j.keepApart(i, other, why)
		}
	}
}

func (j *joining) keepApart(a, b int, why string) {
	if a == b || j.apart[a][b] != "" {
		return
	}
	for _, pair := range [][2]int{{a, b}, {b, a}} {
		if j.apart[pair[0]] == nil {
			j.apart[pair[0]] = make(map[int]string)
		}
		j.apart[pair[0]][pair[1]] = why
	}
	from, to := max(j.group[a], j.group[b]), min(j.group[a], j.group[b])
	for i := range j.group {
		if j.group[i] == from {
			j.group[i] = to
		}
	}
}

// stages are the names that environments commonly have, each with its short
// forms, the one first that is taken where nothing else decides.
var stages = [][]string{ //nolint:gochecknoglobals // a table
	{"prod", "production", "prd", "live"},
	{"staging", "stage", "stg", "preprod"},
	{"uat"},
	{"qa"},
	{"test", "testing"},
	{"dev", "development", "devel"},
	{"local", "minikube", "kind"},
	{"demo"},
}

// name labels each source that has alternatives.
func (j *joining) name() {
	members := make(map[int][]int)
	for i := range j.sources {
		members[j.group[i]] = append(members[j.group[i]], i)
	}
	for _, group := range members {
		if len(group) < 2 {
			continue
		}
		common := path.Dir(j.sources[group[0]].set.Root)
		for _, i := range group {
			common = commonDir(common, j.sources[i].set.Root)
		}
		j.nameGroup(group, common)
	}
}

func (j *joining) nameGroup(group []int, common string) {
	used := make(map[string]int)
	for _, i := range group {
		set := j.sources[i].set
		l := labelOf(path.Join(set.Root, strings.ReplaceAll(set.Namespace, "-", "/")), common)
		if set.Namespace != "" && l.rank >= len(stages) {
			l.key = set.Namespace
		}
		l.size = len(set.Objects)
		used[l.key]++
		j.labels[i] = l
	}
	for _, i := range group {
		if l := &j.labels[i]; used[l.key] > 1 && l.rank >= len(stages) && j.sources[i].set.Namespace == "" {
			l.key = wayBelow(j.sources[i].set.Root, common)
		}
	}
}

// wayBelow is the way from a directory to another one below it.
func wayBelow(root, common string) string {
	if common != "." {
		root = strings.Trim(strings.TrimPrefix(root, common), "/")
	}
	steps := strings.Split(root, "/")
	for len(steps) > 1 && isCollection(steps[0]) {
		steps = steps[1:]
	}
	return strings.Join(steps, "/")
}

// isCollection recognises directories that hold alternatives.
func isCollection(step string) bool {
	return slices.Contains([]string{"overlays", "overlay", "environments", "environment", "envs", "env", "variants", "installs", "clusters", "tests", "config"}, step)
}

func labelOf(root, common string) label {
	steps := strings.Split(root, "/")
	for _, step := range slices.Backward(steps) {
		for rank, names := range stages {
			if slices.Contains(names, strings.ToLower(step)) {
				return label{key: names[0], rank: rank}
			}
		}
	}
	rest, _, _ := strings.Cut(wayBelow(root, common), "/")
	if rest == "" {
		rest = path.Base(root)
	}
	rank := len(stages)
	if isArchive(root) {
		rank++
	}
	return label{key: rest, rank: rank}
}

// isArchive recognises copies that somebody kept.
func isArchive(root string) bool {
	for step := range strings.SplitSeq(strings.ToLower(root), "/") {
		for _, word := range []string{"backup", "bak", "old", "archive", "archived", "deprecated", "legacy", "obsolete"} {
			if step == word || strings.HasPrefix(step, word+"-") || strings.HasSuffix(step, "-"+word) ||
				strings.HasPrefix(step, word+"_") || strings.HasSuffix(step, "_"+word) || strings.HasSuffix(step, "."+word) {
				return true
			}
		}
	}
	return false
}

// environments joins what meets. Every source is part of at least one of them,
// as far as their number is bounded.
func (j *joining) environments() []*source.Environment {
	var out []*source.Environment
	taken := make(map[string]bool)
	covered := make([]bool, len(j.sources))
	add := func(name string, first []int) {
		chosen := j.fill(first)
		key := fmt.Sprint(chosen)
		if taken[key] || len(out) >= mostEnvironments {
			return
		}
		taken[key] = true
		for _, i := range chosen {
			covered[i] = true
		}
		out = append(out, j.environment(name, chosen))
	}
	for _, root := range slices.Backward(j.opts.Roots) {
		add(root, j.below(root))
	}
	for _, key := range j.keys() {
		first := j.labelled(key)
		if len(j.opts.Roots) == 0 || slices.ContainsFunc(first, func(i int) bool { return !covered[i] }) {
			add(key, first)
		}
	}
	if len(out) == 0 {
		add(source.Everything, nil)
	}
	for i := range j.sources {
		switch {
		case covered[i]:
		case len(out) < mostEnvironments && !j.collected(i): // a group may have two of one label
			add(j.sources[i].set.Root, []int{i})
		default:
			out = append(out, j.environment(j.sources[i].set.Root, []int{i}))
		}
	}
	uniqueNames(out)
	return out
}

func uniqueNames(environments []*source.Environment) {
	seen := make(map[string]int)
	for _, e := range environments {
		seen[e.Name]++
		if n := seen[e.Name]; n > 1 {
			e.Name = fmt.Sprintf("%s-%d", e.Name, n)
		}
	}
}

// alternative reports a source that some other takes the place of.
func (j *joining) alternative(i int) bool { return len(j.apart[i]) > 0 }

// findParts finds sources that install a small part of what an alternative
// installs whole, such as one component of a platform, or an older copy of it:
// what else the tree holds is applied with the whole.
func (j *joining) findParts() {
	held := make([]map[objectID]version, len(j.sources))
	for i, a := range j.sources {
		held[i] = versionsOf(a.named)
	}
	const share, times = 0.75, 3
	for i := range j.sources {
		for other := range j.apart[i] {
			if len(held[i]) == 0 || len(held[other]) < times*len(held[i]) || j.labels[i].rank < len(stages) {
				continue
			}
			same := len(slices.DeleteFunc(slices.Collect(maps.Keys(held[i])), func(id objectID) bool {
				_, ok := held[other][id]
				return !ok
			}))
			j.part[i] = j.part[i] || float64(same) >= share*float64(len(held[i]))
		}
	}
}

// collected reports a part of something, or one of many versions of something, as test data and
// collections of examples have them: each of them stands alone.
func (j *joining) collected(i int) bool {
	if j.part[i] {
		return true
	}
	const many = 8
	n := 0
	for k, group := range j.group {
		if group != j.group[i] {
			continue
		}
		if !isPlain(j.sources[k].set) || j.labels[k].rank < len(stages) {
			return false
		}
		n++
	}
	return n > many
}

// below returns the sources of a directory that the user declares to be one.
func (j *joining) below(root string) []int {
	var out []int
	for i, a := range j.sources {
		if a.set.Root == root || root == "." || walk.Inside(a.set.Root, root) {
			out = append(out, i)
		}
	}
	return out
}

// keys are the labels of alternatives, those first that are taken first.
func (j *joining) keys() []string {
	first := make(map[string]label)
	for i, l := range j.labels {
		if have, known := first[l.key]; j.alternative(i) && !j.collected(i) && (!known || l.compare(have) < 0) {
			first[l.key] = l
		}
	}
	out := make([]string, 0, len(first))
	for key := range first {
		out = append(out, key)
	}
	slices.SortFunc(out, func(a, b string) int { return first[a].compare(first[b]) })
	return out
}

func (j *joining) labelled(key string) []int {
	var out []int
	for i, l := range j.labels {
		if j.alternative(i) && l.key == key && j.fits(out, i) {
			out = append(out, i)
		}
	}
	return out
}

func (j *joining) fits(chosen []int, i int) bool {
	return !slices.ContainsFunc(chosen, func(c int) bool { return j.apart[i][c] != "" })
}

// fill adds every source that meets those which are chosen. Of a group of
// alternatives that has no partner among them, it is the first by rank.
func (j *joining) fill(first []int) []int {
	chosen := slices.Clone(first)
	decided := make(map[int]bool)
	for _, i := range first {
		decided[j.group[i]] = true
	}
	rest := make([]int, 0, len(j.sources))
	for i := range j.sources {
		settled := decided[j.group[i]] && j.alternative(i)
		if !settled && !slices.Contains(first, i) && !j.collected(i) {
			rest = append(rest, i)
		}
	}
	slices.SortStableFunc(rest, func(a, b int) int { return j.labels[a].compare(j.labels[b]) })
	for _, i := range rest {
		if j.fits(chosen, i) {
			chosen = append(chosen, i)
		}
	}
	slices.Sort(chosen)
	return chosen
}

func (j *joining) environment(name string, chosen []int) *source.Environment {
	e := &source.Environment{Name: name}
	for i, a := range j.sources {
		if slices.Contains(chosen, i) {
			e.Sets = append(e.Sets, a.set)
			continue
		}
		for _, c := range chosen {
			if why := j.apart[i][c]; why != "" {
				e.Out = append(e.Out, source.Apart{Set: a.set, Reason: j.sources[c].set.Root + " " + why})
				break
			}
		}
	}
	return e
}
