package rules.service["port-protocol_test"]

import data.rules.service["port-protocol"] as rule

_service(mesh, protocol) := {"service": {"ports": [
	{"mesh": mesh, "protocol": "declared"},
	{"mesh": mesh, "protocol": protocol},
]}}

test_deny_when_the_protocol_is_guessed if {
	rule.deny == {{
		"at": ["ports", 1],
		"field": ["spec", "ports", 1, "name"],
	}} with input as _service("sidecar", "sniffed")
}

test_deny_when_the_app_protocol_is_unknown if {
	rule.deny == {{
		"at": ["ports", 1],
		"field": ["spec", "ports", 1, "appProtocol"],
		"message": "unknown-app-protocol",
	}} with input as _service("sidecar", "unknown-app-protocol")
}

test_allow_when_istio_knows_or_does_not_care if {
	every protocol in {"declared", "assumed", "not-proxied"} {
		count(rule.deny) == 0 with input as _service("sidecar", protocol)
	}
}

test_allow_when_no_sidecar_is_certain if {
	every mesh in {"ambient", "none", "unknown"} {
		every protocol in {"sniffed", "unknown-app-protocol"} {
			count(rule.deny) == 0 with input as _service(mesh, protocol)
		}
	}
}

test_deny_when_the_name_hides_grpc if {
	rule.deny == {{
		"at": ["ports", 0],
		"field": ["spec", "ports", 0, "name"],
		"message": "hidden-grpc",
	}} with input as {"service": {"ports": [{"mesh": "sidecar", "protocol": "declared", "grpc": "hidden"}]}}
}

test_allow_when_grpc_is_declared_or_no_matter if {
	every grpc in {"no", "declared"} {
		count(rule.deny) == 0 with input as {"service": {"ports": [{"mesh": "sidecar", "protocol": "declared", "grpc": grpc}]}}
	}
}
