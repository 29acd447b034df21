package rules.reach["istiod-blocked_test"]

import data.rules.reach["istiod-blocked"] as rule

_flow(need, verdict) := {"flow": {"need": need, "egress": {"verdict": verdict}}}

test_deny_when_denied if {
	{result.at | some result in rule.deny} == {["egress"]} with input as _flow("istiod", "denied")
}

test_allow_when_admitted_or_unknown if {
	every verdict in {"allowed", "unknown"} {
		count(rule.deny) == 0 with input as _flow("istiod", verdict)
	}
}

test_allow_when_another_need if {
	count(rule.deny) == 0 with input as _flow("dns", "denied")
}
