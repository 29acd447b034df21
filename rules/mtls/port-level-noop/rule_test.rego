package rules.mtls["port-level-noop_test"]

import data.rules.mtls["port-level-noop"] as rule

_policy(ports) := {"peer_authentication": {"ports": [{"port_of": port} | some port in ports]}}

test_deny_when_the_second_entry_names_a_service_port if {
	rule.deny == {{"at": ["ports", 1]}} with input as _policy(["workload", "service"])
}

test_allow_when_the_port_is_the_pods_or_unknown if {
	count(rule.deny) == 0 with input as _policy(["workload", "other", "unknown"])
}
