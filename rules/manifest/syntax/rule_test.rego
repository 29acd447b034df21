package rules.manifest.syntax_test

import data.rules.manifest.syntax as rule

test_deny_when_document_is_broken if {
	rule.deny == {{"at": []}} with input as {"document": {"cause": "syntax"}}
}

test_deny_when_document_was_flattened if {
	rule.deny == {{"at": []}} with input as {"document": {"cause": "flattened"}}
}

test_allow_when_there_is_no_such_document if {
	count(rule.deny) == 0 with input as {}
}
