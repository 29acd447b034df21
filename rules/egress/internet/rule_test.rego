package rules.egress.internet_test

import data.rules.egress.internet as rule

_workload(admitted, changes) := {"workload": object.union(
	{"egress": {"internet": {"admitted": admitted}, "open": false}, "role": "inference", "platform": false, "gateway": false},
	changes,
)}

test_deny_when_most_addresses_are_admitted if {
	rule.deny == {{"at": ["egress", "internet"], "severity": "medium"}} with input as _workload("yes", {})
}

test_deny_when_it_runs_code_of_others_as_high if {
	every role in {"notebook", "agent"} {
		{result.severity | some result in rule.deny} == {"high"} with input as _workload("yes", {"role": role})
	}
}

test_allow_when_not_or_unknown if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _workload(answer, {})
	}
}

test_allow_when_everything_is_admitted if {
	count(rule.deny) == 0 with input as _workload("yes", {"egress": {"internet": {"admitted": "yes"}, "open": true}})
}

test_allow_when_connecting_out_is_its_task if {
	every field in {"platform", "gateway"} {
		count(rule.deny) == 0 with input as _workload("yes", {field: true})
	}
}
