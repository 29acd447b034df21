package rules.netpol.redundant_test

import data.rules.netpol.redundant as rule

_policy(applies, redundant) := {"network_policy": {"rules": [{"applies": applies, "redundant": redundant}]}}

test_deny_when_another_rule_admits_as_much if {
	rule.deny == {{"at": ["rules", 0]}} with input as _policy(true, true)
}

test_allow_when_it_adds_something_or_has_no_effect if {
	count(rule.deny) == 0 with input as _policy(true, false)
	count(rule.deny) == 0 with input as _policy(false, true)
}
