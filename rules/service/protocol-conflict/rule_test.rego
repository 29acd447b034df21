package rules.service["protocol-conflict_test"]

import data.rules.service["protocol-conflict"] as rule

_workload(conflict) := {"workload": {"ports": [{"protocols": {"conflict": conflict}}]}}

test_deny_when_services_disagree if {
	rule.deny == {{"at": ["ports", 0, "protocols"]}} with input as _workload(true)
}

test_allow_when_they_agree if {
	count(rule.deny) == 0 with input as _workload(false)
}
