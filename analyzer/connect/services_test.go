package connect_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

func serviceDoc(namespace, name, spec string) string {
	return "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + ", namespace: " + namespace + "}\nspec: " + spec + "\n"
}

// shop is the town with Services: ai/api leads 80 to vllm's 8000 by name, and
// its 9090 to 8000 as well, although vllm has a port 9090 of its own.
func shop() string {
	return sample.Join(sample.Town,
		serviceDoc("ai", "api", `{selector: {app: vllm}, ports: [{name: a, port: 80, targetPort: http}, {name: b, port: 9090, targetPort: 8000}]}`),
		serviceDoc("web", "front", `{selector: {app: front}, ports: [{port: 8080, targetPort: http}]}`),
		serviceDoc("ai", "front", `{selector: {app: side}, ports: [{port: 8080, targetPort: http}]}`),
		serviceDoc("ai", "gossip", `{selector: {app: vllm}, ports: [{name: t, port: 53, targetPort: 9090}, {name: u, port: 53, protocol: UDP, targetPort: gossip}]}`),
		serviceDoc("ai", "dead", `{selector: {app: nobody}, ports: [{port: 80}]}`),
		serviceDoc("ai", "byhand", `{ports: [{port: 80}]}`),
		serviceDoc("ai", "far", `{type: ExternalName, externalName: example.org}`),
		serviceDoc("ai", "nameless", `{selector: {app: vllm}, ports: [{port: 80, targetPort: nothing}]}`),
		serviceDoc("ai", "vllm", `{selector: {app: nobody}, ports: [{port: 80}]}`),
	)
}

// https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
func TestServiceAsEndpoint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, from, to string
		port           int
		want           []string
	}{
		{"by name", sample.AgentID, "api", 8000, []string{sample.VLLMID + " TCP 8000", sample.VLLMID + " UDP 8000", sample.VLLMID + " SCTP 8000"}},
		{"with its namespace", sample.AgentID, "ai/api", 8000, []string{sample.VLLMID + " TCP 8000", sample.VLLMID + " UDP 8000", sample.VLLMID + " SCTP 8000"}},
		{"with its kind", sample.AgentID, "ai/api[Service]", 80, []string{sample.VLLMID + " TCP 8000"}},
		{"its port, by name", sample.AgentID, "api", 80, []string{sample.VLLMID + " TCP 8000"}},
		{"its port before the pods'", sample.AgentID, "api", 9090, []string{sample.VLLMID + " TCP 8000"}},
		{"the workload has no port but its own", sample.AgentID, sample.VLLMID, 9090, []string{sample.VLLMID + " TCP 9090", sample.VLLMID + " UDP 9090", sample.VLLMID + " SCTP 9090"}},
		{"of each protocol its own", sample.AgentID, "gossip", 53, []string{sample.VLLMID + " TCP 9090", sample.VLLMID + " UDP 7946"}},
		{"two Services and a workload", sample.AgentID, "front", 8080, []string{sample.SideID + " TCP 7000", sample.FrontID + " TCP 80"}},
		{"one of the two", sample.AgentID, "web/front", 8080, []string{sample.FrontID + " TCP 80"}},
		{"a Service of nobody, a workload of that name", sample.AgentID, "ai/vllm", 80, []string{sample.VLLMID + " TCP 80", sample.VLLMID + " UDP 80", sample.VLLMID + " SCTP 80"}},
		{"as a source", "ai/api[Service]", sample.FrontID, 443, []string{sample.FrontID + " TCP 443", sample.FrontID + " UDP 443", sample.FrontID + " SCTP 443"}},
	} {
		rows, err := analyzertest.Build(t, shop()).Sets.Connectivity(connect.ConnectivityOptions{From: c.from, To: c.to, Port: c.port})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		var got []string
		for _, r := range rows {
			for _, p := range r.Ports {
				got = append(got, r.Dst.Name+" "+r.Protocol+" "+strconv.Itoa(p.First))
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestServiceOfNobody(t *testing.T) {
	t.Parallel()
	m := analyzertest.Build(t, shop())
	for name, want := range map[string]string{
		"dead":             "the Service ai/dead selects no pod of the manifests (app=nobody)",
		"ai/byhand":        "the Service ai/byhand has no selector",
		"ai/far[Service]":  "the Service ai/far is an ExternalName",
		"ai/vllm[Service]": "the Service ai/vllm selects no pod of the manifests",
		"apii":             "did you mean api",
		"ai/nothing[Pod]":  "nothing is called",
		"web/front[Pod]x":  "nothing is called",
		"ai/front[Service": "nothing is called",
	} {
		if _, err := m.Sets.Connectivity(connect.ConnectivityOptions{To: name}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: err = %v, want %s", name, err, want)
		}
	}
	if _, err := m.Sets.Connectivity(connect.ConnectivityOptions{To: "nameless", Port: 80}); err == nil || !strings.Contains(err.Error(), "leads port 80 to `nothing`, which "+sample.VLLMID+" does not declare") {
		t.Errorf("err = %v", err)
	}
	if _, err := m.Sets.Connectivity(connect.ConnectivityOptions{To: "nameless", Port: 8000}); err != nil {
		t.Error(err)
	}
}

// Why means the same port as the rows do.
func TestWhyService(t *testing.T) {
	t.Parallel()
	m := analyzertest.Build(t, sample.Join(shop(), sample.NetworkPolicy("ai", "p", `{podSelector: {matchLabels: {app: vllm}}, ingress: [{ports: [{port: 8000}]}]}`)))
	for port, want := range map[int]fact.Verdict{80: fact.Allowed, 9090: fact.Allowed, 8000: fact.Allowed, 7946: fact.Denied} {
		if _, verdict, err := m.Sets.Why(sample.FrontID, "api", port); err != nil || verdict != want {
			t.Errorf("%d: %s, %v", port, verdict, err)
		}
	}
	if _, verdict, err := m.Sets.Why(sample.FrontID, sample.VLLMID, 80); err != nil || verdict != fact.Denied {
		t.Errorf("the workload's own port 80: %s, %v", verdict, err)
	}
}

// A selector that is none is shown as it is written.
func TestInvalidSelectorText(t *testing.T) {
	t.Parallel()
	m := analyzertest.Build(t, sample.Join(sample.Town, sample.NetworkPolicy("web", "p", `{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: $side}}}]}]}`)))
	reasons, verdict, err := m.Sets.Why(sample.FrontID, sample.SideID, 80)
	if err != nil || verdict == fact.Allowed {
		t.Fatalf("%s, %v", verdict, err)
	}
	for _, r := range reasons {
		if strings.Contains(r.Effect, "``") {
			t.Errorf("no name stands in %q", r.Effect)
		}
	}
	if _, err := analyzertest.Build(t, serviceDoc("ai", "s", `{selector: {app: $side}, ports: [{port: 80}]}`)).Sets.Connectivity(connect.ConnectivityOptions{To: "s"}); err == nil || !strings.Contains(err.Error(), "(app=$side)") {
		t.Errorf("err = %v", err)
	}
}
