package rules.netpol["unresolved-port_test"]

import data.rules.netpol["unresolved-port"] as rule

_policy(applies, kind, declared) := {"network_policy": {"rules": [{
	"applies": applies,
	"ports": [{"kind": kind, "declared": declared}],
}]}}

test_deny_when_nobody_declares_it if {
	rule.deny == {{"at": ["rules", 0, "ports", 0]}} with input as _policy(true, "name", "none")
}

test_deny_when_only_addresses_are_meant if {
	rule.deny == {{"at": ["rules", 0, "ports", 0], "message": "address"}} with input as _policy(true, "name", "address")
}

test_deny_when_some_lack_it_as_medium if {
	rule.deny == {{
		"at": ["rules", 0, "ports", 0],
		"message": "some",
		"severity": "medium",
	}} with input as _policy(true, "name", "some")
}

test_allow_when_declared_unknown_or_without_effect if {
	every declared in {"all", "unknown"} {
		count(rule.deny) == 0 with input as _policy(true, "name", declared)
	}
	count(rule.deny) == 0 with input as _policy(false, "name", "none")
	count(rule.deny) == 0 with input as _policy(true, "number", "unknown")
}
