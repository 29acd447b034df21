package rules.manifest["not-built_test"]

import data.rules.manifest["not-built"] as rule

test_deny_what_is_broken if {
	some whole in [true, false]
	rule.deny == {{"at": []}} with input as {"unbuilt": {"cause": "broken", "whole": whole}}
}

test_deny_chart_that_renders_nothing if {
	rule.deny == {{"at": []}} with input as {"unbuilt": {"cause": "values", "whole": true}}
}

test_deny_low_where_the_rest_renders if {
	rule.deny == {{"at": [], "severity": "low"}} with input as {"unbuilt": {"cause": "values", "whole": false}}
}

test_deny_low_what_is_not_fetched if {
	rule.deny == {{"at": [], "severity": "low"}} with input as {"unbuilt": {"cause": "refused", "whole": false}}
}

test_allow_what_nobody_commits if {
	count(rule.deny) == 0 with input as {"unbuilt": {"cause": "input", "whole": false}}
}
