package rules.ingress["open-to-cluster_test"]

import data.rules.ingress["open-to-cluster"] as rule

_port := {"cluster": {"admitted": "yes"}, "everyone": {"admitted": "no"}, "purpose": "app"}

_workload(workload, port) := {"workload": object.union(
	{"gateway": false, "platform": false, "role": "none", "ports": [object.union(_port, port)]},
	workload,
)}

test_deny_when_every_pod_is_admitted if {
	rule.deny == {{"at": ["ports", 0, "cluster"], "severity": "medium"}} with input as _workload({}, {})
}

test_deny_when_it_runs_an_ai_product_as_high if {
	rule.deny == {{"at": ["ports", 0, "cluster"], "severity": "high"}} with input as _workload({"role": "vector-store"}, {})
	rule.deny == {{"at": ["ports", 0, "cluster"], "severity": "low"}} with input as _workload({"role": "vector-store"}, {"purpose": "metrics"})
}

test_deny_when_wide_callers_are_usual_only_as_low if {
	every case in [[{}, {"purpose": "metrics"}], [{"gateway": true}, {}], [{"platform": true}, {}]] {
		rule.deny == {{"at": ["ports", 0, "cluster"], "severity": "low"}} with input as _workload(case[0], case[1])
	}
}

test_deny_when_more_than_the_cluster_is_unknown if {
	count(rule.deny) == 1 with input as _workload({}, {"everyone": {"admitted": "unknown"}})
}

test_allow_when_everyone_is_admitted_anyway if {
	count(rule.deny) == 0 with input as _workload({}, {"everyone": {"admitted": "yes"}})
}

test_allow_when_not_admitted_or_unknown if {
	every answer in {"no", "unknown"} {
		count(rule.deny) == 0 with input as _workload({}, {"cluster": {"admitted": answer}})
	}
}
