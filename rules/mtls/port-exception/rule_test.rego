package rules.mtls["port-exception_test"]

import data.rules.mtls["port-exception"] as rule

_port := {"mode": "PERMISSIVE", "effective": "yes", "purpose": "app"}

_policy(change) := {"peer_authentication": {"mode": "STRICT", "ports": [object.union(_port, change)]}}

test_deny_when_plaintext_is_accepted if {
	every mode in {"PERMISSIVE", "DISABLE"} {
		rule.deny == {{"at": ["ports", 0], "severity": "high"}} with input as _policy({"mode": mode})
	}
}

test_deny_when_the_caller_is_outside_the_mesh_only_as_medium if {
	every purpose in {"metrics", "webhook"} {
		rule.deny == {{"at": ["ports", 0], "severity": "medium"}} with input as _policy({"purpose": purpose})
	}
}

test_deny_when_the_policy_itself_is_not_strict if {
	# mtls/not-strict leaves a port with a mode of its own to this rule.
	count(rule.deny) == 1 with input as {"peer_authentication": {"mode": "PERMISSIVE", "ports": [_port]}}
}

test_allow_when_the_entry_keeps_mutual_tls if {
	every mode in {"STRICT", "UNSET"} {
		count(rule.deny) == 0 with input as _policy({"mode": mode})
	}
}

test_allow_when_the_entry_is_not_in_force if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _policy({"effective": answer})
	}
}
