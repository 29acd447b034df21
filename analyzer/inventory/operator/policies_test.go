package operator_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader"
)

// selects is what a policy with that selector selects, and in a closed
// namespace or not.
func selects(t *testing.T, selector string, manifests ...string) string {
	t.Helper()
	p := "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: ml}\nspec: {podSelector: {matchLabels: " + selector + "}}\n"
	m := analyzertest.Build(t, sample.Join(append(manifests, p)...))
	for i := range m.Subjects {
		if f, ok := m.Subjects[i].Facts.(*fact.NetworkPolicyFacts); ok {
			return strings.TrimSpace(string(f.Selects) + " " + string(f.Complete) + " " + strings.Trim(f.PodSel.Names["suggestion"], "`"))
		}
	}
	t.Fatal("no policy in\n" + sample.Join(append(manifests, p)...))
	return ""
}

func TestOperatorLabels(t *testing.T) {
	t.Parallel()
	plain := strings.ReplaceAll(sample.VLLM, "namespace: ai", "namespace: ml")
	for _, c := range []struct {
		selector, want string
		manifests      []string
	}{
		{"{ray.io/cluster: ray}", "yes yes", []string{sample.RayCluster}},
		{"{ray.io/cluster: ray, ray.io/node-type: worker}", "yes yes", []string{sample.RayCluster}},
		{"{ray.io/cluster: rray}", "no yes ray.io/cluster: ray", []string{sample.RayCluster}},
		{"{ray.io/cluster: \"true\"}", "no yes ray.io/cluster: ray", []string{sample.RayCluster, plain}},
		{"{ray.io/cluster: other-cluster-of-another-day}", "unknown yes", []string{sample.RayCluster}}, // may be made at run time
		{"{ray.io/serve: \"true\"}", "unknown yes", []string{sample.RayCluster}},                       // the operator sets it
		{"{ray.io/cluster: ray}", "unknown yes", []string{plain}},                                      // no cluster in the tree
		{"{team: nobody}", "no yes", []string{sample.RayCluster}},
		{"{serving.kserve.io/inferenceservice: llm}", "yes yes", []string{sample.InferenceService}},
		// The commonest mistake about KServe, /work/shared/patterns.md 5.
		{"{serving.kserve.io/inferenceservice: \"true\"}", "no yes serving.kserve.io/inferenceservice: llm", []string{sample.InferenceService, plain}},
		{"{app: isvc.llm-predictor}", "unknown yes", []string{sample.InferenceService}}, // the label differs between releases
		{"{app: vllm}", "yes yes", []string{sample.InferenceService, plain}},
		{"{notebook-name: nb}", "yes yes", []string{sample.Notebook}},
		{"{statefulset: nb}", "yes yes", []string{sample.Notebook}},
		{"{app: x-00001}", "unknown yes", []string{sample.Custom("serving.knative.dev/v1", "Service", "{template: {spec: "+sample.OneContainer+"}}")}},
		{"{tier: z}", "no yes", []string{sample.Custom("serving.knative.dev/v1", "Service", "{template: {spec: "+sample.OneContainer+"}}")}},
		{"{a: b}", "no unknown", []string{plain, sample.Custom("ray.io/v1", "RayCluster", "{headGroupSpec: \"${HEAD}\"}")}},
		{"{a: b}", "unknown unknown", []string{plain, sample.Custom("ray.io/v1", "RayCluster", "{headGroupSpec: ${HEAD}}")}}, // not read
		{"{a: b}", "unknown unknown", []string{plain, sample.Custom("example.com/v1", "Engine", "{template: {spec: "+sample.OneContainer+"}}")}},
		{"{a: b}", "unknown unknown", []string{plain, sample.Custom("serving.kserve.io/v1alpha2", "LLMInferenceService", "{template: "+sample.OneContainer+"}")}},
	} {
		if got := selects(t, c.selector, c.manifests...); got != c.want {
			t.Errorf("%s: %s, want %s", c.selector, got, c.want)
		}
	}
}

