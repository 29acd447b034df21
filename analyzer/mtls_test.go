package analyzer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

func peerAuth(namespace, name, spec string) string {
	return fmt.Sprintf("apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: %s, namespace: %s}\nspec: %s\n", name, namespace, spec)
}

const (
	meshed   = "istio-injection: enabled"
	selVLLM  = "selector: {matchLabels: {app: vllm}}"
	rootNS   = "istio-system"
	strict   = "{mtls: {mode: STRICT}}"
	lenient  = "{mtls: {mode: PERMISSIVE}}"
	disabled = "{mtls: {mode: DISABLE}}"
)

// See istio/istio pilot/pkg/security/authn/policy_applier.go (ComposePeerAuthentication).
func TestModePrecedence(t *testing.T) {
	for _, c := range []struct {
		name        string
		policies    []string
		mode, scope string // on port 8000
	}{
		{"nothing", nil, "PERMISSIVE", "default"},
		{"mesh", []string{peerAuth(rootNS, "m", strict)}, "STRICT", "mesh"},
		{"namespace beats mesh", []string{peerAuth(rootNS, "m", strict), peerAuth("ai", "ns", lenient)}, "PERMISSIVE", "namespace"},
		{"workload beats namespace", []string{peerAuth("ai", "ns", strict), peerAuth("ai", "w", "{"+selVLLM+", mtls: {mode: DISABLE}}")}, "DISABLE", "workload"},
		{"UNSET workload inherits", []string{peerAuth("ai", "ns", strict), peerAuth("ai", "w", "{"+selVLLM+"}")}, "STRICT", "namespace"},
		{"UNSET namespace inherits", []string{peerAuth(rootNS, "m", strict), peerAuth("ai", "ns", "{mtls: {mode: UNSET}}")}, "STRICT", "mesh"},
		{"port beats workload", []string{peerAuth("ai", "w", "{"+selVLLM+", mtls: {mode: STRICT}, portLevelMtls: {8000: {mode: PERMISSIVE}}}")}, "PERMISSIVE", "port"},
		{"another port", []string{peerAuth("ai", "w", "{"+selVLLM+", mtls: {mode: STRICT}, portLevelMtls: {9090: {mode: DISABLE}}}")}, "STRICT", "workload"},
		{"UNSET port inherits the workload's", []string{peerAuth("ai", "w", "{"+selVLLM+", mtls: {mode: STRICT}, portLevelMtls: {8000: {}}}")}, "STRICT", "workload"},
		{"port over an inherited mode", []string{peerAuth("ai", "ns", strict), peerAuth("ai", "w", "{"+selVLLM+", portLevelMtls: {8000: {mode: DISABLE}}}")}, "DISABLE", "port"},
		{"selector in the root namespace is ignored", []string{peerAuth(rootNS, "m", "{"+selVLLM+", mtls: {mode: STRICT}}")}, "PERMISSIVE", "default"},
		{"empty selector is none", []string{peerAuth("ai", "ns", "{selector: {}, mtls: {mode: STRICT}}")}, "STRICT", "namespace"},
		{"selector of another workload", []string{peerAuth("ai", "w", "{selector: {matchLabels: {app: qdrant}}, mtls: {mode: STRICT}}")}, "PERMISSIVE", "default"},
		{"another namespace's policy", []string{peerAuth("web", "ns", strict)}, "PERMISSIVE", "default"},
		{"two of one scope that differ: the oldest wins, unknowable", []string{peerAuth("ai", "n1", strict), peerAuth("ai", "n2", lenient)}, "UNKNOWN", "none"},
		{"two of one scope that agree", []string{peerAuth("ai", "n1", strict), peerAuth("ai", "n2", strict)}, "STRICT", "namespace"},
		{"an older UNSET may beat a newer STRICT", []string{peerAuth("ai", "n1", strict), peerAuth("ai", "n2", "{}")}, "UNKNOWN", "none"},
		{"refused whole, so nothing is known of the namespace", []string{peerAuth("ai", "ns", "{mtls: {mode: STRICT}, portLevelMtls: {8000: {mode: DISABLE}}}")}, "UNKNOWN", "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := docs(append([]string{namespaceDoc(meshed), vllm}, c.policies...)...)
			f := portFacts(t, workload(t, build(t, tree), vllmID), 8000).MTLS
			if string(f.Mode) != c.mode || string(f.Scope) != c.scope {
				t.Errorf("%s by %s; want %s by %s", f.Mode, f.Scope, c.mode, c.scope)
			}
		})
	}
}

