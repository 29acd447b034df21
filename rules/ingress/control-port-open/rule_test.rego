package rules.ingress["control-port-open_test"]

import data.rules.ingress["control-port-open"] as rule

_no := {"admitted": "no"}

_yes := {"admitted": "yes"}

_workload(isolated, control, port) := {"workload": {
	"host_network": false,
	"mesh": {"member": "sidecar"},
	"ingress": {"isolated": isolated},
	"ports": [object.union({"management": control, "everyone": _no, "cluster": _no, "namespace": _no, "authz": {"covered": "no"}}, port)],
}}

_open := {"name": "ray-dashboard", "auth": "no"}

_said(workload) := {[result.message, object.get(result, "severity", "critical")] | some result in rule.deny with input as workload}

test_deny_when_nothing_restricts_it if {
	_said(_workload("no", _open, {})) == {["open", "critical"]}
}

test_deny_when_a_pod_of_the_host_network if {
	_said({"workload": object.union(_workload("no", _open, {}).workload, {"host_network": true})}) == {["open", "critical"]}
}

test_deny_when_the_widest_is_said if {
	_said(_workload("yes", _open, {"everyone": _yes, "cluster": _yes, "namespace": _yes})) == {["everyone", "critical"]}
	_said(_workload("yes", _open, {"cluster": _yes, "namespace": _yes})) == {["cluster", "critical"]}
	_said(_workload("yes", _open, {"namespace": _yes})) == {["namespace", "high"]}
}

test_allow_when_only_named_pods_are_admitted if {
	_said(_workload("yes", _open, {})) == set()
}

test_allow_when_it_authenticates_or_may if {
	every auth in {"yes", "unknown"} {
		_said(_workload("no", {"name": "jupyter", "auth": auth}, {})) == set()
	}
}

test_allow_when_the_port_rules_nothing if {
	_said(_workload("no", {"name": "none", "auth": "no"}, {})) == set()
}

test_allow_when_authorization_may_keep_callers_out if {
	every covered in {"yes", "unknown"} {
		_said(_workload("no", _open, {"authz": {"covered": covered}})) == set()
	}
}

test_deny_when_outside_the_mesh_authorization_is_nothing if {
	workload := object.union(_workload("no", _open, {"authz": {"covered": "unknown"}}).workload, {"mesh": {"member": "none"}})
	count(_said({"workload": workload})) == 1
}
