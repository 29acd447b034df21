package rules.reach["hbone-blocked_test"]

import data.rules.reach["hbone-blocked"] as rule

_flow(need, egress, ingress) := {"flow": {"need": need, "egress": {"verdict": egress}, "ingress": {"verdict": ingress}}}

_said(flow) := {result.message | some result in rule.deny with input as flow}

test_deny_when_either_side_keeps_it_out if {
	_said(_flow("hbone", "allowed", "denied")) == {"ingress"}
	_said(_flow("hbone", "denied", "unknown")) == {"egress"}
	_said(_flow("hbone", "denied", "denied")) == {"egress", "ingress"}
}

test_allow_when_admitted_or_another_need if {
	_said(_flow("hbone", "allowed", "unknown")) == set()
	_said(_flow("dns", "denied", "denied")) == set()
}
