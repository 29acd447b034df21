package rules.mtls["root-selector-ignored_test"]

import data.rules.mtls["root-selector-ignored"] as rule

_policy(root, selector) := {"peer_authentication": {"root_namespace": root, "selector": selector}}

test_deny_when_the_root_namespace_has_a_selector if {
	rule.deny == {{"at": ["pod_selector"]}} with input as _policy(true, "some")
}

test_allow_when_it_is_mesh_wide if {
	count(rule.deny) == 0 with input as _policy(true, "none")
}

test_allow_when_it_lies_elsewhere if {
	count(rule.deny) == 0 with input as _policy(false, "some")
}
