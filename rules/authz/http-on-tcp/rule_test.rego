package rules.authz["http-on-tcp_test"]

import data.rules.authz["http-on-tcp"] as rule

_policy(action, tcp_ports, dry) := {"authorization_policy": {"action": action, "dry_run": {"on": dry}, "rules": [{"tcp_ports": tcp_ports}]}}

test_deny_when_an_allow_rule_has_no_other_port if {
	rule.deny == {{"at": ["rules", 0]}} with input as _policy("ALLOW", "all", false)
}

test_deny_when_a_deny_rule_meets_tcp if {
	every some_or_all in {"some", "all"} {
		rule.deny == {{"at": ["rules", 0], "message": "deny"}} with input as _policy("DENY", some_or_all, false)
	}
}

test_allow_when_the_allow_rule_is_for_another_port if {
	count(rule.deny) == 0 with input as _policy("ALLOW", "some", false)
}

test_allow_when_there_is_no_tcp_or_nothing_is_enforced if {
	every action in {"ALLOW", "DENY"} {
		count(rule.deny) == 0 with input as _policy(action, "none", false)
		count(rule.deny) == 0 with input as _policy(action, "all", true)
	}
	count(rule.deny) == 0 with input as _policy("AUDIT", "all", false)
}
