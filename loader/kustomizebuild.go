package loader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// buildTimeout stops waiting for a build that the limits of its size let
// through and that does not end all the same.
const buildTimeout = 20 * time.Second

// building keeps builds apart: the library has one schema for all, and prints.
var building sync.Mutex //nolint:gochecknoglobals // it guards what the library keeps globally

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
			b.failed = "component that no kustomization of the tree includes"
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
		if o := kz.object(b.kustomization, r.YNode()); o != nil && !b.withholds(o) {
			b.objects = append(b.objects, o)
		}
	}
}

// withholds reports whether a patch that is not there would change an object.
func (b *built) withholds(o *Object) bool {
	at, ok := o.places.(*placing)
	return ok && slices.ContainsFunc(b.closure(), func(k *kustomization) bool {
		return slices.ContainsFunc(k.withheld, func(p *patch) bool { return p.isFor(at, o, nil) })
	})
}

var errTooLong = errors.New("the build takes too long")

// run calls the library, which knows no context and may panic.
func (kz *kustomizer) run(dir string) (resmap.ResMap, error) {
	type result struct {
		resources resmap.ResMap
		err       error
	}
	done := make(chan result, 1)
	building.Lock()
	go func() {
		defer building.Unlock()
		defer func() {
			if p := recover(); p != nil {
				done <- result{nil, fmt.Errorf("the build failed: %v", p)}
			}
		}()
		defer silence()()
		if kz.ownSchema {
			defer openapi.ResetOpenAPI()
		}
		resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(kz.memory, dir)
		done <- result{resources, err}
	}()
	select {
	case r := <-done:
		return r.resources, r.err
	case <-time.After(buildTimeout):
		return nil, errTooLong
	}
}

// silence keeps the library's warnings about old fields off the standard error,
// to which it writes directly. What we print goes to a writer of its own.
func silence() (restore func()) {
	stderr, logged := os.Stderr, log.Writer() //nolint:forbidigo // the library asks nobody
	os.Stderr = nil                           //nolint:forbidigo // as above
	log.SetOutput(io.Discard)
	return func() {
		os.Stderr = stderr //nolint:forbidigo // as above
		log.SetOutput(logged)
	}
}

// cleanError writes an error of the library with the names that files have in
// the tree.
func cleanError(err error, kz *kustomizer) string {
	text := strings.ReplaceAll(err.Error(), `\"`, `"`)
	for _, prefix := range []string{"for path '", "of path '"} { // of nested errors, the innermost
		if i := strings.LastIndex(text, prefix); i >= 0 {
			text = strings.Replace(text[i+len(prefix):], "'", "", 1)
		}
	}
	for i := len(kz.order) - 1; i >= 0; i-- {
		k := kz.order[i]
		text = strings.ReplaceAll(text, k.id, k.dir)
	}
	const most = 200
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return printable(strings.Join(strings.Fields(text), " "))
}

// object makes an Object of what was built.
func (kz *kustomizer) object(root *kustomization, y *yaml.Node) *Object {
	n := fromParser(y, 0)
	if n == nil || n.Kind != Map {
		return nil
	}
	meta := n.Get("metadata")
	o := &Object{File: root.file, Root: n, Ref: Ref{
		APIVersion: scalarText(n.Get("apiVersion")), Kind: scalarText(n.Get("kind")),
		Name: objectName(meta), Namespace: scalarText(meta.Get("namespace")),
	}}
	at := &placing{root: root, source: kz.sourceOf(o)}
	o.places = at
	unmark(meta)
	if src := at.source.object; src != nil {
		restyle(n, src.Root)
		o.File, o.Path, o.Duplicates = src.File, src.Path, src.Duplicates
		n.Pos = src.Root.Pos
	} else if g := at.source.generator; g != nil {
		o.File, n.Pos = at.source.in.file, g.Pos
	}
	switch {
	case clusterScoped(o.Kind):
		o.Namespace = ""
	case o.Namespace == "":
		o.Namespace = kz.namespace
	}
	return o
}

// sourceOf reads the mark of a built object. A patch may have taken the
// annotations away; then the root stands for it.
func (kz *kustomizer) sourceOf(o *Object) source {
	mark := scalarText(o.Root.Get("metadata").Get("annotations").Get(sourceKey))
	i, err := strconv.Atoi(mark)
	if err != nil || i < 0 || i >= len(kz.sources) {
		return source{}
	}
	return kz.sources[i]
}

// unmark takes the mark away, and the annotations if there were none.
func unmark(meta *Node) {
	for i := range meta.fields() {
		annotations := &meta.Fields[i]
		if annotations.Key.Text != "annotations" {
			continue
		}
		for j := range annotations.Value.fields() {
			if annotations.Value.Fields[j].Key.Text == sourceKey {
				annotations.Value.Fields = append(annotations.Value.Fields[:j], annotations.Value.Fields[j+1:]...)
				break
			}
		}
		if annotations.Value.Kind == Map && len(annotations.Value.Fields) == 0 {
			meta.Fields = append(meta.Fields[:i], meta.Fields[i+1:]...)
		}
		return
	}
}

// restyle gives collections the style that they have in the document: all were
// written in braces for the library, and braces may be meant as a placeholder.
func restyle(n, src *Node) {
	for _, f := range n.fields() {
		restyle(f.Value, src.Get(f.Key.Text))
	}
	for i, item := range n.List() {
		restyle(item, child(src, i))
	}
	if n.Kind >= Map {
		n.Style = Plain
		if src != nil && src.Kind == n.Kind {
			n.Style = src.Style
		}
	}
}

// fromParser turns what the library made into nodes without a place.
func fromParser(y *yaml.Node, depth int) *Node {
	n := &Node{Style: style(y.Style)}
	if depth > maxDepth {
		return n
	}
	switch y.Kind {
	case yaml.DocumentNode:
		if len(y.Content) == 0 {
			return nil
		}
		return fromParser(y.Content[0], depth+1)
	case yaml.AliasNode:
		return fromParser(y.Alias, depth+1)
	case yaml.MappingNode:
		n.Kind = Map
		n.Fields = make([]Field, 0, len(y.Content)/2)
		for i := 0; i+1 < len(y.Content); i += 2 {
			n.Fields = append(n.Fields, Field{Key: fromParser(y.Content[i], depth+1), Value: fromParser(y.Content[i+1], depth+1)})
		}
	case yaml.SequenceNode:
		n.Kind = List
		for _, item := range y.Content {
			n.Items = append(n.Items, fromParser(item, depth+1))
		}
	default:
		n.Text = y.Value
		// A text that was set to look like a boolean stays a text: it is quoted when it is printed.
		n.Kind = scalarKind(y.ShortTag(), y.Value, DoubleQuoted)
	}
	return n
}
