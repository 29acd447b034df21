package rules.netpol["host-network_test"]

import data.rules.netpol["host-network"] as rule

_workload(agent, selected) := {"workload": {"host": {"node_agent": agent, "selected": selected}}}

test_deny_when_a_policy_selects_it if {
	every selected in {"all", "some"} {
		{result.severity | some result in rule.deny} == {"high"} with input as _workload(false, selected)
	}
}

test_deny_when_an_agent_of_the_node_only_as_info if {
	{result.severity | some result in rule.deny} == {"info"} with input as _workload(true, "all")
}

test_allow_when_no_policy_selects_it if {
	count(rule.deny) == 0 with input as _workload(false, "none")
}
