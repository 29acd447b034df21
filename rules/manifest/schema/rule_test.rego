package rules.manifest.schema_test

import data.rules.manifest.schema as rule

test_deny_when_field_is_unknown if {
	rule.deny == {{"at": []}} with input as {"field": {"problem": "unknown-field"}}
}

test_deny_when_key_is_written_twice if {
	rule.deny == {{"at": []}} with input as {"field": {"problem": "duplicate-key"}}
}

test_allow_when_there_is_no_such_field if {
	count(rule.deny) == 0 with input as {}
}
