package rules.authz["spoofable-header_test"]

import data.rules.authz["spoofable-header"] as rule

_policy(spoofable, in_force, dry) := {"authorization_policy": {"dry_run": {"on": dry}, "rules": [{"header": {"spoofable": spoofable}, "in_force": in_force}]}}

test_deny_when_everybody_is_believed if {
	every answer in {"yes", "unknown"} {
		rule.deny == {{"at": ["rules", 0, "header"]}} with input as _policy(true, answer, false)
	}
}

test_allow_when_nobody_is_believed if {
	count(rule.deny) == 0 with input as _policy(false, "yes", false)
	count(rule.deny) == 0 with input as _policy(true, "no", false)
	count(rule.deny) == 0 with input as _policy(true, "yes", true)
}
