package rules.egress["metadata-api_test"]

import data.rules.egress["metadata-api"] as rule

_workload(role, admitted, via) := {"workload": {"role": role, "egress": {"metadata_api": {"admitted": admitted, "via": via}}}}

test_deny_when_nothing_restricts_it if {
	rule.deny == {{"at": ["egress", "metadata_api"], "message": ""}} with input as _workload("notebook", "yes", "not-isolated")
}

test_deny_when_a_rule_admits_it if {
	every via in {"no-peers", "ip-block"} {
		rule.deny == {{"at": ["egress", "metadata_api"], "message": "rule"}} with input as _workload("agent", "yes", via)
	}
}

test_allow_when_it_runs_its_own_code_only if {
	count(rule.deny) == 0 with input as _workload("inference", "yes", "not-isolated")
}

test_allow_when_not_or_unknown if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _workload("notebook", answer, "")
	}
}
