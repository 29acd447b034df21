package rules.reach["probe-broken-by-mtls_test"]

import data.rules.reach["probe-broken-by-mtls"] as rule

_workload(by, mode) := {"workload": {"mesh": {"unrewritten_probes": [{"handler": by, "mode": mode}]}}}

test_deny_when_the_probe_meets_required_mutual_tls if {
	every by in {"http", "grpc"} {
		rule.deny == {{"at": ["mesh", "unrewritten_probes", 0]}} with input as _workload(by, "STRICT")
	}
}

test_allow_when_the_proxy_takes_plaintext_or_nobody_knows if {
	every mode in {"PERMISSIVE", "DISABLE", "NONE", "UNKNOWN"} {
		count(rule.deny) == 0 with input as _workload("http", mode)
	}
}

test_allow_when_a_connection_is_all_that_is_asked_for if {
	count(rule.deny) == 0 with input as _workload("tcp", "STRICT")
}