// Dates, which only an export of a cluster has, tell which policy is in force
// (sortConfigByCreationTime), and the mesh configuration where the root is.
func TestModeByDateAndRoot(t *testing.T) {
	dated := func(name, date, spec string) string {
		return strings.Replace(peerAuth("ai", name, spec), "namespace: ai", "namespace: ai, creationTimestamp: "+date, 1)
	}
	for _, c := range []struct {
		name, mode string
		policies   []string
	}{
		{"the older wins", "PERMISSIVE", []string{dated("a", `"2026-02-01T00:00:00Z"`, strict), dated("b", `"2026-01-01T00:00:00Z"`, lenient)}},
		{"an older UNSET wins over a newer STRICT", "PERMISSIVE", []string{dated("a", `"2026-02-01T00:00:00Z"`, strict), dated("b", `"2026-01-01T00:00:00Z"`, "{}")}},
		{"of one second, the name decides", "STRICT", []string{dated("b", `"2026-01-01T00:00:00Z"`, lenient), dated("a", `"2026-01-01T00:00:00Z"`, strict)}},
		{"one without a date may be older", "UNKNOWN", []string{dated("a", `"2026-01-01T00:00:00Z"`, strict), peerAuth("ai", "b", lenient)}},
		{"null is no date", "UNKNOWN", []string{dated("a", "null", strict), peerAuth("ai", "b", lenient)}},
		{"a loser contributes no port", "STRICT", []string{
			dated("a", `"2026-01-01T00:00:00Z"`, "{"+selVLLM+", mtls: {mode: STRICT}}"),
			dated("b", `"2026-02-01T00:00:00Z"`, "{"+selVLLM+", portLevelMtls: {8000: {mode: DISABLE}}}"),
		}},
		{"another root", "STRICT", []string{configMap("mesh", "istio", "mesh", "rootNamespace: mesh"), peerAuth("mesh", "m", strict), peerAuth(rootNS, "m", lenient)}},
		{"a root that nobody knows", "UNKNOWN", []string{configMap(rootNS, "istio", "mesh", "rootNamespace: ${ROOT}"), peerAuth(rootNS, "m", strict)}},
		{"a root that nobody knows, and a policy of the namespace", "STRICT", []string{configMap(rootNS, "istio", "mesh", "rootNamespace: ${ROOT}"), peerAuth("ai", "ns", strict)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := docs(append([]string{namespaceDoc(meshed), vllm}, c.policies...)...)
			if f := portFacts(t, workload(t, build(t, tree), vllmID), 8000).MTLS; string(f.Mode) != c.mode {
				t.Errorf("%s; want %s", f.Mode, c.mode)
			}
		})
	}
}

func TestModeOutsideTheMesh(t *testing.T) {
	m := build(t, docs(namespaceDoc("a: b"), vllm, peerAuth("ai", "ns", strict)))
	if f := portFacts(t, workload(t, m, vllmID), 8000).MTLS; f.Mode != "NONE" {
		t.Errorf("a workload without sidecar: mode = %s, want NONE", f.Mode)
	}
	m = build(t, docs(namespaceDoc(meshed), vllm, peerAuth("ai", "ns", strict)))
	if f := portFacts(t, workload(t, m, vllmID), 7946).MTLS; f.Mode != "NONE" {
		t.Errorf("UDP is never captured: mode = %s, want NONE", f.Mode)
	}
	m = build(t, docs(namespaceDoc("istio.io/dataplane-mode: ambient"), vllm, peerAuth("ai", "ns", disabled)))
	if f := portFacts(t, workload(t, m, vllmID), 8000).MTLS; f.Mode != "PERMISSIVE" {
		t.Errorf("ambient knows no DISABLE: mode = %s, want PERMISSIVE", f.Mode)
	}
	level := "{" + selVLLM + ", portLevelMtls: {8000: {mode: DISABLE}}}"
	m = build(t, docs(namespaceDoc("istio.io/dataplane-mode: ambient"), vllm, peerAuth("ai", "ns", strict), peerAuth("ai", "w", level)))
	if f := portFacts(t, workload(t, m, vllmID), 8000).MTLS; f.Mode != "STRICT" {
		t.Errorf("ambient ignores DISABLE on a port under an inherited STRICT: mode = %s, want STRICT", f.Mode)
	}
	excluded := pod("", `traffic.sidecar.istio.io/excludeInboundPorts: "22, 8000"`, "")
	m = build(t, docs(namespaceDoc(meshed), excluded, peerAuth("ai", "ns", strict)))
	if f := portFacts(t, workload(t, m, "ai/w[Pod]"), 8000).MTLS; f.Mode != "NONE" {
		t.Errorf("an excluded port: mode = %s, want NONE", f.Mode)
	}
}

func TestPortExceptions(t *testing.T) {
	svc := "apiVersion: v1\nkind: Service\nmetadata: {name: vllm, namespace: ai}\nspec: {selector: {app: vllm}, ports: [{name: http, port: 80, targetPort: http}]}\n"
	exceptions := "{" + selVLLM + ", mtls: {mode: STRICT}, portLevelMtls: {8000: {mode: PERMISSIVE}, 80: {mode: DISABLE}, 5555: {mode: DISABLE}}}"
	m := build(t, docs(namespaceDoc(meshed), vllm, svc, peerAuth("ai", "w", exceptions)))
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
	for name, spec := range map[string]string{
		"ports without a selector": "{portLevelMtls: {8000: {mode: DISABLE}}}",
		"no port":                  "{" + selVLLM + ", mtls: {mode: STRICT}, portLevelMtls: {}}",
		"port zero":                "{" + selVLLM + ", mtls: {mode: STRICT}, portLevelMtls: {0: {mode: DISABLE}}}",
		"port out of range":        "{" + selVLLM + ", mtls: {mode: STRICT}, portLevelMtls: {70000: {mode: DISABLE}}}",
		"wildcard":                 "{selector: {matchLabels: {app: 'vl*'}}, mtls: {mode: STRICT}}",
		"expressions":              "{selector: {matchExpressions: [{key: app, operator: Exists}]}, mtls: {mode: STRICT}}",
		"mode in lower case":       "{mtls: {mode: strict}}",
	} {
		m := build(t, docs(namespaceDoc(meshed), vllm, peerAuth("ai", "p", spec)))
		if f := portFacts(t, workload(t, m, vllmID), 8000).MTLS; f.Mode != "UNKNOWN" {
			t.Errorf("%s: mode %s, want UNKNOWN", name, f.Mode)
		}
		if len(factsOfType[fact.FieldFacts](m)) != 1 {
			t.Errorf("%s: %d findings", name, len(factsOfType[fact.FieldFacts](m)))
		}
	}
}
