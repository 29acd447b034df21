package mesh_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// https://istio.io/latest/docs/concepts/security/#authentication-policies: of
// several policies of one scope the oldest is in force.
func TestRivals(t *testing.T) {
	t.Parallel()
	own := func(name, spec string) string { return sample.PeerAuthentication("ai", name, "{"+selVLLM+spec+"}") }
	dated := func(name, date, spec string) string {
		return strings.Replace(own(name, spec), "namespace: ai", "namespace: ai, creationTimestamp: '"+date+"'", 1)
	}
	for _, c := range []struct {
		name, want string
		policies   []string
	}{
		{"one", "", []string{own("a", ", mtls: {mode: STRICT}")}},
		{"two that differ", "workload differ", []string{own("a", ", mtls: {mode: STRICT}"), own("b", ", mtls: {mode: DISABLE}")}},
		{"two that agree", "workload same", []string{own("a", ", mtls: {mode: STRICT}"), own("b", ", mtls: {mode: STRICT}")}},
		{"UNSET under STRICT is STRICT", "workload same", []string{sample.PeerAuthentication("ai", "ns", sample.Strict), own("a", ", mtls: {mode: STRICT}"), own("b", "")}},
		{"UNSET under the default is not", "workload differ", []string{own("a", ", mtls: {mode: STRICT}"), own("b", "")}},
		{"a port that differs", "workload differ", []string{own("a", ", mtls: {mode: STRICT}"), own("b", ", mtls: {mode: STRICT}, portLevelMtls: {9: {mode: DISABLE}}")}},
		{"selectors that do not overlap", "", []string{own("a", ", mtls: {mode: STRICT}"), sample.PeerAuthentication("ai", "b", "{selector: {matchLabels: {app: x}}}")}},
		{"dates decide", "", []string{dated("a", "2026-01-01T00:00:00Z", ", mtls: {mode: STRICT}"), dated("b", "2026-02-01T00:00:00Z", "")}},
		{"of a namespace", "namespace differ", []string{sample.PeerAuthentication("ai", "a", sample.Strict), sample.PeerAuthentication("ai", "b", sample.Lenient)}},
		{"of the mesh, where UNSET is the default", "mesh same", []string{sample.PeerAuthentication(rootNS, "a", "{}"), sample.PeerAuthentication(rootNS, "b", sample.Lenient)}},
		{"with a selector in the root namespace: no effect", "", []string{sample.PeerAuthentication(rootNS, "a", "{"+selVLLM+"}"), sample.PeerAuthentication(rootNS, "b", "{"+selVLLM+", mtls: {mode: STRICT}}")}},
		{"an empty selector is none", "namespace differ", []string{sample.PeerAuthentication("ai", "a", "{selector: {}, mtls: {mode: STRICT}}"), sample.PeerAuthentication("ai", "b", sample.Lenient)}},
	} {
		var got []string
		for _, f := range analyzertest.FactsOf[fact.PeerAuthenticationFacts](analyzertest.Build(t, sample.Join(append([]string{sample.Namespace(sample.Sidecar), sample.VLLM}, c.policies...)...))) {
			for _, r := range f.Conflicts {
				got = append(got, string(r.Scope)+" "+map[bool]string{true: "same", false: "differ"}[r.Same])
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAmbientDisable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, Namespace string
		policies        []string
		want            string // own and port, policy by policy
	}{
		{"namespace", "istio.io/dataplane-mode: ambient", []string{sample.PeerAuthentication("ai", "ns", disabled)}, "yes"},
		{"mesh", "istio.io/dataplane-mode: ambient", []string{sample.PeerAuthentication(rootNS, "m", disabled)}, "yes"},
		{"mesh, overruled", "istio.io/dataplane-mode: ambient", []string{sample.PeerAuthentication(rootNS, "m", disabled), sample.PeerAuthentication("ai", "ns", sample.Strict)}, "no no"},
		{"sidecars", sample.Sidecar, []string{sample.PeerAuthentication("ai", "ns", disabled)}, "no"},
		{"another mode", "istio.io/dataplane-mode: ambient", []string{sample.PeerAuthentication("ai", "ns", sample.Lenient)}, "no"},
		{"a port", "istio.io/dataplane-mode: ambient", []string{sample.PeerAuthentication("ai", "w", "{"+selVLLM+", portLevelMtls: {8000: {mode: DISABLE}}}")}, "no yes"},
	} {
		var got []string
		for _, f := range analyzertest.FactsOf[fact.PeerAuthenticationFacts](analyzertest.Build(t, sample.Join(append([]string{sample.Namespace(c.Namespace), sample.VLLM}, c.policies...)...))) {
			got = append(got, string(f.Ambient.Affected))
			for _, p := range f.Ports {
				got = append(got, string(p.Ambient.Affected))
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestMeshConfigFacts(t *testing.T) {
	t.Parallel()
	root := "apiVersion: v1\nkind: Namespace\nmetadata: {name: istio-system}\n"
	for _, c := range []struct {
		name, want string
		manifests  []string
	}{
		{"neither configuration nor root namespace", "", nil},
		{"no policy", "none yes no", []string{root}},
		{"the namespace covers its workloads", "none yes yes", []string{root, sample.PeerAuthentication("ai", "ns", sample.Strict)}},
		{"covered but for a port", "none yes yes", []string{root, sample.PeerAuthentication("ai", "w", "{"+selVLLM+", mtls: {mode: STRICT}, portLevelMtls: {8000: {mode: DISABLE}}}")}},
		{"a policy", "STRICT yes no", []string{root, sample.PeerAuthentication(rootNS, "m", sample.Strict)}},
		{"with a selector it is none of the mesh", "none yes no", []string{root, sample.PeerAuthentication(rootNS, "m", "{"+selVLLM+", mtls: {mode: STRICT}}")}},
		{"several that differ", "unknown yes no", []string{root, sample.PeerAuthentication(rootNS, "m", sample.Strict), sample.PeerAuthentication(rootNS, "p", sample.Lenient)}},
		{"another root", "none yes no", []string{sample.ConfigMap("mesh", "istio", "mesh", "rootNamespace: mesh"), sample.PeerAuthentication(rootNS, "m", sample.Strict)}},
		{"a policy that was refused", "unknown yes no", []string{root, sample.PeerAuthentication(rootNS, "m", "{mtlss: {}}")}},
	} {
		got := ""
		for _, f := range analyzertest.FactsOf[fact.MeshConfigFacts](analyzertest.Build(t, sample.Join(append([]string{sample.Namespace(sample.Sidecar), sample.VLLM}, c.manifests...)...))) {
			got = fmt.Sprint(f.Default, " ", f.HasMembers, " ", f.AllStrict)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
