package rules.reach["dns-blocked_test"]

import data.rules.reach["dns-blocked"] as rule

_flow(need, verdict, calls) := {"flow": {"need": need, "egress": {"verdict": verdict}, "calls_hosts": calls}}

test_deny_when_names_are_needed if {
	rule.deny == {{"at": ["egress"], "severity": "high"}} with input as _flow("dns", "denied", "yes")
	rule.deny == {{"at": ["egress"], "severity": "medium"}} with input as _flow("dns", "denied", "unknown")
}

test_allow_when_nobody_is_called if {
	count(rule.deny) == 0 with input as _flow("dns", "denied", "no")
}

test_allow_when_admitted_or_unknown if {
	every verdict in {"allowed", "unknown"} {
		count(rule.deny) == 0 with input as _flow("dns", verdict, "yes")
	}
}

test_allow_when_another_need if {
	count(rule.deny) == 0 with input as _flow("istiod", "denied", "yes")
}
