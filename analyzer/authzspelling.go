package analyzer

import (
	"slices"
	"strings"
)

// patternFacts finds rules that stand or fall with how a path or host is
// spelled: `//admin` is not `/admin` to a proxy, unless told otherwise, and may
// be to the server behind it.
// https://istio.io/latest/docs/ops/best-practices/security/#authorization-policies
func (s *Policies) patternFacts(r *authzRule) PatternFacts {
	f := PatternFacts{Escaped: "none"}
	action := r.policy.action()
	if r.policy.dryRun || len(r.to) == 0 || action == "ALLOW" && r.any(selective) {
		return f
	}
	for _, item := range r.to {
		for i := range item {
			c := &item[i]
			if c.attr != byPath && c.attr != byHost {
				continue
			}
			switch {
			case action == "DENY" && len(c.values) > 0:
				s.escape(&f, r, c, "deny", c.path, c.values)
			case action == "ALLOW" && len(c.values) == 0 && !positivePath(item):
				s.escape(&f, r, c, "allow", c.notPath, c.not)
			}
		}
	}
	return f
}

// selective reports that a condition lets in listed callers or requests only;
// methods and ports aside, which most lists leave as they are.
func selective(c *condition) bool {
	return len(c.values) > 0 && c.narrow() && c.attr != byMethod && c.attr != byPort
}

// escape notes the first value that has another spelling which no other value
// of the list catches.
func (s *Policies) escape(f *PatternFacts, r *authzRule, c *condition, how string, at []any, values []string) {
	for _, v := range values {
		other := s.spelling(c, v)
		if isPlaceholder(v) || coveredBy([]string{other}, values) {
			continue
		}
		*f = PatternFacts{Escaped: how, Evidence: Evidence{
			From:  Source{Object: r.policy.Object, Path: at},
			Names: map[string]string{"field": "`" + lastKey(at) + "`", "values": quoteAll(values), "spelling": quote(other)},
		}}
		return
	}
}

// spelling writes a value in a way that a proxy takes for another.
func (s *Policies) spelling(c *condition, v string) string {
	v = strings.TrimSuffix(v, "*")
	switch {
	case c.attr == byHost:
		return v + ":8080"
	case strings.HasPrefix(v, "*"):
		return v[1:] + "/"
	case s.merges:
		return strings.ToUpper(v)
	}
	s.assumed["request paths are normalized as Istio does by default"] = true
	return "/" + v
}

func quoteAll(values []string) string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, quote(v))
	}
	return strings.Join(few(out, fewValues), ", ")
}

func positivePath(item []condition) bool {
	return slices.ContainsFunc(item, func(c condition) bool { return (c.attr == byPath || c.attr == byHost) && len(c.values) > 0 })
}
