package connect_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

func text(rows []connect.Connection) []string {
	var out []string
	for _, r := range rows {
		var ports netset.Ports
		names := netset.Protocols()
		ports[slices.Index(names[:], r.Protocol)] = r.Ports
		out = append(out, r.Src.Name+" → "+r.Dst.Name+" "+ports.String()+" "+string(r.Verdict))
	}
	return out
}

// Rows are partitioned at the borders of blocks, hold no pair of a workload
// with itself (trap 10), and do not change with Services (trap 14).
func TestConnectivityRows(t *testing.T) {
	t.Parallel()
	manifests := sample.Join(strings.ReplaceAll(sample.VLLM, "name: vllm,", "name: a,"), sample.VLLM,
		sample.NetworkPolicy("ai", "p", `{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: http}, {port: 8001}]}]}`))
	for _, more := range []string{"", "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ai}\nspec: {type: LoadBalancer, selector: {app: vllm}, ports: [{port: 80, targetPort: 8000}]}\n"} {
		rows, err := analyzertest.Build(t, sample.Join(manifests, more)).Sets.Connectivity(connect.ConnectivityOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"10.0.0.0-10.255.255.255 → ai/a[Deployment] TCP 8000-8001 allowed",
			"10.0.0.0-10.255.255.255 → ai/vllm[Deployment] TCP 8000-8001 allowed",
		}
		if got := text(rows); !slices.Equal(got, want) {
			t.Errorf("rows = %q, want %q", got, want)
		}
	}
}

func TestConnectivityExposure(t *testing.T) {
	t.Parallel()
	m := analyzertest.Build(t, sample.Join(sample.VLLM, sample.NetworkPolicy("ai", "p", `{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [
  {from: [{namespaceSelector: {matchLabels: {team: ml}}, podSelector: {matchLabels: {app: web}}}, {podSelector: {matchLabels: {app: bench}}}], ports: [{port: 8000}]},
  {from: [{namespaceSelector: {}}], ports: [{port: 9090}]}],
 egress: [{to: [{namespaceSelector: {}}], ports: [{port: http}]}]}`)))
	rows, err := m.Sets.Connectivity(connect.ConnectivityOptions{Exposure: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"ai/pod{app=bench} → ai/vllm[Deployment] TCP 8000, 9090 allowed",
		"any-namespace/any-pod → ai/vllm[Deployment] TCP 9090 allowed",
		"namespace{team=ml}/pod{app=web} → ai/vllm[Deployment] TCP 8000, 9090 allowed",
		"ai/vllm[Deployment] → any-namespace/any-pod every TCP port unknown",
	}
	if got := text(rows); !slices.Equal(got, want) {
		t.Errorf("rows = %q, want %q", got, want)
	}
	if rows, _ := m.Sets.Connectivity(connect.ConnectivityOptions{}); len(rows) != 0 {
		t.Errorf("without exposure there are %q", text(rows))
	}
}

func TestWhy(t *testing.T) {
	t.Parallel()
	m := analyzertest.Build(t, sample.Join(sample.Town, sample.NetworkPolicy("ai", "deny", `{podSelector: {}}`), sample.NetworkPolicy("ai", "allow", `{podSelector: {matchLabels: {app: vllm}}, ingress: [{ports: [{port: 1}]}, {from: [{podSelector: {}}, {namespaceSelector: {matchLabels: {team: shop}}}], ports: [{port: http}]}]}`)))
	for _, c := range []struct {
		from, to string
		port     int
		verdict  fact.Verdict
		want     []string
	}{
		{"front", "vllm", 8000, fact.Allowed, []string{
			"allow spec.ingress[1].from[1]: admits every pod of namespaces `team=shop` on TCP 8000",
			"front metadata.name: no NetworkPolicy isolates its egress",
		}},
		{sample.FrontID, sample.VLLMID, 9090, fact.Denied, []string{
			"deny spec.podSelector: isolates the ingress of ai/vllm[Deployment], and no rule admits web/front[Pod] on TCP 9090, UDP 9090, SCTP 9090; a rule under spec.ingress would have to",
			"allow spec.podSelector: isolates the ingress of ai/vllm[Deployment], and no rule admits web/front[Pod] on TCP 9090, UDP 9090, SCTP 9090; a rule under spec.ingress would have to",
			"front metadata.name: no NetworkPolicy isolates its egress",
		}},
		{"mon", "ai/vllm", 8000, fact.Undetermined, []string{
			"deny spec.podSelector: isolates the ingress of ai/vllm[Deployment], and no rule admits mon/agent[Pod] on TCP 8000, UDP 8000, SCTP 8000; a rule under spec.ingress would have to",
			"allow spec.podSelector: isolates the ingress of ai/vllm[Deployment], and no rule admits mon/agent[Pod] on TCP 8000, UDP 8000, SCTP 8000; a rule under spec.ingress would have to",
			"agent spec.hostNetwork: runs in the host network: its traffic is its node's, which is always allowed on the node of ai/vllm[Deployment] and elsewhere by rules for everybody only",
			"agent spec.hostNetwork: runs in the host network, where NetworkPolicies are not enforced",
		}},
	} {
		reasons, verdict, err := m.Sets.Why(c.from, c.to, c.port)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range reasons {
			got = append(got, r.Object.Name+" "+r.Path.String()+": "+r.Effect)
		}
		if verdict != c.verdict || !slices.Equal(got, c.want) {
			t.Errorf("%s → %s %d = %s\n%s\nwant %s\n%s", c.from, c.to, c.port, verdict, strings.Join(got, "\n"), c.verdict, strings.Join(c.want, "\n"))
		}
	}
}
