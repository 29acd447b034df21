package rules.netpol["or-instead-of-and_test"]

import data.rules.netpol["or-instead-of-and"] as rule

_policy(rules) := {"network_policy": {"rules": rules}}

test_deny_when_the_second_rule_is_split if {
	rule.deny == {{"at": ["rules", 1]}} with input as _policy([
		{"applies": true, "split_peer": "no"},
		{"applies": true, "split_peer": "yes"},
	])
}

test_allow_when_both_peers_may_be_meant if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _policy([{"applies": true, "split_peer": answer}])
	}
}

test_allow_when_the_direction_does_not_apply if {
	count(rule.deny) == 0 with input as _policy([{"applies": false, "split_peer": "yes"}])
}
