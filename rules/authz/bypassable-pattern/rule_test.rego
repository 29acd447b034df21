package rules.authz["bypassable-pattern_test"]

import data.rules.authz["bypassable-pattern"] as rule

_policy(escaped, in_force) := {"authorization_policy": {"rules": [{"pattern": {"bypassable": escaped}, "in_force": in_force}]}}

test_deny_when_another_spelling_escapes if {
	rule.deny == {{"at": ["rules", 0, "pattern"], "message": ""}} with input as _policy("deny", "yes")
	rule.deny == {{"at": ["rules", 0, "pattern"], "message": "allow"}} with input as _policy("allow", "unknown")
}

test_allow_when_the_pattern_is_safe_or_not_in_force if {
	count(rule.deny) == 0 with input as _policy("none", "yes")
	count(rule.deny) == 0 with input as _policy("deny", "no")
	count(rule.deny) == 0 with input as _policy("allow", "no")
}
