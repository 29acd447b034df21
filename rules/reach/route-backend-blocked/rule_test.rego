package rules.reach["route-backend-blocked_test"]

import data.rules.reach["route-backend-blocked"] as rule

_flow(need, verdict, egress, ingress) := {"flow": {
	"need": need,
	"verdict": verdict,
	"source": "workload",
	"mesh": {"verdict": "allowed"},
	"egress": {"verdict": egress},
	"ingress": {"verdict": ingress},
}}

test_deny_when_the_egress_is_denied if {
	rule.deny == {{
		"at": [],
		"message": "egress",
		"related": [{"at": ["egress"], "note": "egress"}],
	}} with input as _flow("route", "denied", "denied", "unknown")
}

test_deny_when_the_ingress_is_denied if {
	{result.message | some result in rule.deny} == {"ingress"} with input as _flow("route", "denied", "allowed", "denied")
}

test_deny_when_both_are_denied if {
	{count(result.related) | some result in rule.deny} == {2} with input as _flow("route", "denied", "denied", "denied")
}

test_allow_when_allowed_or_unknown if {
	count(rule.deny) == 0 with input as _flow("route", "allowed", "allowed", "allowed")
	count(rule.deny) == 0 with input as _flow("route", "unknown", "unknown", "allowed")
}

test_allow_when_another_need if {
	count(rule.deny) == 0 with input as _flow("dns", "denied", "denied", "allowed")
}

test_deny_when_the_proxy_sends_plaintext_to_strict if {
	flow := object.union(_flow("route", "allowed", "allowed", "allowed"), {"flow": {"mesh": {"verdict": "broken-tls"}}})
	{result.message | some result in rule.deny} == {"tls"} with input as flow
	count(rule.deny) == 0 with input as object.union(flow, {"flow": {"source": "elsewhere"}})
}
