package rules.ingress["open-to-namespace_test"]

import data.rules.ingress["open-to-namespace"] as rule

_workload(admitted, role, control) := {"workload": {
	"own_namespace": {"admitted": admitted},
	"role": role,
	"ports": [{"management": control}],
}}

_none := {"name": "none", "auth": "unknown"}

test_deny_when_the_namespace_is_admitted if {
	rule.deny == {{"at": ["own_namespace"], "severity": "low"}} with input as _workload("yes", "inference", _none)
}

test_deny_when_it_is_a_store_or_has_a_control_port_as_medium if {
	{result.severity | some result in rule.deny} == {"medium"} with input as _workload("yes", "vector-store", _none)
	{result.severity | some result in rule.deny} == {"medium"} with input as _workload("yes", "training", {"name": "ray-gcs", "auth": "no"})
}

test_deny_when_the_control_port_authenticates_as_low if {
	{result.severity | some result in rule.deny} == {"low"} with input as _workload("yes", "notebook", {"name": "jupyter", "auth": "yes"})
}

test_allow_when_not_or_unknown if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _workload(answer, "none", _none)
	}
}
