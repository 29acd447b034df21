package kustomize

import (
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// resource takes in a file or a base.
func (kz *kustomizer) resource(k *kustomization, item *yaml.Node) *yaml.Node {
	ref, ok := item.Str()
	if !ok {
		return item
	}
	name, isDir, lack := kz.locate(k, ref)
	switch {
	case lack != "":
		what := "resource"
		if lack == lackRemote {
			what = "remote resource"
		}
		k.miss(item, what, ref, lack)
		return nil
	case isDir:
		return kz.base(k, item, name, false)
	}
	k.uses[name] = true
	r := kz.files.manifest(name)
	if r.Unread {
		k.miss(item, "resource", ref, "cannot be read")
	}
	k.gaps = append(k.gaps, r.Gaps...)
	if len(r.Objects) == 0 {
		return nil
	}
	k.resources = append(k.resources, r)
	written := kz.write(k, ref, kz.tracked(k, r))
	k.held[written] = r
	return yaml.NewText(written)
}

// incomplete reports whether objects may be missing that patches are for.
func (k *kustomization) incomplete() bool {
	return slices.ContainsFunc(k.closure(), func(k *kustomization) bool { return len(k.missing) > 0 })
}

// component takes in a directory that adds to what is there and changes it.
func (kz *kustomizer) component(k *kustomization, item *yaml.Node) *yaml.Node {
	ref, ok := item.Str()
	if !ok {
		return item
	}
	name, isDir, lack := kz.locate(k, ref)
	if lack == "" && !isDir {
		lack = "is no directory"
	}
	if lack != "" {
		k.miss(item, "component", ref, lack)
		return nil
	}
	return kz.base(k, item, name, true)
}

func (kz *kustomizer) base(k *kustomization, item *yaml.Node, dir string, component bool) *yaml.Node {
	b := kz.kustomizationAt(dir)
	switch {
	case b == nil && component:
		k.miss(item, "component", item.ScalarText(), "has no kustomization file")
		return nil
	case b == nil:
		k.miss(item, "base", item.ScalarText(), "has no kustomization file")
		return nil
	case b.reading || dir == k.dir || walk.Below(k.dir, dir):
		k.miss(item, "base", item.ScalarText(), "includes this kustomization")
		return nil
	case kz.nesting > mostNesting:
		k.fail(item, "base", item.ScalarText(), "is nested too deep")
		return nil
	}
	b.included = true
	if b.broken != nil && b.broken.reason != lackBroken {
		// What is too large for one is too large for who includes it.
		if k.broken == nil {
			k.broken = b.broken
		}
		return nil
	}
	k.bases = append(k.bases, b)
	if b.broken != nil {
		k.miss(item, "base", item.ScalarText(), "has a kustomization file that cannot be parsed").follows = true
		return nil
	}
	if b.empty && b.incomplete() {
		return nil // the library would refuse it for that
	}
	return yaml.NewText(".." + b.id)
}

// locate resolves what a kustomization refers to.
func (kz *kustomizer) locate(k *kustomization, ref string) (name string, isDir bool, reason string) {
	if hasScheme(ref) {
		return "", false, lackRemote
	}
	if ref == "" || path.IsAbs(ref) || strings.ContainsAny(ref, "\n\x00") {
		return ref, false, walk.Foreign
	}
	name = path.Join(k.dir, ref)
	isDir, reason = kz.files.Find(name, k.dir)
	if reason == walk.Missing && looksRemote(ref) {
		return ref, false, lackRemote
	}
	return name, isDir, reason
}

// hasScheme recognises what kustomize fetches before it looks for a file.
func hasScheme(ref string) bool {
	low := strings.ToLower(ref)
	return strings.HasPrefix(low, "http:") || strings.HasPrefix(low, "https:")
}

// looksRemote recognises what kustomize clones if there is no such file
// (https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md).
func looksRemote(ref string) bool {
	host, _, found := strings.Cut(ref, "/")
	return strings.Contains(ref, "://") || strings.HasPrefix(ref, "git@") || strings.HasPrefix(ref, "git::") ||
		strings.Contains(ref, "?ref=") || strings.HasPrefix(host, "gh:") ||
		found && strings.Contains(strings.Trim(host, "."), ".")
}
