package inventory_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// One pod of a namespace that others fill too does not make the tree know it:
// [reserved] https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#working-with-namespaces
func TestPartOfANamespace(t *testing.T) {
	t.Parallel()
	server := sample.Join(sample.PodNamed("ai", "server"), sample.NamespaceNamed("ai"))
	for _, c := range []struct {
		name, Namespace string
		more            []string
		finds           fact.Tri
		route           string
	}{
		{"cluster DNS is in kube-system [reserved]", "kube-system", nil, fact.Unknown, "unknown"},
		{"its own Namespace object changes nothing", "kube-system", []string{sample.NamespaceNamed("kube-system")}, fact.Unknown, "unknown"},
		{"the mesh's namespace without its control plane", "istio-system", []string{sample.NamespaceNamed("istio-system")}, fact.Unknown, "unknown"},
		{"an ingress controller beside its default backend", "ingress-nginx", []string{sample.NamespaceNamed("ingress-nginx")}, fact.Unknown, "unknown"},
		{"Prometheus beside one exporter", "monitoring", nil, fact.Unknown, "unknown"},
		{"a namespace that the tree does not declare", "shop", nil, fact.Unknown, "unknown"},
		{"a namespace that it declares", "shop", []string{sample.NamespaceNamed("shop")}, fact.No, "denied by ingress"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tree := sample.Join(append([]string{server, sample.PodNamed(c.Namespace, "other")}, c.more...)...)
			peer := `{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ` + c.Namespace + `}}, podSelector: {matchLabels: {k8s-app: wanted}}}`
			if f := analyzertest.PolicyFacts(t, tree, sample.NetworkPolicy("ai", "pol", `{podSelector: {}, ingress: [{from: [`+peer+`]}]}`)); f.Rules[0].Peers[0].Matches != c.finds {
				t.Errorf("the peer finds %s, want %s", f.Rules[0].Peers[0].Matches, c.finds)
			}
			const route = "apiVersion: v1\nkind: Service\nmetadata: {name: server, namespace: ai}\nspec: {selector: {app: server}, ports: [{port: 80}]}\n---\n" +
				"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: r, namespace: ai}\nspec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: server, port: {number: 80}}}}]}}]}\n"
			from := sample.NetworkPolicy("ai", "pol", `{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: `+c.Namespace+`}}}]}]}`)
			if got := strings.Join(analyzertest.Flows(t, "route", tree, route, from), "; "); got != c.route {
				t.Errorf("the route is %q, want %q", got, c.route)
			}
		})
	}
}

// Prometheus may be installed beside istiod: istio/istio samples/addons.
func TestPrometheusBesideIstiod(t *testing.T) {
	t.Parallel()
	for namespace, want := range map[string]string{"istio-system": "unknown", "ai": "denied by ingress"} {
		scraped := "apiVersion: v1\nkind: Pod\nmetadata: {name: istiod, namespace: " + namespace + ", labels: {app: istiod}, annotations: {prometheus.io/scrape: 'true', prometheus.io/port: '15014'}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 15014}]}]}\n"
		got := analyzertest.Flows(t, "scrape", scraped, sample.NamespaceNamed(namespace), sample.NetworkPolicy(namespace, "pol", `{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}`))
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %q, want %q", namespace, got, want)
		}
	}
}

// So it is with whom a pod there runs as.
func TestAccountsOfPartOfANamespace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, Namespace string
		more            []string
		want            string
	}{
		{"the ingress controller's, beside its default backend", "ingress-nginx", []string{sample.NamespaceNamed("ingress-nginx")}, ""},
		{"of an application's namespace", "shop", []string{sample.NamespaceNamed("shop")}, "no-account"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			authz := "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: ai}\nspec: {rules: [{from: [{source: {principals: [cluster.local/ns/" + c.Namespace + "/sa/wanted]}}]}]}\n"
			facts := analyzertest.FactsOf[fact.AuthorizationPolicyFacts](analyzertest.Build(t, sample.Join(append([]string{sample.PodNamed("ai", "server"), sample.PodNamed(c.Namespace, "other"), authz}, c.more...)...)))
			got := ""
			if found := facts[0].Rules[0].References; len(found) > 0 {
				got = found[0].Problem
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
