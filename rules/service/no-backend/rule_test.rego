package rules.service["no-backend_test"]

import data.rules.service["no-backend"] as rule

_service(changes) := {"service": object.union(
	{
		"type": "ClusterIP",
		"selector": "some",
		"selects": "no",
		"complete": "yes",
		"pod_selector": {"suggestion": false},
	},
	changes,
)}

test_deny_when_nothing_matches_in_a_complete_namespace if {
	rule.deny == {{"at": ["pod_selector"], "message": "", "severity": "high"}} with input as _service({})
}

test_deny_when_a_near_label_is_known if {
	rule.deny == {{
		"at": ["pod_selector"],
		"message": "suggest",
		"severity": "high",
	}} with input as _service({"pod_selector": {"suggestion": true}})
}

test_deny_when_more_pods_may_come_only_as_info if {
	rule.deny == {{"at": ["pod_selector"], "message": "", "severity": "info"}} with input as _service({"complete": "unknown"})
}

test_allow_when_nothing_can_be_said if {
	every change in [
		{"complete": "no"},
		{"selects": "yes"},
		{"selects": "unknown"},
		{"selector": "none"},
		{"type": "ExternalName"},
	] {
		count(rule.deny) == 0 with input as _service(change)
	}
}
