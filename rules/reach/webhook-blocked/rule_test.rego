package rules.reach["webhook-blocked_test"]

import data.rules.reach["webhook-blocked"] as rule

_flow(need, verdict) := {"flow": {"need": need, "ingress": {"verdict": verdict}}}

test_deny_when_denied if {
	{result.at | some result in rule.deny} == {[]} with input as _flow("webhook", "denied")
}

test_allow_when_admitted_or_unknown if {
	every verdict in {"allowed", "unknown"} {
		count(rule.deny) == 0 with input as _flow("webhook", verdict)
	}
}

test_allow_when_another_need if {
	count(rule.deny) == 0 with input as _flow("dns", "denied")
}
