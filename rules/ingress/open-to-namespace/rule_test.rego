package rules.ingress["open-to-namespace_test"]

import data.rules.ingress["open-to-namespace"] as rule

test_deny_when_the_namespace_is_admitted if {
	rule.deny == {{"at": ["own_namespace"]}} with input as {"workload": {"own_namespace": {"admitted": "yes"}}}
}

test_allow_when_not_or_unknown if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as {"workload": {"own_namespace": {"admitted": answer}}}
	}
}
