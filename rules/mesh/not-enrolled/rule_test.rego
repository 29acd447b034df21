package rules.mesh["not-enrolled_test"]

import data.rules.mesh["not-enrolled"] as rule

_workload(changes) := {"workload": object.union(
	{
		"exposed_by": [],
		"role": "none",
		"gateway": false,
		"host_network": false,
		"inferred": false,
		"platform": false,
		"mesh": {"member": "none", "reason": "no-label", "expected": "yes"},
	},
	changes,
)}

test_deny_when_nothing_is_labelled if {
	rule.deny == {{"at": ["namespace"], "severity": "medium"}} with input as _workload({})
}

test_deny_when_the_label_is_in_vain if {
	every reason in {"label-on-owner", "annotation-only"} {
		rule.deny == {{"at": ["mesh"], "message": reason, "severity": "medium"}} with input as _workload({"mesh": {"reason": reason}})
	}
}

test_allow_when_it_was_left_out_on_purpose if {
	every reason in {"opt-out", "namespace-disabled", "never-injected", "ambient-opt-out"} {
		count(rule.deny) == 0 with input as _workload({"mesh": {"reason": reason}})
	}
}

test_allow_when_enrolled_or_unknown if {
	every member in {"sidecar", "ambient", "unknown"} {
		count(rule.deny) == 0 with input as _workload({"mesh": {"member": member}})
	}
}

test_allow_when_no_mesh_is_expected if {
	every expected in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _workload({"mesh": {"expected": expected}})
	}
}

test_allow_when_it_cannot_or_need_not_be_enrolled if {
	every guard in {"gateway", "host_network", "inferred", "platform"} {
		count(rule.deny) == 0 with input as _workload({guard: true})
	}
}

test_allow_when_the_api_server_calls_it if {
	count(rule.deny) == 0 with input as _workload({"exposed_by": ["webhook"]})
}

test_deny_when_an_ai_workload_as_high if {
	{result.severity | some result in rule.deny} == {"high"} with input as _workload({"role": "inference"})
}
