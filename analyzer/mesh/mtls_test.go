package mesh_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

const (
	selVLLM  = "selector: {matchLabels: {app: vllm}}"
	rootNS   = "istio-system"
	disabled = "{mtls: {mode: DISABLE}}"
)

// See istio/istio pilot/pkg/security/authn/policy_applier.go (ComposePeerAuthentication).
func TestModePrecedence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		policies    []string
		mode, scope string // on port 8000
	}{
		{"nothing", nil, "PERMISSIVE", "default"},
		{"mesh", []string{sample.PeerAuthentication(rootNS, "m", sample.Strict)}, "STRICT", "mesh"},
		{"namespace beats mesh", []string{sample.PeerAuthentication(rootNS, "m", sample.Strict), sample.PeerAuthentication("ai", "ns", sample.Lenient)}, "PERMISSIVE", "namespace"},
		{"workload beats namespace", []string{sample.PeerAuthentication("ai", "ns", sample.Strict), sample.PeerAuthentication("ai", "w", "{"+selVLLM+", mtls: {mode: DISABLE}}")}, "DISABLE", "workload"},
		{"UNSET workload inherits", []string{sample.PeerAuthentication("ai", "ns", sample.Strict), sample.PeerAuthentication("ai", "w", "{"+selVLLM+"}")}, "STRICT", "namespace"},
		{"UNSET namespace inherits", []string{sample.PeerAuthentication(rootNS, "m", sample.Strict), sample.PeerAuthentication("ai", "ns", "{mtls: {mode: UNSET}}")}, "STRICT", "mesh"},
		{"port beats workload", []string{sample.PeerAuthentication("ai", "w", "{"+selVLLM+", mtls: {mode: STRICT}, portLevelMtls: {8000: {mode: PERMISSIVE}}}")}, "PERMISSIVE", "port"},
		{"another port", []string{sample.PeerAuthentication("ai", "w", "{"+selVLLM+", mtls: {mode: STRICT}, portLevelMtls: {9090: {mode: DISABLE}}}")}, "STRICT", "workload"},
		{"UNSET port inherits the workload's", []string{sample.PeerAuthentication("ai", "w", "{"+selVLLM+", mtls: {mode: STRICT}, portLevelMtls: {8000: {}}}")}, "STRICT", "workload"},
		{"port over an inherited mode", []string{sample.PeerAuthentication("ai", "ns", sample.Strict), sample.PeerAuthentication("ai", "w", "{"+selVLLM+", portLevelMtls: {8000: {mode: DISABLE}}}")}, "DISABLE", "port"},
		{"selector in the root namespace is ignored", []string{sample.PeerAuthentication(rootNS, "m", "{"+selVLLM+", mtls: {mode: STRICT}}")}, "PERMISSIVE", "default"},
		{"empty selector is none", []string{sample.PeerAuthentication("ai", "ns", "{selector: {}, mtls: {mode: STRICT}}")}, "STRICT", "namespace"},
		{"selector of another workload", []string{sample.PeerAuthentication("ai", "w", "{selector: {matchLabels: {app: qdrant}}, mtls: {mode: STRICT}}")}, "PERMISSIVE", "default"},
		{"another namespace's policy", []string{sample.PeerAuthentication("web", "ns", sample.Strict)}, "PERMISSIVE", "default"},
		{"two of one scope that differ: the oldest wins, unknowable", []string{sample.PeerAuthentication("ai", "n1", sample.Strict), sample.PeerAuthentication("ai", "n2", sample.Lenient)}, "UNKNOWN", "none"},
		{"two of one scope that agree", []string{sample.PeerAuthentication("ai", "n1", sample.Strict), sample.PeerAuthentication("ai", "n2", sample.Strict)}, "STRICT", "namespace"},
		{"an older UNSET may beat a newer STRICT", []string{sample.PeerAuthentication("ai", "n1", sample.Strict), sample.PeerAuthentication("ai", "n2", "{}")}, "UNKNOWN", "none"},
		{"refused whole, so nothing is known of the namespace", []string{sample.PeerAuthentication("ai", "ns", "{mtls: {mode: STRICT}, portLevelMtls: {8000: {mode: DISABLE}}}")}, "UNKNOWN", "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tree := sample.Join(append([]string{sample.Namespace(sample.Sidecar), sample.VLLM}, c.policies...)...)
			f := analyzertest.Port(t, analyzertest.Workload(t, analyzertest.Build(t, tree), sample.VLLMID), 8000).MTLS
			if string(f.Mode) != c.mode || string(f.Scope) != c.scope {
				t.Errorf("%s by %s; want %s by %s", f.Mode, f.Scope, c.mode, c.scope)
			}
		})
	}
}

