package rules.mtls["not-strict_test"]

import data.rules.mtls["not-strict"] as rule

_port(purpose, mode, scope) := {
	"protocol": "TCP",
	"purpose": purpose,
	"mtls": {"mode": mode, "scope": scope},
}

_workload(changes) := {"workload": object.union(
	{
		"gateway": false,
		"host_network": false,
		"platform": false,
		"mesh": {"member": "sidecar"},
		"namespace": {"declared": "yes"},
		"ports": [_port("app", "PERMISSIVE", "namespace")],
	},
	changes,
)}

test_deny_when_a_policy_permits_plaintext if {
	every scope in {"workload", "namespace", "mesh"} {
		every mode in {"PERMISSIVE", "DISABLE"} {
			rule.deny == {{"at": ["ports", 0, "mtls"]}} with input as _workload({"ports": [_port("app", mode, scope)]})
		}
	}
}

test_deny_when_a_policy_permits_plaintext_and_membership_is_unknown if {
	every member in {"ambient", "unknown"} {
		count(rule.deny) == 1 with input as _workload({"mesh": {"member": member}})
	}
}

test_deny_when_the_default_applies_once_for_all_ports if {
	ports := [_port("app", "PERMISSIVE", "default"), _port("metrics", "PERMISSIVE", "default")]
	every member in {"sidecar", "ambient"} {
		rule.deny == {{"at": ["namespace"], "message": "default"}} with input as _workload({
			"mesh": {"member": member},
			"ports": ports,
		})
	}
}

test_allow_when_the_default_may_not_apply if {
	ports := [_port("app", "PERMISSIVE", "default")]
	every change in [
		{"mesh": {"member": "unknown"}},
		{"mesh": {"member": "none"}},
		{"namespace": {"declared": "no"}},
		{"namespace": {"declared": "unknown"}},
	] {
		count(rule.deny) == 0 with input as _workload(object.union({"ports": ports}, change))
	}
}

test_allow_when_strict_or_unknown if {
	every mode in {"STRICT", "NONE", "UNKNOWN"} {
		count(rule.deny) == 0 with input as _workload({"ports": [_port("app", mode, "namespace")]})
	}
}

test_allow_when_the_port_has_a_mode_of_its_own if {
	count(rule.deny) == 0 with input as _workload({"ports": [_port("app", "PERMISSIVE", "port")]})
}

test_allow_when_the_caller_is_the_api_server if {
	count(rule.deny) == 0 with input as _workload({"ports": [_port("webhook", "PERMISSIVE", "namespace")]})
}

test_allow_when_mutual_tls_is_not_the_workloads_affair if {
	every guard in {"gateway", "host_network", "platform"} {
		count(rule.deny) == 0 with input as _workload({guard: true})
	}
}

test_allow_when_the_proxy_does_not_capture_the_protocol if {
	udp := object.union(_port("app", "PERMISSIVE", "namespace"), {"protocol": "UDP"})
	count(rule.deny) == 0 with input as _workload({"ports": [udp]})
}
