package kustomize

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
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
	// Unbuilt is what the builds lacked, whatever root includes it.
	Unbuilt []source.Unbuilt
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
		if b.refusal != "" {
			out.Unbuilt = append(out.Unbuilt, b.unbuilt(b.file.Span(b.root), "kustomize: "+b.refusal))
		}
	}
	for _, k := range kz.order {
		out.Unbuilt = append(out.Unbuilt, k.unbuilts()...)
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
	if b.failed == "" {
		out.Objects, out.Gaps = b.objects, slices.Clone(b.beyond)
	}
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
		for _, l := range k.missing {
			out.Gaps = append(out.Gaps, l.gaps()...)
		}
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

// unbuilts are what a kustomization was built without, or why it was not. What
// is missing for one reason is one, however much it is.
func (k *kustomization) unbuilts() []source.Unbuilt {
	var out []source.Unbuilt
	if l := k.broken; l != nil && l.in == k && k.root != nil && k.root.Kind == yaml.Map {
		out = append(out, k.unbuilt(l.at, l.what+" `"+diagnose.Printable(l.name)+"` "+l.reason))
	}
	type why struct {
		what, reason string
		cause        source.Cause
	}
	var order []why
	alike := make(map[why][]*lack)
	for _, l := range k.missing {
		w := why{l.what, l.reason, l.cause}
		switch {
		case l.follows:
			w.cause = source.Follows
		case l.cause == source.Refused:
			w = why{cause: l.cause}
		}
		if alike[w] == nil {
			order = append(order, w)
		}
		alike[w] = append(alike[w], l)
	}
	for _, w := range order {
		out = append(out, k.without(alike[w], w.cause))
	}
	return out
}

// without writes in one sentence what was left out for one reason.
func (k *kustomization) without(lacks []*lack, cause source.Cause) source.Unbuilt {
	const most = 8
	first := lacks[0]
	var names []string
	for _, l := range lacks {
		name := "`" + diagnose.Printable(l.name) + "`"
		if l.what != first.what {
			name = l.what + " " + name
		}
		if !slices.Contains(names, name) { // a patch may be for several
			names = append(names, name)
		}
	}
	more := len(names) - most
	if more > 0 {
		names = append(names[:most], fmt.Sprintf("%d more", more))
	}
	text := first.what + " " + names[0]
	if n := len(names) - 1; n > 0 {
		text = first.what + " " + strings.Join(names[:n], ", ") + " and " + names[n]
	}
	return source.Unbuilt{
		Cause: cause, Whole: k.empty, Span: first.at, Help: helpFor(cause, k.dir),
		Message: fmt.Sprintf("`%s` is built without %s, which %s", diagnose.Printable(k.dir), text, first.saidOf(len(names))),
	}
}

func (k *kustomization) unbuilt(at yaml.Span, why string) source.Unbuilt {
	return source.Unbuilt{
		Cause: source.Broken, Whole: true, Span: at, Help: helpFor(source.Broken, k.dir),
		Message: "`" + diagnose.Printable(k.dir) + "` is not built: " + why,
	}
}

func helpFor(cause source.Cause, dir string) string {
	dir = diagnose.Printable(dir)
	if cause == source.Broken {
		return "repair it until `kustomize build " + dir + "` succeeds"
	}
	return "pipe `kustomize build " + dir + "` into `aisec-lint -` where everything is at hand"
}
