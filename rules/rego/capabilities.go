package rego

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// pureBuiltins are the functions that rules may call: total or failing, equal
// for equal arguments, and touching nothing outside them. It is a list of what
// is let in, because a list of what is kept out ages with every OPA release.
// Left out although pure: what makes much of little (numbers.range,
// bits.lsh, net.cidr_expand, yaml.unmarshal), since memory cannot be limited,
// and what a rule over digested facts has no use for.
func pureBuiltins() []string {
	return []string{
		// operators and what the compiler itself writes
		"assign", "eq", "equal", "neq", "lt", "lte", "gt", "gte",
		"plus", "minus", "mul", "div", "rem", "and", "or",
		"internal.member_2", "internal.member_3", "internal.template_string",
		// aggregates and numbers
		"count", "max", "min", "product", "sort", "sum",
		"abs", "ceil", "floor", "round", "to_number", "format_int",
		// collections
		"array.concat", "array.flatten", "array.reverse", "array.slice",
		"object.filter", "object.get", "object.keys", "object.remove", "object.subset", "object.union", "object.union_n",
		"intersection", "union", "json.filter", "json.remove", "walk",
		// strings
		"concat", "contains", "endswith", "indexof", "indexof_n", "lower", "replace", "split", "sprintf",
		"startswith", "strings.any_prefix_match", "strings.any_suffix_match", "strings.count",
		"strings.replace_n", "strings.reverse", "substring", "trim", "trim_left", "trim_prefix",
		"trim_right", "trim_space", "trim_suffix", "upper",
		"glob.match", "glob.quote_meta", "regex.find_n", "regex.is_valid", "regex.match", "regex.replace", "regex.split",
		"semver.compare", "semver.is_valid", "units.parse", "units.parse_bytes",
		// types
		"is_array", "is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string", "type_name",
	}
}

// capabilities returns what rules may use: pure functions and no network. The
// list of hosts is empty, not nil: nil would mean every host.
func capabilities(extra ...string) *ast.Capabilities {
	allowed := append(pureBuiltins(), extra...)
	slices.Sort(allowed)
	c := ast.CapabilitiesForThisVersion()
	c.AllowNet = []string{}
	c.Builtins = slices.DeleteFunc(c.Builtins, func(b *ast.Builtin) bool {
		_, found := slices.BinarySearch(allowed, b.Name)
		return !found || b.Nondeterministic
	})
	return c
}
