package netpol_test

import (
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// Sources: [np] https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
// [iana] https://www.iana.org/assignments/iana-ipv4-special-registry/
func TestEgressFacts(t *testing.T) {
	t.Parallel()
	const notebook = "apiVersion: v1\nkind: Pod\nmetadata: {name: lab, namespace: ai, labels: {app: lab}}\nspec: {containers: [{name: c, image: i}]}\n"
	for _, c := range []struct {
		name, rules        string
		internet, metadata fact.Tri
		open               bool
	}{
		{"nobody [np]", ``, fact.No, fact.No, false},
		{"everything [np: an empty rule]", `{}`, fact.Yes, fact.Yes, true},
		{"a port to everybody", `{ports: [{port: 443}]}`, fact.Yes, fact.No, false},
		{"names alone", `{ports: [{port: 53, protocol: UDP}, {port: 53}]}`, fact.No, fact.No, false},
		{"pods alone", `{to: [{namespaceSelector: {}}]}`, fact.No, fact.No, false},
		{"every address", `{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}`, fact.Yes, fact.Yes, false},
		{"every address but the metadata service", `{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}}]}`, fact.Yes, fact.No, false},
		{"in two halves", `{to: [{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}]}`, fact.Yes, fact.Yes, false},
		{"in two rules", `{to: [{ipBlock: {cidr: 0.0.0.0/1}}]}, {to: [{ipBlock: {cidr: 128.0.0.0/1}}]}`, fact.Yes, fact.Yes, false},
		{"one half, which is less than half of what is public [iana]", `{to: [{ipBlock: {cidr: 128.0.0.0/1}}]}`, fact.No, fact.Yes, false},
		{"private networks [iana]", `{to: [{ipBlock: {cidr: 10.0.0.0/8}}, {ipBlock: {cidr: 172.16.0.0/12}}, {ipBlock: {cidr: 192.168.0.0/16}}]}`, fact.No, fact.No, false},
		{"a provider's network", `{to: [{ipBlock: {cidr: 52.0.0.0/8}}]}`, fact.No, fact.No, false},
		{"all of IPv6", `{to: [{ipBlock: {cidr: "::/0"}}]}`, fact.Yes, fact.No, false},
		{"a name of a port, which addresses do not have", `{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: https}]}`, fact.No, fact.No, false},
		{"the metadata service on another port", `{to: [{ipBlock: {cidr: 169.254.169.254/32}}], ports: [{port: 8080}]}`, fact.No, fact.No, false},
		{"the metadata service", `{to: [{ipBlock: {cidr: 169.254.169.254/32}}], ports: [{port: 80}]}`, fact.No, fact.Yes, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := analyzertest.Build(t, sample.Join(notebook, sample.NetworkPolicy("ai", "out", `{podSelector: {}, policyTypes: [Egress], egress: [`+c.rules+`]}`)))
			f := analyzertest.Workload(t, m, "ai/lab[Pod]").Facts.Egress
			if f.Internet.Admitted != c.internet || f.MetadataAPI.Admitted != c.metadata || f.Open != c.open {
				t.Errorf("internet %s, metadata %s, open %v; want %s, %s, %v", f.Internet.Admitted, f.MetadataAPI.Admitted, f.Open, c.internet, c.metadata, c.open)
			}
		})
	}
	many := sample.NetworkPolicy("ai", "out", `{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 6379}]}, {ports: [{port: 53, protocol: UDP}]}, {ports: [{port: 443}]}, {to: [{podSelector: {}}], ports: [{port: 9092}]}]}`)
	if got := analyzertest.Workload(t, analyzertest.Build(t, sample.Join(notebook, many)), "ai/lab[Pod]").Facts.Egress.Internet.Names["ports"]; got != "TCP 443, 6379" {
		t.Errorf("every rule of the policy that names no peer is told, not %q", got)
	}
	f := analyzertest.Workload(t, analyzertest.Build(t, notebook), "ai/lab[Pod]").Facts.Egress
	if f.Isolated != fact.No || f.MetadataAPI.Admitted != fact.Yes || f.Internet.Admitted != fact.No {
		t.Errorf("not isolated: %+v", f)
	}
}

// The tiers decide facts as they decide connections.
func TestFactsUnderTiers(t *testing.T) {
	t.Parallel()
	const server = "apiVersion: v1\nkind: Namespace\nmetadata: {name: ai}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: s, namespace: ai, labels: {app: s}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 8000}]}]}\n"
	tier := func(tier, action, from string) string {
		return "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: t}\nspec: {tier: " + tier + ", priority: 1, subject: {namespaces: {}}, ingress: [{action: " + action + ", from: [" + from + "]}]}\n"
	}
	all := "{namespaces: {}}"
	open := sample.NetworkPolicy("ai", "np", `{podSelector: {}, ingress: [{}]}`)
	closed := sample.NetworkPolicy("ai", "np", `{podSelector: {}}`)
	clusterwide := sample.NetworkPolicy("ai", "np", `{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}`)
	for _, c := range []struct {
		name      string
		manifests []string
		isolated  fact.Tri
		cluster   fact.Tri
		everyone  fact.Tri
	}{
		{"no policy", nil, fact.No, fact.No, fact.No},
		{"Baseline denies every pod, and addresses get in", []string{tier("Baseline", "Deny", all)}, fact.Unknown, fact.Unknown, fact.Unknown},
		{"a NetworkPolicy comes before Baseline", []string{tier("Baseline", "Deny", all), open}, fact.Yes, fact.No, fact.Yes},
		{"Admin accepts what a NetworkPolicy keeps out", []string{tier("Admin", "Accept", all), closed}, fact.Yes, fact.Yes, fact.No},
		{"Admin denies what a NetworkPolicy admits", []string{tier("Admin", "Deny", all), clusterwide}, fact.Yes, fact.No, fact.No},
		{"Admin passes on", []string{tier("Admin", "Pass", all), clusterwide}, fact.Yes, fact.Yes, fact.No},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := analyzertest.Workload(t, analyzertest.Build(t, sample.Join(append([]string{server}, c.manifests...)...)), "ai/s[Pod]")
			p := analyzertest.Port(t, w, 8000)
			if w.Facts.Ingress.Isolated != c.isolated || p.Cluster.Admitted != c.cluster || p.Everyone.Admitted != c.everyone {
				t.Errorf("isolated %s, cluster %s, everyone %s; want %s, %s, %s",
					w.Facts.Ingress.Isolated, p.Cluster.Admitted, p.Everyone.Admitted, c.isolated, c.cluster, c.everyone)
			}
		})
	}
}