// A policy that is written for an operator's labels decides about its pods.
// https://docs.ray.io/en/latest/ray-security/index.html
func TestOperatorConnectivity(t *testing.T) {
	t.Parallel()
	closed := sample.NetworkPolicy("ml", "ray", "{podSelector: {matchLabels: {ray.io/cluster: ray}}, ingress: [{from: [{podSelector: {matchLabels: {ray.io/cluster: ray}}}]}]}")
	guarded := strings.Replace(sample.RayCluster, "spec:\n", "spec:\n  networkPolicy: {mode: DenyAll}\n", 1)
	for _, c := range []struct {
		name      string
		manifests []string
		src, dst  string
		want      fact.Verdict
	}{
		{"worker to head", []string{sample.RayCluster, closed}, "ml/ray/gpu[RayCluster]", "ml/ray[RayCluster]", fact.Allowed},
		{"head to worker", []string{sample.RayCluster, closed}, "ml/ray[RayCluster]", "ml/ray/gpu[RayCluster]", fact.Allowed},
		{"somebody else", []string{sample.RayCluster, closed, sample.InferenceService}, "ml/llm[InferenceService]", "ml/ray[RayCluster]", fact.Denied},
		{"a policy of the operator's own", []string{guarded}, sample.FrontID, "ml/ray[RayCluster]", fact.Undetermined},
		{"no policy", []string{sample.RayCluster}, sample.FrontID, "ml/ray[RayCluster]", fact.Allowed},
		{"a label of a runtime", []string{sample.InferenceService, sample.NetworkPolicy("ml", "p", "{podSelector: {matchLabels: {app: x}}}")}, sample.FrontID, "ml/llm[InferenceService]", fact.Undetermined},
		{"the name of a service", []string{sample.InferenceService, sample.NetworkPolicy("ml", "p", "{podSelector: {matchLabels: {serving.kserve.io/inferenceservice: llm}}}")}, sample.FrontID, "ml/llm[InferenceService]", fact.Denied},
		{"a named port of a runtime", []string{sample.InferenceService, sample.NetworkPolicy("ml", "p", "{podSelector: {}, ingress: [{ports: [{port: http1}]}]}")}, sample.FrontID, "ml/llm[InferenceService]", fact.Undetermined},
		{"an operator that nobody knows", []string{sample.Custom("example.com/v1", "Engine", "{template: {spec: "+sample.OneContainer+"}}")}, sample.FrontID, "ml/x[Engine]", fact.Undetermined},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			analyzertest.CheckVerdict(t, append([]string{sample.Town}, c.manifests...), c.src, c.dst, "TCP", 8265, c.want)
		})
	}
}

// What the operator isolates is not called open, and neither is its namespace.
func TestOperatorPolicies(t *testing.T) {
	t.Parallel()
	sandbox := sample.Custom("extensions.agents.x-k8s.io/v1beta1", "SandboxTemplate", "{podTemplate: {spec: "+sample.OneContainer+"}}")
	for _, c := range []struct {
		manifest           string
		isolated, policies fact.Tri
	}{
		{sample.RayCluster, fact.No, fact.No},
		{strings.Replace(sample.RayCluster, "spec:\n", "spec:\n  networkPolicy: {mode: DenyAll}\n", 1), fact.Unknown, fact.Unknown},
		{sandbox, fact.Unknown, fact.Unknown},
		{strings.Replace(sandbox, "{podTemplate", "{networkPolicyManagement: Unmanaged, podTemplate", 1), fact.No, fact.No},
	} {
		m := analyzertest.Build(t, c.manifest)
		f := analyzertest.Workload(t, m, m.Workloads[0].ID).Facts
		if f.Ingress.Isolated != c.isolated || f.Namespace.Policies != c.policies {
			t.Errorf("isolated %s, policies %s in\n%s", f.Ingress.Isolated, f.Namespace.Policies, c.manifest)
		}
	}
}

// No slip of the pen in an operator's object may make the model panic, and
// every subject keeps its place.
func TestOddOperators(t *testing.T) {
	t.Parallel()
	job := sample.Custom("ray.io/v1", "RayJob", "{rayClusterSpec: {authOptions: {mode: token}, headGroupSpec: {serviceType: NodePort, rayStartParams: {port: 1}, template: {spec: "+sample.OneContainer+"}}}}")
	flow := sample.Custom("argoproj.io/v1alpha1", "Workflow", "{templates: [{name: a, script: {image: i}}, {name: a, container: {image: i}}]}")
	slips := []string{"", "[", " null", "${X}", "*"}
	for _, manifest := range []string{sample.RayCluster, sample.InferenceService, sample.Notebook, job, flow} {
		for i := range manifest {
			checkPlaces(t, manifest[:i]+slips[i%len(slips)]+manifest[i+1:])
		}
	}
}

func checkPlaces(t *testing.T, manifest string) {
	t.Helper()
	odd := sample.Join(manifest, sample.NetworkPolicy("ml", "p", "{podSelector: {matchLabels: {ray.io/cluster: ray}}, ingress: [{ports: [{port: x}]}]}"))
	tree, err := loader.Load(t.Context(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(odd), Workers: 1})
	if err != nil {
		return
	}
	m := analyzer.Build(t.Context(), tree)
	for k := range m.Subjects {
		if s := &m.Subjects[k]; s.From.Locate().File == nil {
			t.Fatalf("%s %v has no place in\n%s", s.Type, s.Names, odd)
		}
	}
}

// An object that was not read leaves its pods open, whatever its kind.
func TestUnreadOperators(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		apiVersion, kind string
		want             fact.Tri
	}{
		{"ray.io/v1", "RayCluster", fact.Unknown},
		{"example.com/v1", "Engine", fact.Unknown},
		{"v1", "ConfigMap", fact.No},
	} {
		broken := sample.Join(sample.Custom(c.apiVersion, c.kind, "{a: [}"), strings.ReplaceAll(sample.Caller, "namespace: ai", "namespace: ml"), sample.NetworkPolicy("ml", "p", "{podSelector: {matchLabels: {app: b}}}"))
		tree, err := loader.Load(t.Context(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(broken)})
		if err != nil {
			t.Fatal(err)
		}
		m := analyzer.Build(t.Context(), tree)
		for i := range m.Subjects {
			if f, ok := m.Subjects[i].Facts.(*fact.NetworkPolicyFacts); ok && f.Selects != c.want {
				t.Errorf("%s: selects %s, want %s", c.kind, f.Selects, c.want)
			}
		}
	}
}
