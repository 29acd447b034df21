package rules.authz["l7-without-waypoint_test"]

import data.rules.authz["l7-without-waypoint"] as rule

_policy(action, ztunnel, dry) := {"authorization_policy": {
	"action": action,
	"dry_run": {"on": dry},
	"rules": [{"unsupported_by_ztunnel": ztunnel}],
	"targets": [],
}}

_attached(target) := {"authorization_policy": {"action": "ALLOW", "rules": [], "targets": [target]}}

test_deny_when_a_service_has_no_waypoint if {
	target := {"kind": "Service", "found": "yes", "waypoint": "no"}
	rule.deny == {{"at": ["targets", 0], "message": "target"}} with input as _attached(target)
	every change in [{"found": "unknown"}, {"waypoint": "yes"}, {"waypoint": "unknown"}, {"kind": "Gateway"}] {
		count(rule.deny) == 0 with input as _attached(object.union(target, change))
	}
}

test_deny_when_ztunnel_is_alone if {
	rule.deny == {{"at": ["rules", 0], "message": ""}} with input as _policy("ALLOW", "yes", false)
	rule.deny == {{"at": ["rules", 0], "message": "deny"}} with input as _policy("DENY", "yes", false)
}

test_deny_when_ztunnel_ignores_the_action if {
	every action in {"CUSTOM", "AUDIT"} {
		rule.deny == {{"at": ["rules", 0], "message": "action"}} with input as _policy(action, "yes", false)
	}
}

test_allow_when_something_else_enforces if {
	every action in {"ALLOW", "DENY", "CUSTOM", "AUDIT"} {
		count(rule.deny) == 0 with input as _policy(action, "no", false)
		count(rule.deny) == 0 with input as _policy(action, "yes", true)
	}
}
