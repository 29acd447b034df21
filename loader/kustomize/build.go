package kustomize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/openapi"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
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

// buildAll builds every root.
func (kz *kustomizer) buildAll(ctx context.Context) []*built {
	var out []*built
	for _, k := range kz.roots() {
		b := &built{kustomization: k}
		out = append(out, b)
		switch {
		case ctx.Err() != nil:
			return out
		case k.component:
			b.failed = source.UnincludedReason
		case k.broken != nil:
			b.failed = k.broken.String()
		case k.empty && len(k.missing) > 0:
			b.failed = k.missing[0].String()
		default:
			b.build(kz)
		}
	}
	return out
}

func (b *built) build(kz *kustomizer) {
	resources, err := kz.run(b.id)
	if err != nil {
		b.failed = "kustomize: " + cleanError(err, kz)
		return
	}
	for _, r := range resources.Resources() {
		if o := kz.object(b.kustomization, yaml.FromKyaml(r.YNode())); o != nil && !b.withholds(o) {
			b.objects = append(b.objects, o)
		}
	}
}

// withholds reports whether a patch that is not there would change an object.
func (b *built) withholds(o *source.Object) bool {
	at, ok := o.Places.(*placing)
	return ok && slices.ContainsFunc(b.closure(), func(k *kustomization) bool {
		return slices.ContainsFunc(k.withheld, func(p *patch) bool { return p.isFor(at, o, nil) })
	})
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

// pointer is how the library prints a value of its own, with an address that
// differs from run to run ("merging from generator &{0xc0001 <nil>}: …").
var pointer = regexp.MustCompile(` ?&\{0x[0-9a-f]+[^}]*\}`)

// cleanError writes an error of the library with the names that files have in
// the tree, and without what differs from run to run.
func cleanError(err error, kz *kustomizer) string {
	text := strings.ReplaceAll(err.Error(), `\"`, `"`)
	for _, prefix := range []string{"for path '", "of path '"} { // of nested errors, the innermost
		if i := strings.LastIndex(text, prefix); i >= 0 {
			text = strings.Replace(text[i+len(prefix):], "'", "", 1)
		}
	}
	text = pointer.ReplaceAllString(text, "")
	for _, k := range slices.Backward(kz.order) { // /k12 before /k1
		text = strings.ReplaceAll(text, k.id, k.dir)
	}
	const most = 200
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return diagnose.Printable(strings.Join(strings.Fields(text), " "))
}
