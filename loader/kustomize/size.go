package kustomize

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// buildSize is what a build costs, every inclusion counted.
type buildSize struct {
	objects, bytes, work int
	copies               int // of values into themselves, each of which may double an object
	references           int // $(VAR) in objects
	longest              int // bytes of an object
}

// Limits of a build. A kustomization may include another twice, which may
// include a third twice: what is small to write is then large to build.
const (
	mostObjects = 20_000
	mostBytes   = 128 << 20
	mostWork    = 1 << 30 // objects × bytes of the patches that may apply to them
	mostCopies  = 10
	mostNesting = 64
)

// weigh adds up what the build costs and refuses what costs too much.
func (k *kustomization) weigh() {
	own := k.size.bytes
	for _, b := range k.bases {
		k.size.objects += b.size.objects
		k.size.bytes += b.size.bytes
		k.size.work += b.size.work
		k.size.copies += b.size.copies
		k.size.references += b.size.references
		k.size.longest = max(k.size.longest, b.size.longest)
	}
	k.size.work += k.size.objects * own
	k.size.copies += selfReplacements(k.root.Get("replacements").List())
	swollen := 0
	if len(k.root.Get("vars").List()) > 0 {
		swollen = k.size.references * k.size.longest
	}
	if k.size.objects > mostObjects || k.size.bytes > mostBytes || k.size.work > mostWork ||
		k.size.copies > mostCopies || swollen > mostWork {
		k.fail(k.root, "kustomization", k.dir, fmt.Sprintf("is too large to build: %d objects", k.size.objects))
		k.size = buildSize{}
	}
}

// weighObjects counts objects that are written as text.
func (k *kustomization) weighObjects(n int, text []byte) {
	k.size.objects += n
	k.size.bytes += len(text)
	k.size.references += bytes.Count(text, []byte("$("))
	k.size.longest = max(k.size.longest, len(text))
}

// copyOperations counts the operations of a JSON patch that copy a value.
func copyOperations(docs []*yaml.Node) int {
	n := 0
	for _, doc := range docs {
		for _, op := range doc.List() {
			if op.Get("op").ScalarText() == "copy" {
				n++
			}
		}
	}
	return n
}

// selfReplacements counts the targets that lie within a source.
func selfReplacements(list []*yaml.Node) int {
	sources := make(map[string]bool)
	for _, r := range list {
		if path := r.Get("source").Get("fieldPath").ScalarText(); path != "" {
			sources[path] = true
		}
	}
	n := 0
	for _, r := range list {
		for _, target := range r.Get("targets").List() {
			for _, path := range target.Get("fieldPaths").List() {
				if within(path.ScalarText(), sources) {
					n++
				}
			}
		}
	}
	return n
}

func within(path string, sources map[string]bool) bool {
	for i := strings.LastIndexByte(path, '.'); i >= 0; i = strings.LastIndexByte(path, '.') {
		if path = path[:i]; sources[path] {
			return true
		}
	}
	return false
}
