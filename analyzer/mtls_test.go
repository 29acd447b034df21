package analyzer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
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
			f := build(t, tree).workload(t, vllmID).factsOf(t, 8000).MTLS
			if f.Mode != c.mode || f.Scope != c.scope {
				t.Errorf("%s by %s; want %s by %s", f.Mode, f.Scope, c.mode, c.scope)
			}
		})
	}
}

func TestModeOutsideTheMesh(t *testing.T) {
	m := build(t, docs(namespaceDoc("a: b"), vllm, peerAuth("ai", "ns", strict)))
	if f := m.workload(t, vllmID).factsOf(t, 8000).MTLS; f.Mode != "NONE" {
		t.Errorf("a workload without sidecar: mode = %s, want NONE", f.Mode)
	}
	m = build(t, docs(namespaceDoc(meshed), vllm, peerAuth("ai", "ns", strict)))
	if f := m.workload(t, vllmID).factsOf(t, 7946).MTLS; f.Mode != "NONE" {
		t.Errorf("UDP is never captured: mode = %s, want NONE", f.Mode)
	}
	m = build(t, docs(namespaceDoc("istio.io/dataplane-mode: ambient"), vllm, peerAuth("ai", "ns", disabled)))
	if f := m.workload(t, vllmID).factsOf(t, 8000).MTLS; f.Mode != "PERMISSIVE" {
		t.Errorf("ambient knows no DISABLE: mode = %s, want PERMISSIVE", f.Mode)
	}
	level := "{" + selVLLM + ", portLevelMtls: {8000: {mode: DISABLE}}}"
	m = build(t, docs(namespaceDoc("istio.io/dataplane-mode: ambient"), vllm, peerAuth("ai", "ns", strict), peerAuth("ai", "w", level)))
	if f := m.workload(t, vllmID).factsOf(t, 8000).MTLS; f.Mode != "STRICT" {
		t.Errorf("ambient ignores DISABLE on a port under an inherited STRICT: mode = %s, want STRICT", f.Mode)
	}
	excluded := pod("", `traffic.sidecar.istio.io/excludeInboundPorts: "22, 8000"`, "")
	m = build(t, docs(namespaceDoc(meshed), excluded, peerAuth("ai", "ns", strict)))
	if f := m.workload(t, "ai/w[Pod]").factsOf(t, 8000).MTLS; f.Mode != "NONE" {
		t.Errorf("an excluded port: mode = %s, want NONE", f.Mode)
	}
}

func TestPortExceptions(t *testing.T) {
	svc := "apiVersion: v1\nkind: Service\nmetadata: {name: vllm, namespace: ai}\nspec: {selector: {app: vllm}, ports: [{name: http, port: 80, targetPort: http}]}\n"
	exceptions := "{" + selVLLM + ", mtls: {mode: STRICT}, portLevelMtls: {8000: {mode: PERMISSIVE}, 80: {mode: DISABLE}, 5555: {mode: DISABLE}}}"
	m := build(t, docs(namespaceDoc(meshed), vllm, svc, peerAuth("ai", "w", exceptions)))
	want := map[int]string{8000: "workload yes", 80: "service no", 5555: "other no"}
	for i := range m.Subjects {
		f, ok := m.Subjects[i].Facts.(*PeerAuthenticationFacts)
		if !ok {
			continue
		}
		if len(f.Ports) != len(want) {
			t.Fatalf("%d exceptions, want %d", len(f.Ports), len(want))
		}
		for _, p := range f.Ports {
			if got := p.Port + " " + string(p.Effective); got != want[p.Number] {
				t.Errorf("exception %d: %s, want %s", p.Number, got, want[p.Number])
			}
			if p.Number == 80 && p.Names["target"] != "8000" {
				t.Errorf("the port meant by 80 is %q, want 8000", p.Names["target"])
			}
		}
	}
}

// naiveMode tells ComposePeerAuthentication again, sentence by sentence, for
// policies in the order of their age.
func naiveMode(policies []naivePolicy, port int) string {
	oldest := func(scope string) *naivePolicy {
		for i := range policies {
			if policies[i].scope == scope {
				return &policies[i]
			}
		}
		return nil
	}
	mode := "PERMISSIVE"
	for _, scope := range []string{"mesh", "namespace", "workload"} {
		if p := oldest(scope); p != nil && p.mode != "UNSET" {
			mode = p.mode
		}
	}
	if p := oldest("workload"); p != nil {
		if m, ok := p.ports[port]; ok && m != "UNSET" {
			mode = m
		}
	}
	return mode
}

type naivePolicy struct {
	scope, mode string
	ports       map[int]string
}

func (p naivePolicy) yaml(i int) string {
	namespace, spec := "ai", ""
	switch p.scope {
	case "mesh":
		namespace = rootNS
	case "workload":
		spec = selVLLM + ", "
	}
	spec += "mtls: {mode: " + p.mode + "}"
	if len(p.ports) > 0 {
		var levels []string
		for port, mode := range p.ports {
			levels = append(levels, fmt.Sprintf("%d: {mode: %s}", port, mode))
		}
		spec += ", portLevelMtls: {" + strings.Join(levels, ", ") + "}"
	}
	return peerAuth(namespace, fmt.Sprintf("p%d", i), "{"+spec+"}")
}

// The engine must give the mode of the naive telling when every order of age
// gives the same one, and UNKNOWN when the orders differ.
func TestModeAgainstNaive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	modes := []string{"UNSET", "STRICT", "PERMISSIVE", "DISABLE"}
	for range 400 {
		var policies []naivePolicy
		tree := []string{namespaceDoc(meshed), vllm}
		for i := range r.IntN(4) {
			p := naivePolicy{scope: []string{"mesh", "namespace", "workload"}[r.IntN(3)], mode: modes[r.IntN(4)]}
			if p.scope == "workload" && r.IntN(2) == 0 {
				p.ports = map[int]string{8000: modes[r.IntN(4)]}
			}
			policies = append(policies, p)
			tree = append(tree, p.yaml(i))
		}
		possible := map[string]bool{}
		permute(policies, func(order []naivePolicy) { possible[naiveMode(order, 8000)] = true })
		want := "UNKNOWN"
		if len(possible) == 1 {
			for m := range possible {
				want = m
			}
		}
		if got := build(t, docs(tree...)).workload(t, vllmID).factsOf(t, 8000).MTLS.Mode; got != want {
			t.Fatalf("mode = %s, want %s (possible: %v) for\n%s", got, want, possible, docs(tree...))
		}
	}
}

func permute(p []naivePolicy, visit func([]naivePolicy)) {
	var rec func(int)
	rec = func(k int) {
		if k == len(p) {
			visit(p)
			return
		}
		for i := k; i < len(p); i++ {
			p[k], p[i] = p[i], p[k]
			rec(k + 1)
			p[k], p[i] = p[i], p[k]
		}
	}
	rec(0)
}
