package rules.reach["nobody-admitted_test"]

import data.rules.reach["nobody-admitted"] as rule

_workload(isolated, admits, has_service) := {"workload": {
	"ingress": {"isolated": isolated, "admits": admits},
	"ports": [{"has_service": false}, {"has_service": has_service}],
}}

test_deny_when_no_rule_admits_anybody if {
	rule.deny == {{"at": ["ingress"]}} with input as _workload("yes", "nobody", true)
}

test_allow_when_somebody_is_or_may_be_admitted if {
	every admits in {"somebody", "unknown"} {
		count(rule.deny) == 0 with input as _workload("yes", admits, true)
	}
}

test_allow_when_nobody_need_call_it if {
	count(rule.deny) == 0 with input as _workload("yes", "nobody", false)
}
