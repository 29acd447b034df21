package rules.authz["allow-all_test"]

import data.rules.authz["allow-all"] as rule

_rule := {"allows_all": true, "other_policy_restricts": "no", "entry_points_only": false, "in_force": "yes"}

_policy(change, selects) := {"authorization_policy": {"selects": selects, "rules": [object.union(_rule, change)]}}

test_deny_when_nothing_is_narrowed if {
	rule.deny == {{"at": ["rules", 0], "severity": "high"}} with input as _policy({}, "yes")
	count(rule.deny) == 1 with input as _policy({"other_policy_restricts": "unknown"}, "yes")
}

test_deny_when_everybody_is_meant_to_call_only_as_medium if {
	rule.deny == {{"at": ["rules", 0], "severity": "medium"}} with input as _policy({"entry_points_only": true}, "yes")
}

test_deny_when_the_pods_may_be_in_the_mesh if {
	count(rule.deny) == 1 with input as _policy({"in_force": "unknown"}, "yes")
	count(rule.deny) == 0 with input as _policy({"in_force": "unknown"}, "unknown")
}

test_allow_when_narrowed_guarded_or_not_in_force if {
	every change in [{"allows_all": false}, {"other_policy_restricts": "yes"}, {"in_force": "no"}] {
		count(rule.deny) == 0 with input as _policy(change, "yes")
	}
}
