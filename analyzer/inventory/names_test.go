package inventory_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/inventorytest"
)

// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
func TestResolveHost(t *testing.T) {
	t.Parallel()
	s := analyzertest.Build(t, sample.Hosts).Sets[0].Inventory
	from := s.Workloads[slices.IndexFunc(s.Workloads, func(w *inventory.Workload) bool { return w.Name == "caller" })]
	for _, c := range []struct{ host, want string }{
		{"redis", "ai/redis"},
		{"Redis", "ai/redis"},
		{"redis.ai", "ai/redis"},
		{"redis.ai.svc", "ai/redis"},
		{"redis.ai.svc.cluster.local", "ai/redis"},
		{"redis.ai.svc.cluster.local.", "ai/redis"},
		{"pg.data", "data/pg"},
		{"openai", "ai/openai"},
		{"redis-0.redis-peers", "ai/redis-peers"},
		{"redis-0.redis-peers.ai.svc", "ai/redis-peers"},
		{"other-0.redis-peers.ai.svc", "-"}, // no pod of it is called so
		{"redis-0.redis.ai.svc", "-"},       // not headless: its pods have no names
		{"pg", "-"},                         // another namespace's
		{"redis.svc", "-"},
		{"redis.cluster.local", "-"},
		{"redis.ai.svc.", "-"}, // rooted: the search list does not apply
		{"redis.ai.svc.clusterset.local", "-"},
		{"gone.data", "-"},
		{"gone.elsewhere", "-"}, // perhaps a namespace outside the tree
		{"10.0.0.1", "-"},       // perhaps the cluster's
		{"fd00::1", "-"},
		{"${HOST}", "-"},
		{"", "-"},
		{".", "-"},
		{"8.8.8.8", "external"},
		{"2606:4700::1111", "external"},
		{"huggingface.co", "external"},
		{"api.openai.com", "external"},
		{"api.openai.com.", "external"},
		{"x.rds.amazonaws.com", "external"},
		{"printer.office.local", "-"},
	} {
		v, external, ok := s.ResolveHost(from, c.host)
		got := "-"
		switch {
		case ok:
			got = v.Namespace + "/" + v.Name
		case external:
			got = "external"
		}
		if got != c.want {
			t.Errorf("%q means %s, want %s", c.host, got, c.want)
		}
	}
}

// A pod with the node's resolver or with names of its own means something else.
func TestResolveHostElsewhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		spec string
		ok   bool
	}{
		{"hostNetwork: true, ", false},
		{"hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet, ", true},
		{"dnsPolicy: Default, ", false},
		{"dnsPolicy: None, ", false},
		{"hostAliases: [{ip: 10.0.0.1, hostnames: [redis]}], ", false},
		{"", true},
	} {
		s := analyzertest.Build(t, strings.Replace(sample.Hosts, "spec: {containers", "spec: {"+c.spec+"containers", 1)).Sets[0].Inventory
		from := s.Workloads[slices.IndexFunc(s.Workloads, func(w *inventory.Workload) bool { return w.Name == "caller" })]
		if _, _, ok := s.ResolveHost(from, "redis"); ok != c.ok {
			t.Errorf("{%s}: resolved = %v, want %v", c.spec, ok, c.ok)
		}
	}
	twice := sample.Join(sample.Hosts, "apiVersion: v1\nkind: Service\nmetadata: {name: redis, namespace: ai}\nspec: {selector: {app: other}, ports: [{port: 81}]}\n")
	s := analyzertest.Build(t, twice).Sets[0].Inventory
	if _, _, ok := s.ResolveHost(s.Workloads[0], "redis.ai"); ok {
		t.Error("a name that two Services have resolves to one of them")
	}
}

// https://kubernetes.io/docs/concepts/services-networking/service/#headless-services
func TestDestinations(t *testing.T) {
	t.Parallel()
	d := analyzertest.Build(t, sample.Hosts).Sets[0].Inventory.Hosts
	for _, c := range []struct {
		service  string
		number   int
		protocol string
		want     string
	}{
		{"ai/redis", 80, "TCP", "redis:6379/TCP"},
		{"ai/redis", 0, "", "redis:6379/TCP"},
		{"ai/redis", 6379, "TCP", ""}, // the pod's port is none of the Service's
		{"ai/redis-peers", 6379, "", "redis:6379/TCP"},
		{"ai/redis-peers", 16379, "", "redis:16379/TCP"}, // headless: the pod's own port
		{"ai/redis-peers", 1, "", ""},                    // headless: nothing listens on 1
		{"ai/redis-peers", 0, "", ""},                    // which of two?
		{"data/pg", 5432, "", "pg:5432/TCP"},
		{"ai/openai", 443, "", ""},
		{"ai/dns", 53, "", "caller:5353/TCP"},
		{"ai/dns", 53, "UDP", "caller:53/UDP"},
	} {
		if got := inventorytest.Destinations(d.Services[c.service].Destinations(c.number, c.protocol)); got != c.want {
			t.Errorf("%s:%d leads to %q, want %q", c.service, c.number, got, c.want)
		}
	}
}
