package loader

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/environment"
	"github.com/aisec-lint/aisec-lint/loader/helm"
	"github.com/aisec-lint/aisec-lint/loader/kustomize"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
)

// DefaultMaxFileSize is the size above which a file is refused unread.
const DefaultMaxFileSize = 32 << 20

// Options say what to read.
type Options struct {
	Paths       []string  // files, directories or "-"; default "."
	Stdin       io.Reader // read when a path is "-"
	Exclude     []string  // doublestar globs, matched against the name relative to the working directory and to its root
	NoGitignore bool
	SetRoots    []string // directories of which everything is one environment, whatever lies in them
	Environment string   // the name of the only environment to keep; "" keeps all
	NoKustomize bool     // audit the files of kustomizations as they stand
	Namespace   string   // given to namespaced-looking objects that name none; "" leaves them without
	MaxFileSize int64    // bytes; 0 is DefaultMaxFileSize
	Workers     int      // parallel readers; 0 is GOMAXPROCS

	HelmOff    bool     // charts are recognised and not rendered
	HelmValues []string // values files for every chart, later ones win
	HelmSet    []string // key=value, as for `helm --set`
	HelmAPIs   []string // further API versions of the cluster, as `helm --api-versions`
	HelmKube   string   // its version, as `helm --kube-version`; "" is one of today
}

// Load reads the trees. Its error is one that stops the audit (a path that
// does not exist or cannot be read); bad content becomes a Problem.
func Load(ctx context.Context, opts Options) (*source.Tree, error) {
	wanted := walk.Options{Paths: opts.Paths, Exclude: opts.Exclude, NoGitignore: opts.NoGitignore}
	entries, err := walk.Files(ctx, wanted)
	if err != nil {
		return nil, err
	}
	rd := &source.Reader{
		Stdin: opts.Stdin, MaxSize: opts.MaxFileSize, Namespace: opts.Namespace,
		Charts: walk.NewCharts(),
	}
	if rd.MaxSize <= 0 {
		rd.MaxSize = DefaultMaxFileSize
	}
	given, err := newGivenRoots(opts.SetRoots, entries)
	if err != nil {
		return nil, err
	}
	readings := rd.ReadAll(ctx, entries, opts.Workers)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var built kustomize.Result
	if roots := kustomizationsOf(readings); len(roots) > 0 && !opts.NoKustomize {
		built = kustomize.Build(ctx, rd, walk.NewLookup(wanted, entries), roots, readings)
	}
	rendered, err := helm.Render(rd, helm.Options{
		Off: opts.HelmOff, Values: opts.HelmValues, Set: opts.HelmSet, Namespace: opts.Namespace, Workers: opts.Workers,
		APIVersions: opts.HelmAPIs, KubeVersion: opts.HelmKube,
	}, entries, readings)
	if err != nil {
		return nil, err
	}
	tree := assemble(readings, newGrouping(readings, entries, rd.Charts, rendered.Apart), built, rendered.Unbuilt)
	for _, set := range tree.Sets {
		if set.Kind == source.ChartSet {
			set.Chart = rendered.Charts[set.Root]
		}
	}
	bases, comments := joinable(built)
	return tree, environment.Compose(tree, environment.Options{Bases: bases, Comments: comments, Roots: given, Only: opts.Environment})
}

// assemble groups what the files gave into a tree.
func assemble(readings []*source.Reading, g *grouping, built kustomize.Result, unbuilt []source.Unbuilt) *source.Tree {
	t := &source.Tree{}
	g.adopt(built)
	t.Unbuilt = slices.Concat(built.Unbuilt, unbuilt)
	for i, r := range readings {
		g.dropPatches(r)
		if !r.Unread {
			t.Files = append(t.Files, r.File)
		}
		t.Documents += r.Documents
		t.Unbuilt = append(t.Unbuilt, r.Unbuilt...)
		set := g.setOf(i)
		if g.consumed[r.File.Name] == nil {
			set.Objects = append(set.Objects, r.Objects...)
			set.Gaps = append(set.Gaps, r.Gaps...)
		}
		for _, p := range r.Problems {
			p.Set = set
			t.Problems = append(t.Problems, p)
		}
		t.Skipped = append(t.Skipped, r.Skips...)
	}
	t.Sets = g.finish(t.Problems)
	slices.SortStableFunc(t.Problems, func(a, b source.Problem) int {
		return cmp.Or(strings.Compare(a.Span.File.Name, b.Span.File.Name),
			cmp.Compare(a.Span.Start.Line, b.Span.Start.Line), cmp.Compare(a.Span.Start.Col, b.Span.Start.Col))
	})
	slices.SortStableFunc(t.Unbuilt, func(a, b source.Unbuilt) int {
		return cmp.Or(strings.Compare(a.Span.File.Name, b.Span.File.Name), cmp.Compare(a.Span.Start.Line, b.Span.Start.Line),
			cmp.Compare(a.Span.Start.Col, b.Span.Start.Col), strings.Compare(a.Message, b.Message))
	})
	slices.SortStableFunc(t.Skipped, func(a, b source.Skip) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return t
}
