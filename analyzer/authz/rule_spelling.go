package authz

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// patternFacts finds rules that depend on how a path or host is spelled:
// `//admin` is not `/admin` to a proxy, unless the mesh configuration says so,
// and may be to the server behind it.
// https://istio.io/latest/docs/ops/best-practices/security/#authorization-policies
func (ps *Policies) patternFacts(r *rule) fact.PatternFacts {
	f := fact.PatternFacts{Bypassable: "none"}
	action := r.policy.action()
	if r.policy.dryRun || len(r.to) == 0 || action == actionAllow && r.any(selective) {
		return f
	}
	for _, item := range r.to {
		for i := range item {
			c := &item[i]
			if c.Attr != decode.ByPath && c.Attr != decode.ByHost {
				continue
			}
			switch {
			case action == actionDeny && len(c.Values) > 0:
				ps.escape(&f, r, c, "deny", c.Path, c.Values)
			case action == actionAllow && len(c.Values) == 0 && !positivePath(item):
				ps.escape(&f, r, c, "allow", c.NotPath, c.Not)
			}
		}
	}
	return f
}

// selective reports a condition that admits listed callers or requests only.
// Methods and ports do not count: they seldom separate trusted callers.
func selective(c *decode.Condition) bool {
	return len(c.Values) > 0 && narrow(c) && c.Attr != decode.ByMethod && c.Attr != decode.ByPort
}

// escape sets the facts for the first value that has another spelling which no
// value of the list matches.
func (ps *Policies) escape(f *fact.PatternFacts, r *rule, c *decode.Condition, how string, at []any, values []string) {
	for _, v := range values {
		other := ps.spelling(c, v)
		if decode.IsPlaceholder(v) || coveredBy([]string{other}, values) {
			continue
		}
		*f = fact.PatternFacts{Bypassable: how, Evidence: fact.Evidence{
			From:  fact.Source{Object: r.policy.Object, Path: at},
			Names: map[string]string{"field": "`" + lastKey(at) + "`", "values": quoteAll(values), "spelling": decode.Quote(other)},
		}}
		return
	}
}

// spelling writes a value so that a proxy takes it for a different one.
func (ps *Policies) spelling(c *decode.Condition, v string) string {
	v = strings.TrimSuffix(v, "*")
	switch {
	case c.Attr == decode.ByHost:
		return v + ":8080"
	case strings.HasPrefix(v, "*"):
		return v[1:] + "/"
	case ps.slashesMerged:
		return strings.ToUpper(v)
	}
	ps.assumed["request paths are normalized as Istio does by default"] = true
	return "/" + v
}

func quoteAll(values []string) string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, decode.Quote(v))
	}
	return strings.Join(few(out, fewValues), ", ")
}

// mergesSlashes recognises a mesh configuration that merges repeated slashes.
// https://istio.io/latest/docs/ops/best-practices/security/#customize-your-system-on-path-normalization
func (ps *Policies) mergesSlashes() bool {
	return slices.ContainsFunc(ps.inventory.Objects, func(o *decode.Decoded) bool {
		switch o.Kind {
		case "ConfigMap", "IstioOperator", "Istio":
			return strings.Contains(string(decode.AppendJSON(nil, o.Root)), "MERGE_SLASHES")
		}
		return false
	})
}

// positivePath reports a path or host that must match.
func positivePath(item []decode.Condition) bool {
	return slices.ContainsFunc(item, func(c decode.Condition) bool {
		return (c.Attr == decode.ByPath || c.Attr == decode.ByHost) && len(c.Values) > 0
	})
}
