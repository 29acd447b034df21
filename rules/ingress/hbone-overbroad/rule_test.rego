package rules.ingress["hbone-overbroad_test"]

import data.rules.ingress["hbone-overbroad"] as rule

test_deny_when_it_is_open_wider if {
	rule.deny == {{"at": ["hbone"]}} with input as {"workload": {"hbone": {"admitted": "yes"}}}
}

test_allow_when_not_or_unknown if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as {"workload": {"hbone": {"admitted": answer}}}
	}
}
