package rules.netpol["service-port_test"]

import data.rules.netpol["service-port"] as rule

_policy(applies, present) := {"network_policy": {"rules": [{"applies": applies, "ports": [{"service": {"present": present}}]}]}}

test_deny_when_a_service_has_the_number if {
	{result.at | some result in rule.deny} == {["rules", 0, "ports", 0]} with input as _policy(true, true)
}

test_allow_when_no_service_has_it_or_the_rule_has_no_effect if {
	count(rule.deny) == 0 with input as _policy(true, false)
	count(rule.deny) == 0 with input as _policy(false, true)
}
