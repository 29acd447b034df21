package rules.service["unserved-port_test"]

import data.rules.service["unserved-port"] as rule

_service(target, served, declared) := {"service": {"ports": [
	{"target": "number", "served": "yes", "pods_declare_ports": true},
	{"target": target, "served": served, "pods_declare_ports": declared},
]}}

test_deny_when_a_name_is_not_declared if {
	every declared in {true, false} {
		rule.deny == {{"at": ["ports", 1]}} with input as _service("name", "no", declared)
	}
}

test_deny_when_a_number_is_not_among_the_declared_only_as_low if {
	rule.deny == {{
		"at": ["ports", 1],
		"message": "number",
		"severity": "low",
	}} with input as _service("number", "no", true)
}

test_allow_when_no_ports_are_declared_at_all if {
	count(rule.deny) == 0 with input as _service("number", "no", false)
}

test_allow_when_served_or_unknown if {
	every target in {"name", "number"} {
		every served in {"yes", "unknown"} {
			count(rule.deny) == 0 with input as _service(target, served, true)
		}
	}
}
