package kustomize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/openapi"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// buildTimeout stops waiting for a build that does not end although the limits of
// its size (weigh) let it through. The library can be neither stopped nor asked
// how far it is, so this one limit is a time, and a generous one: what the other
// limits let through takes seconds, and a slow machine must not fail.
const buildTimeout = 5 * time.Minute

// building keeps builds apart: the library has one schema for all, and prints.
// It is a channel and no mutex, because a build may never end.
var building = make(chan struct{}, 1) //nolint:gochecknoglobals // it guards what the library keeps globally

// buildAll builds every root, and what stands in for those that could not be
// built as they are.
func (kz *kustomizer) buildAll(ctx context.Context) []*built {
	kz.fillIn()
	var out []*built
	for _, k := range kz.roots() {
		if ctx.Err() != nil {
			return out
		}
		out = append(out, kz.buildRoot(k))
	}
	return append(out, kz.buildBases(ctx, out)...)
}

func (kz *kustomizer) buildRoot(k *kustomization) *built {
	b := &built{kustomization: k}
	switch {
	case k.component:
		b.failed = source.UnincludedReason
	case k.broken != nil:
		b.failed = k.broken.String()
	case k.isHollow() && len(k.missing) > 0:
		b.failed = k.missing[0].String()
	default:
		b.build(kz)
	}
	return b
}

// isHollow reports that nothing would come of a build: all that is there is
// generators without their files.
func (k *kustomization) isHollow() bool {
	return !slices.ContainsFunc(k.entries, func(e entry) bool {
		return e.field != "apiVersion" && e.field != "kind" && !slices.ContainsFunc(k.generators, func(g *generated) bool { return g.item == e.from && g.incomplete })
	})
}

// buildBases builds the bases of what was not built, or of what lacks a patch
// of which nobody knows what it is for: before the overlay changes them they
// are what they say. Of what the overlay adds to them nothing is denied.
func (kz *kustomizer) buildBases(ctx context.Context, roots []*built) []*built {
	var out []*built
	done := builtWhole(roots)
	for len(roots) > 0 && ctx.Err() == nil {
		overlay := roots[0]
		roots = roots[1:]
		if overlay.failed == "" && !overlay.adrift {
			continue
		}
		for _, k := range overlay.bases {
			if done[k] || k.component || k.broken != nil {
				continue
			}
			done[k] = true
			b := kz.buildRoot(k)
			b.withheldBy(overlay.kustomization)
			out, roots = append(out, b), append(roots, b)
		}
	}
	slices.SortFunc(out, func(a, b *built) int { return strings.Compare(a.dir, b.dir) })
	return out
}

// builtWhole lists the kustomizations that are part of a root of which nothing
// is missing.
func builtWhole(roots []*built) map[*kustomization]bool {
	done := make(map[*kustomization]bool)
	for _, b := range roots {
		if b.failed == "" && !b.adrift {
			for _, k := range b.closure() {
				done[k] = true
			}
		}
	}
	return done
}

// withheldBy notes the kinds of objects that an overlay adds to a base.
func (b *built) withheldBy(overlay *kustomization) {
	own := b.closure()
	for _, k := range overlay.closure() {
		if slices.Contains(own, k) {
			continue
		}
		for _, r := range k.resources {
			for _, kind := range kindsOf(r) {
				b.beyond = append(b.beyond, source.Gap{Kind: kind, File: k.file.Name, Reason: "part of `" + overlay.dir + "`, which was not built whole"})
			}
		}
	}
}

func (b *built) build(kz *kustomizer) {
	resources, err := kz.run(b.id)
	if err != nil {
		resources, err = kz.salvage(b.kustomization)
	}
	if err != nil {
		b.refusal = cleanError(err, kz)
		b.failed = "kustomize: " + b.refusal
		return
	}
	for _, r := range resources.Resources() {
		if o := kz.object(b.kustomization, yaml.FromKyaml(r.YNode())); o != nil && !b.withholds(o) {
			b.objects = append(b.objects, o)
		}
	}
}

// withholds reports whether an object is not what would be applied: one that is
// generated from a file that is not there, or a policy that a patch would
// change which is not there. A workload whose patch is missing has pods all the
// same.
func (b *built) withholds(o *source.Object) bool {
	at, ok := o.Places.(*placing)
	if !ok {
		return false
	}
	if g := at.source.generator; g != nil && g.incomplete {
		return true
	}
	return isWhole(o) && slices.ContainsFunc(b.closure(), func(k *kustomization) bool {
		return slices.ContainsFunc(k.withheld, func(p *patch) bool { return p.isFor(at, o, nil) })
	})
}

// isWhole reports an object that means nothing in part: all but those that make
// pods.
func isWhole(o *source.Object) bool {
	return o.Root.Get("spec").Get("template") == nil && o.Kind != "Pod" && o.Kind != "CronJob"
}

// The errors of a build that is not waited for.
var (
	errTooLong = fmt.Errorf("the build did not end within %s, the limit for what cannot be stopped", buildTimeout)
	errStuck   = errors.New("another build did not end")
)

// result is what a build gave.
type result struct {
	resources resmap.ResMap
	err       error
}

// run waits for a build, which knows no context, and no longer than it may take.
func (kz *kustomizer) run(dir string) (resmap.ResMap, error) {
	if kz.stuck {
		return nil, errStuck
	}
	late := time.After(buildTimeout)
	done := make(chan result, 1)
	select {
	case building <- struct{}{}:
		go func() {
			defer func() { <-building }()
			done <- kz.call(dir)
		}()
	case <-late:
		kz.stuck = true
		return nil, errTooLong
	}
	select {
	case r := <-done:
		return r.resources, r.err
	case <-late:
		kz.stuck = true
		return nil, errTooLong
	}
}

// call calls the library, which may panic.
func (kz *kustomizer) call(dir string) (r result) {
	defer func() {
		if p := recover(); p != nil {
			r = result{err: fmt.Errorf("the build failed: %v", p)}
		}
	}()
	defer silence()()
	if kz.ownSchema {
		defer openapi.ResetOpenAPI()
	}
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(kz.memory, dir)
	return result{resources, err}
}

// silence keeps the library's warnings about old fields off the standard error,
// to which it writes directly. What we print goes to a writer of its own.
func silence() (restore func()) {
	stderr, logged := os.Stderr, log.Writer() //nolint:forbidigo // the library has no option for it
	os.Stderr = nil                           //nolint:forbidigo // as above
	log.SetOutput(io.Discard)
	return func() {
		os.Stderr = stderr //nolint:forbidigo // as above
		log.SetOutput(logged)
	}
}
