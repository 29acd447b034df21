package rules.netpol["dead-peer_test"]

import data.rules.netpol["dead-peer"] as rule

_policy(rule, peer) := {"network_policy": {"rules": [object.union(
	{"applies": true, "peers": [object.union({"split": false, "missing": "pods", "suggestion": false}, peer)]},
	rule,
)]}}

_said(policy) := {result.message | some result in rule.deny with input as policy}

test_deny_when_nobody_is_found if {
	_said(_policy({}, {})) == {"pods"}
	_said(_policy({}, {"suggestion": true})) == {"suggest"}
	_said(_policy({}, {"missing": "namespace"})) == {"namespace"}
}

test_deny_when_the_namespace_lacks_the_label if {
	rule.deny == {{
		"at": ["rules", 0, "peers", 0],
		"message": "label",
		"related": [{"at": ["rules", 0, "peers", 0, "namespace"], "note": "namespace"}],
	}} with input as _policy({}, {"missing": "label", "suggestion": true})
}

test_allow_when_somebody_is_or_may_be_found if {
	count(rule.deny) == 0 with input as _policy({}, {"missing": ""})
}

test_allow_when_the_rule_has_no_effect_or_is_said_to_be_split if {
	count(rule.deny) == 0 with input as _policy({"applies": false}, {})
	count(rule.deny) == 0 with input as _policy({}, {"split": true})
}
