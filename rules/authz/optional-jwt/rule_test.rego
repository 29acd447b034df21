package rules.authz["optional-jwt_test"]

import data.rules.authz["optional-jwt"] as rule

_request(change) := {"request_authentication": object.union({"has_jwt_rules": true, "token_required": "no", "unsupported_by_ztunnel": "no"}, change)}

test_deny_when_no_token_is_required if {
	rule.deny == {{"at": []}} with input as _request({})
}

test_deny_when_ztunnel_verifies_nothing if {
	every answer in {"yes", "no", "unknown"} {
		rule.deny == {{"at": [], "message": "ztunnel"}} with input as _request({"unsupported_by_ztunnel": "yes", "token_required": answer})
	}
}

test_allow_when_required_or_unknown if {
	every answer in {"yes", "unknown"} {
		count(rule.deny) == 0 with input as _request({"token_required": answer})
	}
}

test_allow_when_there_is_no_issuer if {
	count(rule.deny) == 0 with input as _request({"has_jwt_rules": false})
	count(rule.deny) == 0 with input as _request({"has_jwt_rules": false, "unsupported_by_ztunnel": "yes"})
}
