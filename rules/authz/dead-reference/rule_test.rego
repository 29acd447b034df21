package rules.authz["dead-reference_test"]

import data.rules.authz["dead-reference"] as rule

_policy(change) := {"authorization_policy": object.union(
	{
		"selector": "some",
		"selects": "yes",
		"complete": "yes",
		"pod_selector": {"suggestion": false},
		"targets": [],
		"rules": [],
	},
	change,
)}

test_deny_when_the_selector_selects_nothing if {
	rule.deny == {{"at": ["pod_selector"], "message": "", "severity": "medium"}} with input as _policy({"selects": "no"})
	rule.deny == {{"at": ["pod_selector"], "message": "suggest", "severity": "info"}} with input as _policy({
		"selects": "no",
		"complete": "unknown",
		"pod_selector": {"suggestion": true},
	})
}

test_allow_when_the_selector_may_select if {
	every change in [{"selects": "unknown"}, {"selects": "no", "complete": "no"}, {"selects": "no", "selector": "none"}] {
		count(rule.deny) == 0 with input as _policy(change)
	}
}

test_deny_when_the_target_is_not_there if {
	rule.deny == {{"at": ["targets", 0], "message": "target"}} with input as _policy({"targets": [{"found": "no"}]})
	count(rule.deny) == 0 with input as _policy({"targets": [{"found": "yes"}, {"found": "unknown"}]})
}

_reference(problem, suggestion) := _policy({"rules": [{"references": [{"problem": problem, "suggestion": suggestion}]}]})

test_deny_when_a_value_names_nobody if {
	every problem, variant in {"spiffe-prefix": "spiffe", "literal-wildcard": "wildcard", "service-port": "port", "no-account": "account"} {
		rule.deny == {{"at": ["rules", 0, "references", 0], "message": variant}} with input as _reference(problem, false)
	}
	rule.deny == {{"at": ["rules", 0, "references", 0], "message": "account-suggest"}} with input as _reference("no-account", true)
}

test_allow_when_a_value_names_many if {
	every problem in {"default-account", "shared-account"} {
		count(rule.deny) == 0 with input as _reference(problem, false)
	}
}
