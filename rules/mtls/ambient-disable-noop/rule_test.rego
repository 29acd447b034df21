package rules.mtls["ambient-disable-noop_test"]

import data.rules.mtls["ambient-disable-noop"] as rule

_policy(own, port) := {"peer_authentication": {
	"ambient": {"affected": own},
	"ports": [{"ambient": {"affected": port}}],
}}

test_deny_when_the_policy_disables_in_ambient_mode if {
	rule.deny == {{"at": ["ambient"]}} with input as _policy("yes", "no")
}

test_deny_when_a_port_disables_in_ambient_mode if {
	rule.deny == {{"at": ["ports", 0, "ambient"]}} with input as _policy("no", "yes")
}

test_allow_when_no_ambient_workload_is_concerned if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _policy(answer, answer)
	}
}
