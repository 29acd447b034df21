package rules.manifest["duplicate-object_test"]

import data.rules.manifest["duplicate-object"] as rule

test_deny_when_copies_differ if {
	rule.deny == {{"at": []}} with input as {"duplicate": {"same": false}}
}

test_allow_when_copies_are_equal if {
	count(rule.deny) == 0 with input as {"duplicate": {"same": true}}
}
