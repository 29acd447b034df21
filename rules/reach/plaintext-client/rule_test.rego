package rules.reach["plaintext-client_test"]

import data.rules.reach["plaintext-client"] as rule

_workload(plaintext_callers) := {"workload": {"ports": [{"plaintext_callers": [{"kind": kind} | some kind in plaintext_callers]}]}}

test_deny_when_a_caller_has_no_proxy if {
	rule.deny == {{"at": ["ports", 0, "plaintext_callers", 0]}} with input as _workload(["no-mesh"])
}

test_deny_when_a_caller_excludes_the_port if {
	rule.deny == {{
		"at": ["ports", 0, "plaintext_callers", 0],
		"message": "excluded-outbound",
	}} with input as _workload(["excluded-outbound"])
}

test_allow_when_no_caller_is_known if {
	count(rule.deny) == 0 with input as _workload([])
}
