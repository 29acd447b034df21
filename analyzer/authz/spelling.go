package authz

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// patternFacts finds rules that stand or fall with how a path or host is
// spelled: `//admin` is not `/admin` to a proxy, unless told otherwise, and may
// be to the server behind it.
// https://istio.io/latest/docs/ops/best-practices/security/#authorization-policies
func (s *Policies) patternFacts(r *Rule) fact.PatternFacts {
	f := fact.PatternFacts{Bypassable: "none"}
	action := r.policy.action()
	if r.policy.dryRun || len(r.to) == 0 || action == "ALLOW" && r.any(selective) {
		return f
	}
	for _, item := range r.to {
		for i := range item {
			c := &item[i]
			if c.Attr != decode.ByPath && c.Attr != decode.ByHost {
				continue
			}
			switch {
			case action == "DENY" && len(c.Values) > 0:
				s.escape(&f, r, c, "deny", c.Path, c.Values)
			case action == "ALLOW" && len(c.Values) == 0 && !positivePath(item):
				s.escape(&f, r, c, "allow", c.NotPath, c.Not)
			}
		}
	}
	return f
}

// selective reports that a condition lets in listed callers or requests only;
// methods and ports aside, which most lists leave as they are.
func selective(c *decode.Condition) bool {
	return len(c.Values) > 0 && narrow(c) && c.Attr != decode.ByMethod && c.Attr != decode.ByPort
}

// escape notes the first value that has another spelling which no other value
// of the list catches.
func (s *Policies) escape(f *fact.PatternFacts, r *Rule, c *decode.Condition, how string, at []any, values []string) {
	for _, v := range values {
		other := s.spelling(c, v)
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

// spelling writes a value in a way that a proxy takes for another.
func (s *Policies) spelling(c *decode.Condition, v string) string {
	v = strings.TrimSuffix(v, "*")
	switch {
	case c.Attr == decode.ByHost:
		return v + ":8080"
	case strings.HasPrefix(v, "*"):
		return v[1:] + "/"
	case s.merges:
		return strings.ToUpper(v)
	}
	s.Assumed["request paths are normalized as Istio does by default"] = true
	return "/" + v
}

func quoteAll(values []string) string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, decode.Quote(v))
	}
	return strings.Join(few(out, fewValues), ", ")
}

func positivePath(item []decode.Condition) bool {
	return slices.ContainsFunc(item, func(c decode.Condition) bool {
		return (c.Attr == decode.ByPath || c.Attr == decode.ByHost) && len(c.Values) > 0
	})
}
