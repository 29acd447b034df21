package rules.ingress["hbone-overbroad_test"]

import data.rules.ingress["hbone-overbroad"] as rule

_workload(admitted, mode, covered) := {"workload": {
	"hbone": {"admitted": admitted},
	"ports": [{"mtls": {"mode": mode}, "authz": {"covered": covered}}],
}}

test_deny_when_it_is_open_wider if {
	rule.deny == {{"at": ["hbone"], "severity": "high"}} with input as _workload("yes", "PERMISSIVE", "yes")
	rule.deny == {{"at": ["hbone"], "severity": "high"}} with input as _workload("yes", "STRICT", "unknown")
}

test_deny_when_identities_decide_only_as_low if {
	rule.deny == {{"at": ["hbone"], "severity": "low"}} with input as _workload("yes", "STRICT", "yes")
}

test_allow_when_not_or_unknown if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _workload(answer, "PERMISSIVE", "no")
	}
}
