package rules.mtls.ambiguous_test

import data.rules.mtls.ambiguous as rule

_policy(conflicts) := {"peer_authentication": {"conflicts": conflicts}}

test_deny_when_two_policies_differ if {
	rule.deny == {{"at": ["conflicts", 0]}} with input as _policy([{"same": false}])
}

test_deny_when_two_policies_agree_only_as_info if {
	rule.deny == {{"at": ["conflicts", 0], "message": "same", "severity": "info"}} with input as _policy([{"same": true}])
}

test_allow_when_a_policy_stands_alone if {
	count(rule.deny) == 0 with input as _policy([])
}
