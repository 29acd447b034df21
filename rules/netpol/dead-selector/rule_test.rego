package rules.netpol["dead-selector_test"]

import data.rules.netpol["dead-selector"] as rule

_policy(selector, selects, complete, suggestion) := {"network_policy": {
	"selector": selector,
	"selects": selects,
	"complete": complete,
	"pod_selector": {"suggestion": suggestion},
}}

test_deny_when_nothing_matches_in_a_complete_namespace if {
	rule.deny == {{"at": ["pod_selector"], "message": "", "severity": "medium"}} with input as _policy("some", "no", "yes", false)
}

test_deny_when_a_near_label_is_known if {
	rule.deny == {{
		"at": ["pod_selector"],
		"message": "suggest",
		"severity": "medium",
	}} with input as _policy("some", "no", "yes", true)
}

test_deny_when_more_pods_may_come_only_as_info if {
	rule.deny == {{"at": ["pod_selector"], "message": "", "severity": "info"}} with input as _policy("some", "no", "unknown", false)
}

test_allow_when_the_namespace_has_no_workload if {
	count(rule.deny) == 0 with input as _policy("some", "no", "no", false)
}

test_allow_when_it_selects_or_may_select if {
	every selects in {"yes", "unknown"} {
		count(rule.deny) == 0 with input as _policy("some", selects, "yes", false)
	}
}

test_allow_when_every_pod_is_meant if {
	count(rule.deny) == 0 with input as _policy("all", "no", "yes", false)
}
