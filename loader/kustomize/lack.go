package kustomize

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// lack is something that a kustomization refers to and that its build did
// without.
type lack struct {
	in     *kustomization
	at     yaml.Span
	what   string // `remote resource`, `patch`, `helm chart`, …
	name   string
	reason string // walk.Missing, lackRemote, …
	cause  source.Cause
	// kinds are those of the objects that are missing with it, or would be
	// changed by it; nil for any.
	kinds   []string
	foreign bool
	// follows: it is left out for what else is missing, which is reported.
	follows bool
}

// More reasons for which something is left out.
const (
	lackRemote = "is not fetched"
	lackChart  = "is not inflated"
	lackPlugin = "is not executed"
	lackTarget = "is for an object that was not read"
)

func (l *lack) String() string {
	return fmt.Sprintf("%s `%s` (line %d) %s", l.what, diagnose.Printable(l.name), l.at.Start.Line, l.reason)
}

// saidOf is the reason as it is said of one or of many.
func (l *lack) saidOf(n int) string {
	if n == 1 {
		return l.reason
	}
	for one, many := range map[string]string{"is ": "are ", "has ": "have ", "lies ": "lie ", "includes ": "include "} {
		if rest, ok := strings.CutPrefix(l.reason, one); ok {
			return many + rest
		}
	}
	return l.reason
}

// gaps are the gaps that it leaves, one for each kind.
func (l *lack) gaps() []source.Gap {
	g := source.Gap{File: l.in.file.Name, Reason: l.String(), Foreign: l.foreign}
	if l.kinds == nil {
		return []source.Gap{g}
	}
	var out []source.Gap
	for _, kind := range l.kinds {
		g.Kind = kind
		out = append(out, g)
	}
	return out
}

func (k *kustomization) lack(n *yaml.Node, what, name, reason string) *lack {
	return &lack{in: k, at: k.file.Span(n), what: what, name: name, reason: reason, cause: source.Broken}
}

// miss leaves something out and notes what it may have held: as far as its name
// tells, or else anything.
func (k *kustomization) miss(n *yaml.Node, what, name, reason string, kinds ...string) *lack {
	l := k.lack(n, what, name, reason)
	l.kinds = kinds
	decides := source.DecidesConnections(name)
	if kind := source.MissingKind(path.Join(k.dir, name)); kind != "" && len(kinds) == 0 && !decides {
		l.kinds = []string{kind}
	}
	l.cause = k.causeOf(l)
	l.foreign = (reason == lackRemote || reason == lackChart) && !isPrivate(name) && !decides
	l.follows = reason == lackTarget
	k.missing = append(k.missing, l)
	return l
}

// causeOf tells what is wrong from what is meant: files with secrets and what
// git ignores are not expected in a repository, and nothing is ever fetched.
func (k *kustomization) causeOf(l *lack) source.Cause {
	switch l.reason {
	case lackRemote, lackChart, lackPlugin, walk.Foreign:
		return source.Refused
	case walk.Ignored, walk.Excluded:
		return source.Input
	case walk.Missing:
		if slices.Equal(l.kinds, []string{"Secret"}) || strings.HasSuffix(path.Base(l.name), ".env") {
			return source.Input
		}
	}
	return source.Broken
}

// fail gives the build up: without that, what would be applied is not known.
func (k *kustomization) fail(n *yaml.Node, what, name, reason string) {
	if k.broken == nil {
		k.broken = k.lack(n, what, name, reason)
	}
}

// isPrivate recognises references that need a key: they lead to software of the
// user's own.
func isPrivate(ref string) bool {
	return strings.HasPrefix(ref, "git@") || strings.HasPrefix(ref, "ssh://") || strings.HasPrefix(ref, "git::ssh://")
}

// kinds are those of all objects that a kustomization holds, its bases'
// included.
func (k *kustomization) kinds() []string {
	out := []string{}
	for _, k := range k.closure() {
		for _, r := range k.resources {
			out = append(out, kindsOf(r)...)
		}
		for _, g := range k.generators {
			out = append(out, g.kind)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func kindsOf(r *source.Reading) []string {
	out := []string{}
	for _, o := range r.Objects {
		out = append(out, o.Kind)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
