package rules.authz["shared-identity_test"]

import data.rules.authz["shared-identity"] as rule

_policy(problem) := {"authorization_policy": {"rules": [{"references": [{"problem": problem}]}]}}

test_deny_when_many_have_it if {
	rule.deny == {{"at": ["rules", 0, "references", 0]}} with input as _policy("default-account")
	rule.deny == {{"at": ["rules", 0, "references", 0], "message": "shared"}} with input as _policy("shared-account")
}

test_allow_when_nobody_has_it if {
	every problem in {"spiffe-prefix", "literal-wildcard", "no-account", "service-port"} {
		count(rule.deny) == 0 with input as _policy(problem)
	}
}
