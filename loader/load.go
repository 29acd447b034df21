package loader

import (
	"cmp"
	"context"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// DefaultMaxFileSize is the size above which a file is refused unread.
const DefaultMaxFileSize = 32 << 20

// Options say what to read.
type Options struct {
	Paths       []string  // files, directories or "-"; default "."
	Stdin       io.Reader // read when a path is "-"
	Exclude     []string  // doublestar globs, matched against the name relative to the working directory and to its root
	NoGitignore bool
	SetRoots    []string // directories whose files form one set each, whatever lies in them
	NoKustomize bool     // audit the files of kustomizations as they stand
	Namespace   string   // given to namespaced-looking objects that name none; "" leaves them without
	MaxFileSize int64    // bytes; 0 is DefaultMaxFileSize
	Workers     int      // parallel readers; 0 is GOMAXPROCS

	HelmOff    bool     // charts are recognised and not rendered
	HelmValues []string // values files for every chart, later ones win
	HelmSet    []string // key=value, as for `helm --set`
}

// Load reads the trees. Its error is one that stops the audit (a path that
// does not exist or cannot be read); bad content becomes a Problem.
func Load(ctx context.Context, opts Options) (*Tree, error) {
	wanted := walkOptions{Paths: opts.Paths, Exclude: opts.Exclude, NoGitignore: opts.NoGitignore}
	entries, err := walk(ctx, wanted)
	if err != nil {
		return nil, err
	}
	rd := &reader{
		stdin: opts.Stdin, most: opts.MaxFileSize, namespace: opts.Namespace,
		charts: newCharts(),
	}
	if rd.most <= 0 {
		rd.most = DefaultMaxFileSize
	}
	given, err := newGivenRoots(opts.SetRoots, entries)
	if err != nil {
		return nil, err
	}
	readings := rd.readAll(ctx, entries, opts.Workers)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var built Build
	if roots := kustomizationsOf(readings, given); len(roots) > 0 && !opts.NoKustomize {
		built = build(ctx, rd, newLookup(wanted, entries), roots, readings)
	}
	rendered, err := render(rd, helmOptions{
		Off: opts.HelmOff, Values: opts.HelmValues, Set: opts.HelmSet, Namespace: opts.Namespace, Workers: opts.Workers,
	}, entries, readings)
	if err != nil {
		return nil, err
	}
	tree := assemble(readings, newGrouping(readings, entries, rd.charts, rendered.Apart, given), built)
	for _, set := range tree.Sets {
		if set.Kind == ChartSet {
			set.Chart = rendered.Charts[set.Root]
		}
	}
	return tree, nil
}

// readAll reads every entry; the result is in the order of the entries.
func (rd *reader) readAll(ctx context.Context, entries []entry, workers int) []*reading {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	out := make([]*reading, len(entries))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, len(entries)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(entries) {
					return
				}
				out[i] = rd.read(entries[i])
			}
		})
	}
	wg.Wait()
	return out
}

// assemble groups what the files gave into a tree.
func assemble(readings []*reading, g *grouping, built Build) *Tree {
	t := &Tree{}
	g.adopt(built)
	for i, r := range readings {
		g.dropPatches(r)
		if !r.unread {
			t.Files = append(t.Files, r.file)
		}
		t.Documents += r.documents
		set := g.setOf(i)
		if g.consumed[r.file.Name] == nil {
			set.Objects = append(set.Objects, r.objects...)
			set.Gaps = append(set.Gaps, r.gaps...)
		}
		for _, p := range r.problems {
			p.Set = set
			t.Problems = append(t.Problems, p)
		}
		t.Skipped = append(t.Skipped, r.skips...)
	}
	t.Sets = g.finish(t.Problems)
	slices.SortStableFunc(t.Problems, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Span.File.Name, b.Span.File.Name),
			cmp.Compare(a.Span.Start.Line, b.Span.Start.Line), cmp.Compare(a.Span.Start.Col, b.Span.Start.Col))
	})
	slices.SortStableFunc(t.Skipped, func(a, b Skip) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return t
}
