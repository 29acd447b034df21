package rules.mtls["dead-selector_test"]

import data.rules.mtls["dead-selector"] as rule

_policy(changes) := {"peer_authentication": object.union(
	{
		"selector": "some",
		"selects": "no",
		"complete": "yes",
		"root_namespace": false,
		"pod_selector": {"suggestion": false},
	},
	changes,
)}

test_deny_when_nothing_matches_in_a_complete_namespace if {
	rule.deny == {{"at": ["pod_selector"], "message": "", "severity": "medium"}} with input as _policy({})
}

test_deny_when_a_near_label_is_known if {
	rule.deny == {{
		"at": ["pod_selector"],
		"message": "suggest",
		"severity": "medium",
	}} with input as _policy({"pod_selector": {"suggestion": true}})
}

test_deny_when_more_pods_may_come_only_as_info if {
	rule.deny == {{"at": ["pod_selector"], "message": "", "severity": "info"}} with input as _policy({"complete": "unknown"})
}

test_allow_when_nothing_can_be_said if {
	every change in [
		{"complete": "no"},
		{"selects": "yes"},
		{"selects": "unknown"},
		{"selector": "none"},
		{"root_namespace": true},
	] {
		count(rule.deny) == 0 with input as _policy(change)
	}
}
