package rules.reach["authz-blocks-caller_test"]

import data.rules.reach["authz-blocks-caller"] as rule

_flow(need, network, mesh) := {"flow": {"need": need, "verdict": network, "mesh": {"verdict": mesh}}}

_said(flow) := {result.message | some result in rule.deny with input as flow}

test_deny_when_every_request_is_refused if {
	_said(_flow("route", "allowed", "denied")) == {"route"}
	_said(_flow("scrape", "unknown", "denied")) == {"scrape"}
}

test_allow_when_some_or_all_pass_or_nobody_knows if {
	every verdict in {"allowed", "conditional", "unknown", "broken-tls"} {
		_said(_flow("route", "allowed", verdict)) == set()
	}
}

test_allow_when_the_network_denies_it_already if {
	_said(_flow("route", "denied", "denied")) == set()
}

test_allow_when_another_need if {
	_said(_flow("dependency", "allowed", "denied")) == set()
}
