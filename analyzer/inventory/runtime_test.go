package inventory_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

func granted(bindingKind, subject, resource, verb string) string {
	role := map[string]string{"RoleBinding": "Role", "ClusterRoleBinding": "ClusterRole"}[bindingKind]
	return "apiVersion: rbac.authorization.k8s.io/v1\nkind: " + role + "\nmetadata: {name: r, namespace: ai}\nrules: [{apiGroups: ['', batch, ray.io], resources: [" + resource + "], verbs: [get, " + verb + "]}]\n---\n" +
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: " + bindingKind + "\nmetadata: {name: b, namespace: ai}\nroleRef: {kind: " + role + ", name: r, apiGroup: rbac.authorization.k8s.io}\nsubjects: [" + subject + "]\n"
}

func scaled(kind, name string) string {
	return "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h, namespace: ai}\nspec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: " + kind + ", name: " + name + "}}\n"
}

// A selector that finds nothing is a mistake only where nobody makes pods while
// he runs. [rbac] https://kubernetes.io/docs/reference/access-authn-authz/rbac/
func TestPodsMadeAtRunTime(t *testing.T) {
	const account, image = "{kind: ServiceAccount, name: maker, namespace: ai}", "example.com/server"
	for _, c := range []struct {
		name, image, labels string
		more                []string
		want                fact.Tri
	}{
		{"nobody makes pods", image, "", nil, fact.No},
		{"an account may [rbac]", image, "", []string{granted("RoleBinding", account, "pods", "create")}, fact.Unknown},
		{"whatever owns pods will do", image, "", []string{granted("RoleBinding", account, "jobs", "create")}, fact.Unknown},
		{"an operator's kind, too", image, "", []string{granted("RoleBinding", account, "rayclusters", "'*'")}, fact.Unknown},
		{"in every namespace", image, "", []string{granted("ClusterRoleBinding", account, "pods", "create")}, fact.Unknown},
		{"as one of all accounts of the namespace", image, "", []string{granted("RoleBinding", "{kind: Group, name: 'system:serviceaccounts:ai'}", "pods", "create")}, fact.Unknown},
		{"who may read pods makes none", image, "", []string{granted("RoleBinding", account, "pods", "list")}, fact.No},
		{"a shell in a pod is no pod", image, "", []string{granted("RoleBinding", account, "pods/exec", "create")}, fact.No},
		{"an account that nothing runs as", image, "", []string{granted("RoleBinding", "{kind: ServiceAccount, name: other, namespace: ai}", "pods", "create")}, fact.No},
		{"an account of that name elsewhere", image, "", []string{granted("RoleBinding", "{kind: ServiceAccount, name: maker, namespace: ops}", "pods", "create")}, fact.No},
		{"JupyterHub", "quay.io/jupyterhub/k8s-hub:4.3.0", "", nil, fact.Unknown},
		{
			"JupyterHub that spawns elsewhere", "quay.io/jupyterhub/k8s-hub:4.3.0", "",
			[]string{"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hub, namespace: ai}\ndata: {jupyterhub_config.py: 'c.KubeSpawner.namespace = \"users\"'}\n"},
			fact.No,
		},
		{"Airflow", "apache/airflow:3.0.1", "", nil, fact.Unknown},
		{"the chart of an image that tells nothing", image, "helm.sh/chart: gitlab-runner-0.80.1", nil, fact.Unknown},
		{"a chart whose name only begins so", image, "helm.sh/chart: airflow-ui-1.0.0", nil, fact.No},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := append([]string{
				sample.NamespaceNamed("ai"),
				"apiVersion: v1\nkind: Pod\nmetadata: {name: maker, namespace: ai, labels: {app: maker, " + c.labels + "}}\nspec: {serviceAccountName: maker, containers: [{name: c, image: '" + c.image + "'}]}\n",
				sample.NetworkPolicy("ai", "pol", `{podSelector: {matchLabels: {made: later}}}`),
			}, c.more...)
			if f := analyzertest.PolicyFacts(t, tree...); f.Complete == fact.Yes != (c.want == fact.No) || f.Selects != c.want {
				t.Errorf("every pod is known: %s, the selector finds %s, want %s", f.Complete, f.Selects, c.want)
			}
		})
	}
}

// An autoscaler speaks of pods that exist, wherever they are defined.
func TestAutoscalerOfAnotherTree(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]fact.Tri{"Deployment/elsewhere": fact.Unknown, "Pod/server": fact.Yes} {
		kind, name, _ := strings.Cut(target, "/")
		f := analyzertest.PolicyFacts(t, sample.NamespaceNamed("ai"), sample.PodNamed("ai", "server"), scaled(kind, name),
			sample.NetworkPolicy("ai", "pol", `{podSelector: {matchLabels: {app: other}}}`))
		if f.Complete != want {
			t.Errorf("scaled %s: every pod is known: %s, want %s", target, f.Complete, want)
		}
	}
}

// A policy of another plugin owns no pods.
func TestPolicyOwnsNoPods(t *testing.T) {
	t.Parallel()
	antrea := "apiVersion: crd.antrea.io/v1beta1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: ai}\nspec: {appliedTo: [{podSelector: {matchLabels: {app: x}}}]}\n"
	f := analyzertest.PolicyFacts(t, sample.NamespaceNamed("ai"), sample.PodNamed("ai", "server"), antrea,
		sample.NetworkPolicy("ai", "pol", `{podSelector: {matchLabels: {app: other}}}`))
	if f.Complete != fact.Yes {
		t.Errorf("every pod is known: %s, want yes", f.Complete)
	}
}

// Labels that only a controller gives to pods of its own are never dead, and no
// pod of a template bears them:
// https://cert-manager.io/docs/configuration/acme/http01/
func TestLabelsOfPodsMadeAtRunTime(t *testing.T) {
	tree := sample.Join(sample.NamespaceNamed("ai"), sample.PodNamed("ai", "server"), sample.NetworkPolicy("ai", "pol", `{podSelector: {matchLabels: {acme.cert-manager.io/http01-solver: "true"}}}`))
	if f := analyzertest.PolicyFacts(t, tree); f.Selects != fact.Unknown {
		t.Errorf("the solver's pods: %s, want unknown", f.Selects)
	}
	for _, w := range analyzertest.FactsOf[fact.WorkloadFacts](analyzertest.Build(t, tree)) {
		if w.Ingress.Isolated != fact.No {
			t.Errorf("the server is isolated: %s, want no", w.Ingress.Isolated)
		}
	}
}
