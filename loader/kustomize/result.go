package kustomize

import (
	"context"
	"maps"
	"slices"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
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
	out := Root{Dir: b.dir, Failed: b.failed}
	if b.failed != "" {
		return out
	}
	out.Objects = b.objects
	for _, k := range b.closure() {
		out.Dirs = append(out.Dirs, k.dir)
		out.Files = append(out.Files, slices.Sorted(maps.Keys(k.uses))...)
		out.Gaps = append(out.Gaps, k.gaps...)
		for i := range k.missing {
			l := &k.missing[i]
			out.Gaps = append(out.Gaps, source.Gap{Kind: l.kind, File: k.file.Name, Reason: l.String()})
		}
	}
	return out
}
