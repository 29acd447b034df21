package kustomize

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Result is what building the kustomizations of a tree gave.
type Result struct {
	Roots []Root
	// Used are the files that some kustomization reads as anything but a
	// resource: patches, configurations, what generators put into ConfigMaps.
	Used map[string]bool
}

// Root is a kustomization that no other includes.
type Root struct {
	Dir     string
	Failed  string // why it was not built; "" if it was, and the rest holds
	Objects []*source.Object
	Gaps    []source.Gap // what the build lacked
	Dirs    []string     // of the kustomizations that it takes in, its own included
	Files   []string     // that these read
	// Bases are the kustomizations that it takes objects from; components, which
	// are made to be shared, are none.
	Bases []Base
	// Comments are the directories that comments name as if they were resources:
	// `# - ../network-policy`.
	Comments []string
	// Lists: it says what belongs to it, whether it could be built or not.
	Lists bool
}

// Base is a kustomization that another one includes.
type Base struct {
	Dir     string
	Objects []*source.Object // of the files that it lists
}

// Build builds the kustomizations that no other includes. manifests are the
// readings of kustomization files; readings those of all files.
func Build(ctx context.Context, rd *source.Reader, lookup *walk.Lookup, manifests, readings []*source.Reading) Result {
	kz := newKustomizer(ctx, rd, lookup, manifests, readings)
	out := Result{Used: make(map[string]bool)}
	for _, b := range kz.buildAll(ctx) {
		out.Roots = append(out.Roots, b.result())
	}
	for _, k := range kz.order {
		for name := range k.uses {
			if name != k.file.Name {
				out.Used[name] = true
			}
		}
	}
	for _, k := range kz.order {
		for _, r := range k.resources {
			delete(out.Used, r.File.Name)
		}
	}
	return out
}

func (b *built) result() Root {
	out := Root{Dir: b.dir, Failed: b.failed, Lists: !b.component && b.root != nil && b.root.Kind == yaml.Map}
	for _, k := range b.closure() {
		out.Files = append(out.Files, slices.Sorted(maps.Keys(k.uses))...)
		if b.failed != "" {
			continue
		}
		out.Dirs = append(out.Dirs, k.dir)
		out.Comments = append(out.Comments, k.comments()...)
		if k != b.kustomization && !k.component {
			out.Bases = append(out.Bases, k.base())
		}
		out.Gaps = append(out.Gaps, k.gaps...)
		for i := range k.missing {
			out.Gaps = append(out.Gaps, k.missing[i].gap())
		}
	}
	if b.failed == "" {
		out.Objects = b.objects
	}
	return out
}

func (k *kustomization) base() Base {
	out := Base{Dir: k.dir}
	for _, r := range k.resources {
		out.Objects = append(out.Objects, r.Objects...)
	}
	return out
}

func (k *kustomization) comments() []string {
	var out []string
	for line := range strings.Lines(string(k.file.Data)) {
		rest, comment := strings.CutPrefix(strings.TrimSpace(line), "#")
		ref, item := strings.CutPrefix(strings.TrimLeft(rest, "# \t"), "- ")
		if fields := strings.Fields(ref); comment && item && len(fields) > 0 {
			out = append(out, path.Join(k.dir, fields[0]))
		}
	}
	return out
}

// gap is what a lack leaves open. What is fetched from elsewhere is somebody
// else's software, unless its name tells that it is about connections.
func (l *lack) gap() source.Gap {
	g := source.Gap{Kind: l.kind, File: l.at.File.Name, Reason: l.String()}
	if g.Kind == "" {
		g.Kind = source.MissingKind(path.Join(path.Dir(g.File), l.name))
	}
	remote := (l.reason == lackRemote || l.reason == lackChart) && !source.DecidesConnections(l.name)
	g.Foreign = g.Kind == "" && (remote || l.reason == lackTarget)
	return g
}
