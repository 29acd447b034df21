package rules.ingress["open-to-everyone_test"]

import data.rules.ingress["open-to-everyone"] as rule

_port := {"exposed_by": [], "everyone": {"admitted": "yes", "via": "no-peers"}, "purpose": "app"}

_workload(workload, port) := {"workload": object.union(
	{"gateway": false, "platform": false, "ports": [object.union(_port, port)]},
	workload,
)}

test_deny_when_a_rule_names_no_peers if {
	rule.deny == {{"at": ["ports", 0, "everyone"], "message": "", "severity": "high"}} with input as _workload({}, {})
}

test_deny_when_address_blocks_cover_everything if {
	rule.deny == {{
		"at": ["ports", 0, "everyone"],
		"message": "addresses",
		"severity": "high",
	}} with input as _workload({}, {"everyone": {"via": "ip-block"}})
}

test_deny_when_only_metrics_are_open if {
	rule.deny == {{"at": ["ports", 0, "everyone"], "message": "", "severity": "high"}} with input as _workload({}, {"purpose": "metrics"})
}

test_deny_when_it_may_be_meant_only_as_info if {
	every case in [
		[{}, {"exposed_by": ["loadbalancer"]}],
		[{}, {"purpose": "webhook"}],
		[{"gateway": true}, {}],
		[{"platform": true}, {}],
		[{"gateway": true, "platform": true}, {"exposed_by": ["nodeport"]}],
	] {
		rule.deny == {{"at": ["ports", 0, "everyone"], "message": "", "severity": "info"}} with input as _workload(case[0], case[1])
	}
}

test_allow_when_not_admitted_or_unknown if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _workload({}, {"everyone": {"admitted": answer}})
	}
}
