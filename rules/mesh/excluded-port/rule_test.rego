package rules.mesh["excluded-port_test"]

import data.rules.mesh["excluded-port"] as rule

_workload(gateway, state, purpose) := {"workload": {
	"gateway": gateway,
	"ports": [{"capture": {"state": state}, "purpose": purpose}],
}}

test_deny_when_a_port_is_not_captured if {
	every state in {"excluded", "not-included", "mode-none", "bypassed"} {
		rule.deny == {{"at": ["ports", 0, "capture"], "severity": "high"}} with input as _workload(false, state, "app")
	}
}

test_deny_when_the_callers_are_outside_the_mesh_less_severely if {
	every purpose, severity in {"webhook": "info", "metrics": "low", "health": "low"} {
		rule.deny == {{"at": ["ports", 0, "capture"], "severity": severity}} with input as _workload(false, "excluded", purpose)
	}
}

test_allow_when_captured_or_nothing_to_capture if {
	every state in {"captured", "reserved", "unknown", "none"} {
		count(rule.deny) == 0 with input as _workload(false, state, "app")
	}
}

test_allow_gateways if {
	count(rule.deny) == 0 with input as _workload(true, "excluded", "app")
}
