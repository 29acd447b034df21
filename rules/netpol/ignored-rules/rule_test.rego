package rules.netpol["ignored-rules_test"]

import data.rules.netpol["ignored-rules"] as rule

_applies(rules) := {"applies": true, "rules": rules}

_ignored(rules) := {"applies": false, "rules": rules}

test_deny_when_ingress_rules_are_ignored if {
	rule.deny == {{"at": ["ingress"]}} with input as {"network_policy": {
		"has_policy_types": true,
		"ingress": _ignored(2),
		"egress": _applies(1),
	}}
}

test_deny_when_egress_rules_are_ignored if {
	rule.deny == {{"at": ["egress"]}} with input as {"network_policy": {
		"has_policy_types": true,
		"ingress": _applies(1),
		"egress": _ignored(1),
	}}
}

test_deny_when_ingress_is_denied_unawares if {
	rule.deny == {{"at": ["egress"], "message": "denies-ingress", "severity": "info"}} with input as {"network_policy": {
		"has_policy_types": false,
		"ingress": _applies(0),
		"egress": _applies(1),
	}}
}

test_allow_when_both_directions_apply if {
	count(rule.deny) == 0 with input as {"network_policy": {
		"has_policy_types": false,
		"ingress": _applies(1),
		"egress": _applies(1),
	}}
}

test_allow_when_all_is_denied_on_purpose if {
	count(rule.deny) == 0 with input as {"network_policy": {
		"has_policy_types": true,
		"ingress": _applies(0),
		"egress": _applies(0),
	}}
}

test_allow_when_an_ignored_direction_has_no_rules if {
	count(rule.deny) == 0 with input as {"network_policy": {
		"has_policy_types": true,
		"ingress": _applies(1),
		"egress": _ignored(0),
	}}
}
