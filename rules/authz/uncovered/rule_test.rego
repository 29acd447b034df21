package rules.authz.uncovered_test

import data.rules.authz.uncovered as rule

_port := {"protocol": "TCP", "purpose": "app", "mtls": {"mode": "STRICT"}, "authz": {"covered": "no"}}

_workload(change, port) := {"workload": object.union(
	{
		"role": "none",
		"mesh": {"member": "sidecar"},
		"namespace": {"declared": "yes"},
		"gateway": false,
		"platform": false,
		"host_network": false,
		"inferred": false,
		"ports": [object.union(_port, port)],
	},
	change,
)}

test_deny_when_nothing_limits_callers if {
	every member in {"sidecar", "ambient"} {
		rule.deny == {{"at": ["namespace"], "severity": "medium"}} with input as _workload({"mesh": {"member": member}}, {})
	}
}

test_allow_when_covered_or_unknown if {
	every answer in {"yes", "unknown"} {
		count(rule.deny) == 0 with input as _workload({}, {"authz": {"covered": answer}})
	}
}

test_allow_when_the_mesh_is_not_certain if {
	every change in [{"mesh": {"member": "none"}}, {"mesh": {"member": "unknown"}}, {"namespace": {"declared": "no"}}] {
		count(rule.deny) == 0 with input as _workload(change, {})
	}
}

test_allow_when_it_is_not_the_workloads_affair if {
	every guard in {"gateway", "platform", "host_network", "inferred"} {
		count(rule.deny) == 0 with input as _workload({guard: true}, {})
	}
}

test_allow_when_the_port_is_not_the_applications if {
	every change in [{"protocol": "UDP"}, {"purpose": "webhook"}, {"purpose": "metrics"}, {"mtls": {"mode": "NONE"}}] {
		count(rule.deny) == 0 with input as _workload({}, change)
	}
}

test_deny_when_an_ai_workload_as_high if {
	{result.severity | some result in rule.deny} == {"high"} with input as _workload({"role": "inference"}, {})
}
