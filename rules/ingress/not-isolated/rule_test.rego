package rules.ingress["not-isolated_test"]

import data.rules.ingress["not-isolated"] as rule

_workload := {
	"gateway": false,
	"host_network": false,
	"inferred": false,
	"platform": false,
	"role": "none",
	"ingress": {"isolated": "no"},
	"namespace": {"policies": "no", "policies_disabled_by": {"present": false}},
}

_but(changes) := {"workload": object.union(_workload, changes)}

test_deny_when_the_namespace_has_no_policy if {
	rule.deny == {{"at": ["ingress"], "message": "none", "severity": "medium", "related": []}} with input as _but({})
}

test_deny_when_no_policy_selects_it if {
	every policies in {"yes", "unknown"} {
		rule.deny == {{"at": ["ingress"], "message": "", "severity": "medium", "related": []}} with input as _but({"namespace": {"policies": policies}})
	}
}

test_deny_when_it_is_a_gateway_only_as_low if {
	rule.deny == {{"at": ["ingress"], "message": "none", "severity": "low", "related": []}} with input as _but({"gateway": true})
}

test_deny_when_it_runs_an_ai_product_as_high if {
	rule.deny == {{"at": ["ingress"], "message": "none-ai", "severity": "high", "related": []}} with input as _but({"role": "inference"})
	rule.deny == {{"at": ["ingress"], "message": "ai", "severity": "high", "related": []}} with input as _but({"role": "vector-store", "namespace": {"policies": "yes"}})
	rule.deny == {{"at": ["ingress"], "message": "none-ai", "severity": "low", "related": []}} with input as _but({"role": "gateway", "gateway": true})
}

test_allow_when_isolated_or_unknown if {
	every answer in {"yes", "unknown"} {
		count(rule.deny) == 0 with input as _but({"ingress": {"isolated": answer}})
	}
}

test_allow_when_policies_are_not_for_it if {
	every guard in {"host_network", "inferred", "platform"} {
		count(rule.deny) == 0 with input as _but({guard: true})
	}
}

test_allow_when_a_job_serves_no_port if {
	every kind in {"Job", "CronJob"} {
		count(rule.deny) == 0 with input as _but({"kind": kind, "ports": []})
		count(rule.deny) == 1 with input as _but({"kind": kind, "ports": [{"number": 8080}]})
	}
	count(rule.deny) == 1 with input as _but({"kind": "Deployment", "ports": []})
}

test_deny_when_a_value_switches_policies_off_names_it if {
	{result.related | some result in rule.deny} == {[{"at": ["namespace", "policies_disabled_by"], "note": "switch"}]} with input as _but({"namespace": {"policies_disabled_by": {"present": true}}})
}
