package rules.ingress["all-ports_test"]

import data.rules.ingress["all-ports"] as rule

_rule := {"direction": "ingress", "peer_kind": "some", "port_kind": "all", "served_ports": "many"}

_policy(policy, change) := {"network_policy": object.union(
	{"ingress": {"applies": true}, "selector": "some", "selects": "yes", "rules": [object.union(_rule, change)]},
	policy,
)}

test_deny_when_many_ports_are_served if {
	rule.deny == {{"at": ["rules", 0]}} with input as _policy({}, {})
}

test_deny_when_the_pods_are_inferred if {
	rule.deny == {{"at": ["rules", 0], "message": "inferred"}} with input as _policy({}, {"served_ports": "unknown"})
}

test_allow_when_the_policy_may_be_for_no_pod if {
	every selects in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _policy({"selects": selects}, {"served_ports": "unknown"})
	}
}

test_allow_when_every_pod_of_the_namespace_is_meant if {
	count(rule.deny) == 0 with input as _policy({"selector": "all"}, {})
}

test_allow_when_every_pod_is_meant_and_none_is_known if {
	count(rule.deny) == 0 with input as _policy({"selector": "all"}, {"served_ports": "unknown"})
}

test_allow_when_nothing_is_gained_by_ports if {
	every served_ports in {"none", "one"} {
		count(rule.deny) == 0 with input as _policy({}, {"served_ports": served_ports})
	}
}

test_allow_when_the_rule_is_of_another_kind if {
	every change in [{"direction": "egress"}, {"peer_kind": "any"}, {"port_kind": "some"}] {
		count(rule.deny) == 0 with input as _policy({}, change)
	}
}

test_allow_when_ingress_is_not_isolated_by_it if {
	count(rule.deny) == 0 with input as _policy({"ingress": {"applies": false}}, {})
}
