package rules.reach["scrape-blocked_test"]

import data.rules.reach["scrape-blocked"] as rule

_flow(need, egress, ingress) := {"flow": {
	"need": need,
	"source": "workload",
	"egress": {"verdict": egress},
	"ingress": {"verdict": ingress},
	"mesh": {"verdict": "allowed"},
}}

_places(flow) := {result.related[0].at | some result in rule.deny with input as flow}

test_deny_when_the_pod_keeps_it_out if {
	_places(_flow("scrape", "denied", "denied")) == {["ingress"]}
	_places(_flow("scrape", "allowed", "denied")) == {["ingress"]}
}

test_deny_when_the_scraper_is_kept_in if {
	_places(_flow("scrape", "denied", "unknown")) == {["egress"]}
}

test_allow_when_admitted_or_another_need if {
	_places(_flow("scrape", "unknown", "unknown")) == set()
	_places(_flow("route", "denied", "denied")) == set()
}

test_deny_when_strict_and_outside_the_mesh if {
	flow := object.union(_flow("scrape", "allowed", "allowed"), {"flow": {"mesh": {"verdict": "broken-tls"}}})
	_places(flow) == {["mesh"]}
	_places(object.union(flow, {"flow": {"source": "elsewhere"}})) == set()
	_places(object.union(flow, {"flow": {"ingress": {"verdict": "denied"}}})) == {["ingress"]}
}
