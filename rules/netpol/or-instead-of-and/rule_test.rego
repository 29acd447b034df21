package rules.netpol["or-instead-of-and_test"]

import data.rules.netpol["or-instead-of-and"] as rule

_policy(egress, rules) := {"network_policy": {
	"ingress": {"applies": true},
	"egress": {"applies": egress},
	"rules": rules,
}}

test_deny_when_the_second_rule_is_split if {
	rule.deny == {{"at": ["rules", 1]}} with input as _policy(false, [
		{"direction": "ingress", "split_peer": "no"},
		{"direction": "ingress", "split_peer": "yes"},
	])
}

test_deny_when_an_egress_rule_is_split if {
	rule.deny == {{"at": ["rules", 0]}} with input as _policy(true, [{"direction": "egress", "split_peer": "yes"}])
}

test_allow_when_both_peers_may_be_meant if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _policy(false, [{"direction": "ingress", "split_peer": answer}])
	}
}

test_allow_when_the_direction_does_not_apply if {
	count(rule.deny) == 0 with input as _policy(false, [{"direction": "egress", "split_peer": "yes"}])
}
