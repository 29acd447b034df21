package rules.reach["ambient-probe-blocked_test"]

import data.rules.reach["ambient-probe-blocked"] as rule

_flow(need, verdict) := {"flow": {"need": need, "ingress": {"verdict": verdict}}}

test_deny_when_denied if {
	{result.at | some result in rule.deny} == {["ingress"]} with input as _flow("probe", "denied")
}

test_allow_when_admitted_or_unknown if {
	every verdict in {"allowed", "unknown"} {
		count(rule.deny) == 0 with input as _flow("probe", verdict)
	}
}

test_allow_when_another_need if {
	count(rule.deny) == 0 with input as _flow("dns", "denied")
}
