package rules.manifest["not-applied_test"]

import data.rules.manifest["not-applied"] as rule

test_deny_beside_and_below if {
	some where in ["beside", "below"]
	rule.deny == {{"at": []}} with input as {"unapplied": {"where": where}}
}
