package rules.egress["not-isolated_test"]

import data.rules.egress["not-isolated"] as rule

_workload(changes) := {"workload": object.union(
	{
		"egress": {"isolated": "no", "open": false},
		"role": "inference",
		"namespace": {"policies_disabled_by": {"present": false}},
		"host_network": false,
		"inferred": false,
		"platform": false,
		"gateway": false,
	},
	changes,
)}

test_deny_when_nothing_restricts_it if {
	rule.deny == {{"at": ["egress"], "message": "none", "severity": "low", "related": []}} with input as _workload({})
}

test_deny_when_it_runs_code_of_others_as_medium if {
	every role in {"notebook", "agent", "training", "pipeline"} {
		rule.deny == {{"at": ["egress"], "message": "none", "severity": "medium", "related": []}} with input as _workload({"role": role})
	}
}

test_deny_when_a_rule_admits_everything if {
	{result.message | some result in rule.deny} == {"open"} with input as _workload({"egress": {"isolated": "yes", "open": true}})
}

test_allow_when_isolated_or_unknown if {
	every answer in {"yes", "unknown"} {
		count(rule.deny) == 0 with input as _workload({"egress": {"isolated": answer, "open": false}})
	}
}

test_allow_when_policies_are_not_for_it if {
	every field in {"host_network", "inferred", "platform", "gateway"} {
		count(rule.deny) == 0 with input as _workload({field: true})
	}
}
