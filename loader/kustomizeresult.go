package loader

import (
	"context"
	"maps"
	"slices"
)

// Build is what building the kustomizations of a tree gave.
type Build struct {
	Roots []Root
	// Used are the files that some kustomization reads as anything but a
	// resource: patches, configurations, what generators put into ConfigMaps.
	Used map[string]bool
}

// Root is a kustomization that no other includes.
type Root struct {
	Dir     string
	Failed  string // why it was not built; "" if it was, and the rest holds
	Objects []*Object
	Gaps    []Gap    // what the build lacked
	Dirs    []string // of the kustomizations that it takes in, its own included
	Files   []string // that these read
}

// build builds the kustomizations that no other includes. manifests are the
// readings of kustomization files; readings those of all files.
func build(ctx context.Context, rd *reader, lookup *lookup, manifests, readings []*reading) Build {
	kz := newKustomizer(ctx, rd, lookup, manifests, readings)
	out := Build{Used: make(map[string]bool)}
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
			delete(out.Used, r.file.Name)
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
			out.Gaps = append(out.Gaps, Gap{Kind: l.kind, File: k.file.Name, Reason: l.String()})
		}
	}
	return out
}
