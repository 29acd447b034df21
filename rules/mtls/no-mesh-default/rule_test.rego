package rules.mtls["no-mesh-default_test"]

import data.rules.mtls["no-mesh-default"] as rule

_mesh(change) := {"mesh": object.union({"default": "none", "has_members": "yes", "all_strict": "no"}, change)}

test_deny_when_no_policy_covers_the_workloads if {
	every mode in {"none", "UNSET"} {
		rule.deny == {{"at": [], "severity": "high"}} with input as _mesh({"default": mode})
	}
}

test_deny_when_every_namespace_is_covered_only_as_low if {
	rule.deny == {{"at": [], "severity": "low"}} with input as _mesh({"all_strict": "yes"})
}

test_deny_when_nothing_of_the_tree_is_in_the_mesh_only_as_low if {
	rule.deny == {{"at": [], "severity": "low"}} with input as _mesh({"has_members": "no", "all_strict": "yes"})
}

test_allow_when_a_policy_says_something_or_may if {
	every mode in {"STRICT", "PERMISSIVE", "DISABLE", "unknown"} {
		count(rule.deny) == 0 with input as _mesh({"default": mode})
	}
}
