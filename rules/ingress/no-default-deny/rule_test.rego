package rules.ingress["no-default-deny_test"]

import data.rules.ingress["no-default-deny"] as rule

_workload(workload, namespace) := {"workload": object.union(
	{
		"inferred": false,
		"platform": false,
		"host_network": false,
		"ingress": {"isolated": "no"},
		"namespace": object.union({"policies": "yes", "default_deny": "no", "all_isolated": false}, namespace),
	},
	workload,
)}

test_deny_when_a_workload_is_open if {
	rule.deny == {{"at": ["namespace"]}} with input as _workload({}, {})
}

test_deny_when_all_are_isolated_only_as_info if {
	rule.deny == {{"at": ["namespace"], "message": "isolated", "severity": "info"}} with input as _workload(
		{"ingress": {"isolated": "yes"}},
		{"all_isolated": true},
	)
}

test_allow_when_there_is_one_or_may_be if {
	every answer in {"yes", "unknown"} {
		count(rule.deny) == 0 with input as _workload({}, {"default_deny": answer})
	}
}

test_allow_when_the_namespace_has_no_policy_or_may_have_none if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _workload({}, {"policies": answer})
	}
}

test_allow_when_the_workload_is_none_of_the_user if {
	count(rule.deny) == 0 with input as _workload({"inferred": true}, {})
	count(rule.deny) == 0 with input as _workload({"platform": true}, {})
	count(rule.deny) == 0 with input as _workload({"host_network": true}, {})
	count(rule.deny) == 0 with input as _workload({"ingress": {"isolated": "unknown"}}, {})
}
