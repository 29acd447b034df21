package rules.manifest["unmodelled-policy_test"]

import data.rules.manifest["unmodelled-policy"] as rule

test_deny_when_something_is_left_open if {
	some leaves in ["ingress", "egress", "both"]
	rule.deny == {{"at": []}} with input as {"unmodelled_policy": {"family": "cilium", "unknown_directions": leaves}}
}

test_allow_when_it_selects_no_workload if {
	count(rule.deny) == 0 with input as {"unmodelled_policy": {"family": "calico", "unknown_directions": "none"}}
}