// Dates, which only an export of a cluster has, tell which policy is in force
// (sortConfigByCreationTime), and the mesh configuration where the root is.
func TestModeByDateAndRoot(t *testing.T) {
	t.Parallel()
	dated := func(name, date, spec string) string {
		return strings.Replace(sample.PeerAuthentication("ai", name, spec), "namespace: ai", "namespace: ai, creationTimestamp: "+date, 1)
	}
	for _, c := range []struct {
		name, mode string
		policies   []string
	}{
		{"the older wins", "PERMISSIVE", []string{dated("a", `"2026-02-01T00:00:00Z"`, sample.Strict), dated("b", `"2026-01-01T00:00:00Z"`, sample.Lenient)}},
		{"an older UNSET wins over a newer STRICT", "PERMISSIVE", []string{dated("a", `"2026-02-01T00:00:00Z"`, sample.Strict), dated("b", `"2026-01-01T00:00:00Z"`, "{}")}},
		{"of one second, the name decides", "STRICT", []string{dated("b", `"2026-01-01T00:00:00Z"`, sample.Lenient), dated("a", `"2026-01-01T00:00:00Z"`, sample.Strict)}},
		{"one without a date may be older", "UNKNOWN", []string{dated("a", `"2026-01-01T00:00:00Z"`, sample.Strict), sample.PeerAuthentication("ai", "b", sample.Lenient)}},
		{"null is no date", "UNKNOWN", []string{dated("a", "null", sample.Strict), sample.PeerAuthentication("ai", "b", sample.Lenient)}},
		{"a loser contributes no port", "STRICT", []string{
			dated("a", `"2026-01-01T00:00:00Z"`, "{"+selVLLM+", mtls: {mode: STRICT}}"),
			dated("b", `"2026-02-01T00:00:00Z"`, "{"+selVLLM+", portLevelMtls: {8000: {mode: DISABLE}}}"),
		}},
		{"another root", "STRICT", []string{sample.ConfigMap("mesh", "istio", "mesh", "rootNamespace: mesh"), sample.PeerAuthentication("mesh", "m", sample.Strict), sample.PeerAuthentication(rootNS, "m", sample.Lenient)}},
		{"a root that nobody knows", "UNKNOWN", []string{sample.ConfigMap(rootNS, "istio", "mesh", "rootNamespace: ${ROOT}"), sample.PeerAuthentication(rootNS, "m", sample.Strict)}},
		{"a root that nobody knows, and a policy of the namespace", "STRICT", []string{sample.ConfigMap(rootNS, "istio", "mesh", "rootNamespace: ${ROOT}"), sample.PeerAuthentication("ai", "ns", sample.Strict)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tree := sample.Join(append([]string{sample.Namespace(sample.Sidecar), sample.VLLM}, c.policies...)...)
			if f := analyzertest.Port(t, analyzertest.Workload(t, analyzertest.Build(t, tree), sample.VLLMID), 8000).MTLS; string(f.Mode) != c.mode {
				t.Errorf("%s; want %s", f.Mode, c.mode)
			}
		})
	}
}

