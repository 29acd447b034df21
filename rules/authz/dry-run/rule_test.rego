package rules.authz["dry-run_test"]

import data.rules.authz["dry-run"] as rule

test_deny_when_it_is_left_on if {
	rule.deny == {{"at": ["dry_run"]}} with input as {"authorization_policy": {"dry_run": {"on": true}}}
}

test_allow_when_enforced if {
	count(rule.deny) == 0 with input as {"authorization_policy": {"dry_run": {"on": false}}}
}
