package rules.mesh["bypass-identity_test"]

import data.rules.mesh["bypass-identity"] as rule

_workload(gateway, kinds) := {"workload": {
	"gateway": gateway,
	"mesh": {"bypass": [{"kind": kind} | some kind in kinds]},
}}

test_deny_when_a_container_can_go_around_the_proxy if {
	every kind, severity in {"uid": "high", "gid": "high", "net-admin": "high", "net-raw": "medium"} {
		rule.deny == {{
			"at": ["mesh", "bypass", 0],
			"message": kind,
			"severity": severity,
		}} with input as _workload(false, [kind])
	}
}

test_allow_when_no_container_can if {
	count(rule.deny) == 0 with input as _workload(false, [])
}

test_allow_gateways if {
	count(rule.deny) == 0 with input as _workload(true, ["uid"])
}