func TestModeOutsideTheMesh(t *testing.T) {
	t.Parallel()
	m := analyzertest.Build(t, sample.Join(sample.Namespace("a: b"), sample.VLLM, sample.PeerAuthentication("ai", "ns", sample.Strict)))
	if f := analyzertest.Port(t, analyzertest.Workload(t, m, sample.VLLMID), 8000).MTLS; f.Mode != "NONE" {
		t.Errorf("a workload without sidecar: mode = %s, want NONE", f.Mode)
	}
	m = analyzertest.Build(t, sample.Join(sample.Namespace(sample.Sidecar), sample.VLLM, sample.PeerAuthentication("ai", "ns", sample.Strict)))
	if f := analyzertest.Port(t, analyzertest.Workload(t, m, sample.VLLMID), 7946).MTLS; f.Mode != "NONE" {
		t.Errorf("UDP is never captured: mode = %s, want NONE", f.Mode)
	}
	m = analyzertest.Build(t, sample.Join(sample.Namespace("istio.io/dataplane-mode: ambient"), sample.VLLM, sample.PeerAuthentication("ai", "ns", disabled)))
	if f := analyzertest.Port(t, analyzertest.Workload(t, m, sample.VLLMID), 8000).MTLS; f.Mode != "PERMISSIVE" {
		t.Errorf("ambient knows no DISABLE: mode = %s, want PERMISSIVE", f.Mode)
	}
	level := "{" + selVLLM + ", portLevelMtls: {8000: {mode: DISABLE}}}"
	m = analyzertest.Build(t, sample.Join(sample.Namespace("istio.io/dataplane-mode: ambient"), sample.VLLM, sample.PeerAuthentication("ai", "ns", sample.Strict), sample.PeerAuthentication("ai", "w", level)))
	if f := analyzertest.Port(t, analyzertest.Workload(t, m, sample.VLLMID), 8000).MTLS; f.Mode != "STRICT" {
		t.Errorf("ambient ignores DISABLE on a port under an inherited STRICT: mode = %s, want STRICT", f.Mode)
	}
	excluded := sample.Pod("", `traffic.sidecar.istio.io/excludeInboundPorts: "22, 8000"`, "")
	m = analyzertest.Build(t, sample.Join(sample.Namespace(sample.Sidecar), excluded, sample.PeerAuthentication("ai", "ns", sample.Strict)))
	if f := analyzertest.Port(t, analyzertest.Workload(t, m, "ai/w[Pod]"), 8000).MTLS; f.Mode != "NONE" {
		t.Errorf("an excluded port: mode = %s, want NONE", f.Mode)
	}
}

func TestPortExceptions(t *testing.T) {
	t.Parallel()
	svc := "apiVersion: v1\nkind: Service\nmetadata: {name: vllm, namespace: ai}\nspec: {selector: {app: vllm}, ports: [{name: http, port: 80, targetPort: http}]}\n"
	exceptions := "{" + selVLLM + ", mtls: {mode: STRICT}, portLevelMtls: {8000: {mode: PERMISSIVE}, 80: {mode: DISABLE}, 5555: {mode: DISABLE}}}"
	m := analyzertest.Build(t, sample.Join(sample.Namespace(sample.Sidecar), sample.VLLM, svc, sample.PeerAuthentication("ai", "w", exceptions)))
	want := map[int]string{8000: "workload yes", 80: "service no", 5555: "other no"}
	for i := range m.Subjects {
		f, ok := m.Subjects[i].Facts.(*fact.PeerAuthenticationFacts)
		if !ok {
			continue
		}
		if len(f.Ports) != len(want) {
			t.Fatalf("%d exceptions, want %d", len(f.Ports), len(want))
		}
		for _, p := range f.Ports {
			if got := p.PortOf + " " + string(p.Effective); got != want[p.Number] {
				t.Errorf("exception %d: %s, want %s", p.Number, got, want[p.Number])
			}
			if p.Number == 80 && p.Names["target"] != "8000" {
				t.Errorf("the port meant by 80 is %q, want 8000", p.Names["target"])
			}
		}
	}
}

// What istio/istio pkg/config/validation/validation.go (ValidatePeerAuthentication)
// and the CRD refuse is believed in nothing, and other policies may exist.
func TestRefusedPeerAuthentication(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]string{
		"ports without a selector": "{portLevelMtls: {8000: {mode: DISABLE}}}",
		"no port":                  "{" + selVLLM + ", mtls: {mode: STRICT}, portLevelMtls: {}}",
		"port zero":                "{" + selVLLM + ", mtls: {mode: STRICT}, portLevelMtls: {0: {mode: DISABLE}}}",
		"port out of range":        "{" + selVLLM + ", mtls: {mode: STRICT}, portLevelMtls: {70000: {mode: DISABLE}}}",
		"wildcard":                 "{selector: {matchLabels: {app: 'vl*'}}, mtls: {mode: STRICT}}",
		"expressions":              "{selector: {matchExpressions: [{key: app, operator: Exists}]}, mtls: {mode: STRICT}}",
		"mode in lower case":       "{mtls: {mode: strict}}",
	} {
		m := analyzertest.Build(t, sample.Join(sample.Namespace(sample.Sidecar), sample.VLLM, sample.PeerAuthentication("ai", "p", spec)))
		if f := analyzertest.Port(t, analyzertest.Workload(t, m, sample.VLLMID), 8000).MTLS; f.Mode != "UNKNOWN" {
			t.Errorf("%s: mode %s, want UNKNOWN", name, f.Mode)
		}
		if len(analyzertest.FactsOf[fact.FieldFacts](m)) != 1 {
			t.Errorf("%s: %d findings", name, len(analyzertest.FactsOf[fact.FieldFacts](m)))
		}
	}
}
