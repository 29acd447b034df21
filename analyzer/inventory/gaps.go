package inventory

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// gaps answers whether something of a kind may exist that was not read.
type gaps struct {
	List  []source.Gap
	Kinds map[string]bool // of which some objects are not believed
	// mixed: some namespaced objects name a namespace and some do not, so that
	// nobody knows which of them meet.
	mixed map[string]bool
}

func newGaps(scope *source.Scope, objects []*decode.Decoded) gaps {
	g := gaps{List: scope.Gaps, Kinds: map[string]bool{}, mixed: map[string]bool{}}
	named, unnamed := map[string]bool{}, map[string]bool{}
	for _, o := range objects {
		if !o.Believed && o.Typed != nil && !isWorkloadKind(o.Kind) {
			g.Kinds[o.Kind] = true
		}
		switch {
		case o.Typed == nil || o.Kind == "Namespace":
		case o.Namespace == "":
			unnamed[o.Kind] = true
		default:
			named[o.Kind] = true
		}
	}
	for kind := range unnamed {
		g.mixed[kind] = true
	}
	for kind := range named {
		g.mixed[kind+"/named"] = true
	}
	return g
}

// Unread reports whether objects of these kinds may exist that were not read,
// or that were read and may or may not lie in the given namespace.
func (g *gaps) Unread(namespace string, kinds ...string) bool {
	return slices.ContainsFunc(kinds, func(kind string) bool {
		return g.Hides(kind, namespace) || namespace != "" && g.mixed[kind] || namespace == "" && g.mixed[kind+"/named"]
	})
}

// Hides reports that an object of a kind may exist in a namespace and was not
// read or is not believed.
func (g *gaps) Hides(kind, namespace string) bool {
	return g.Kinds[kind] || slices.ContainsFunc(g.List, func(gap source.Gap) bool { return mayHold(gap, kind) && concerns(gap, namespace) })
}

// Anything reports that objects which change what the tree says of a namespace
// may be missing: of any kind, and of the tree's own.
func (g *gaps) Anything(namespace string) bool {
	return slices.ContainsFunc(g.List, func(gap source.Gap) bool {
		return gap.Kind == "" && !gap.Foreign && concerns(gap, namespace)
	})
}

// Anywhere reports that an object of a kind may be missing in some namespace.
func (g *gaps) Anywhere(kind string) bool {
	return g.Kinds[kind] || slices.ContainsFunc(g.List, func(gap source.Gap) bool {
		return gap.Kind == kind || gap.Kind == "" && !gap.Foreign
	})
}

// WhatHides returns what was not read and may hold an object of a kind in a
// namespace.
func (g *gaps) WhatHides(kind, namespace string) (source.Gap, bool) {
	i := slices.IndexFunc(g.List, func(gap source.Gap) bool { return mayHold(gap, kind) && concerns(gap, namespace) })
	if i < 0 {
		return source.Gap{}, false
	}
	return g.List[i], true
}

// mayHold reports that an object of a kind may be in a gap. Somebody else's
// software has policies for its own pods only.
func mayHold(gap source.Gap, kind string) bool {
	return gap.Kind == kind || gap.Kind == "" && (!gap.Foreign || !decidesByKind(kind))
}

func concerns(gap source.Gap, namespace string) bool {
	return gap.Namespaces == nil || slices.Contains(gap.Namespaces, namespace) || decode.IsPlaceholder(namespace)
}

func decidesByKind(kind string) bool {
	switch kind {
	case "NetworkPolicy", "PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication", "Telemetry", "DestinationRule", "Sidecar":
		return true
	}
	return false
}
