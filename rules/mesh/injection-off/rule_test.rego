package rules.mesh["injection-off_test"]

import data.rules.mesh["injection-off"] as rule

_mesh := {"reason": "opt-out", "enrolled": "yes", "conflict": {"kind": "none"}}

_workload(change) := {"workload": object.union(
	{
		"kind": "Deployment", "gateway": false, "platform": false, "exposed_by": [],
		"mesh": _mesh, "ports": [{"purpose": "app"}],
	},
	change,
)}

test_deny_when_pods_opt_out_of_an_enrolled_namespace if {
	every reason in {"opt-out", "ambient-opt-out"} {
		rule.deny == {{"at": ["mesh"], "severity": "high"}} with input as _workload({"mesh": {"reason": reason}})
	}
}

test_deny_when_nothing_is_served_only_as_low if {
	every change in [{"kind": "Job"}, {"kind": "CronJob"}, {"ports": []}, {"ports": [{"purpose": "metrics"}, {"purpose": "health"}]}] {
		rule.deny == {{"at": ["mesh"], "severity": "low"}} with input as _workload(change)
	}
}

test_deny_when_a_label_is_overruled if {
	every kind in {"revision-ignored", "ambient-ignored"} {
		rule.deny == {{
			"at": ["mesh", "conflict"],
			"message": kind,
			"severity": "medium",
		}} with input as _workload({"mesh": {"reason": "namespace", "conflict": {"kind": kind}}})
	}
}

test_allow_webhooks_gateways_and_the_platform if {
	every change in [{"gateway": true}, {"platform": true}, {"exposed_by": ["webhook"]}] {
		count(rule.deny) == 0 with input as _workload(change)
	}
}

test_allow_when_the_namespace_is_not_enrolled_or_unknown if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _workload({"mesh": {"enrolled": answer}})
	}
}

test_allow_when_the_pods_are_outside_for_another_reason if {
	every reason in {"namespace", "no-label", "host-network"} {
		count(rule.deny) == 0 with input as _workload({"mesh": {"reason": reason}})
	}
}
