package analyzer

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader"
)

// selects is what a policy with that selector selects, and in a closed
// namespace or not.
func selects(t *testing.T, selector string, manifests ...string) string {
	t.Helper()
	p := "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: ml}\nspec: {podSelector: {matchLabels: " + selector + "}}\n"
	m := build(t, docs(append(manifests, p)...))
	for i := range m.Subjects {
		if f, ok := m.Subjects[i].Facts.(*fact.NetworkPolicyFacts); ok {
			return strings.TrimSpace(string(f.Selects) + " " + string(f.Complete) + " " + strings.Trim(f.PodSel.Names["suggestion"], "`"))
		}
	}
	t.Fatal("no policy in\n" + docs(append(manifests, p)...))
	return ""
}

func TestOperatorLabels(t *testing.T) {
	plain := strings.ReplaceAll(vllm, "namespace: ai", "namespace: ml")
	for _, c := range []struct {
		selector, want string
		manifests      []string
	}{
		{"{ray.io/cluster: ray}", "yes yes", []string{rayCluster}},
		{"{ray.io/cluster: ray, ray.io/node-type: worker}", "yes yes", []string{rayCluster}},
		{"{ray.io/cluster: rray}", "no yes ray.io/cluster: ray", []string{rayCluster}},
		{"{ray.io/cluster: \"true\"}", "no yes ray.io/cluster: ray", []string{rayCluster, plain}},
		{"{ray.io/cluster: other-cluster-of-another-day}", "unknown yes", []string{rayCluster}}, // may be made at run time
		{"{ray.io/serve: \"true\"}", "unknown yes", []string{rayCluster}},                       // the operator sets it
		{"{ray.io/cluster: ray}", "unknown yes", []string{plain}},                               // no cluster in the tree
		{"{team: nobody}", "no yes", []string{rayCluster}},
		{"{serving.kserve.io/inferenceservice: llm}", "yes yes", []string{isvc}},
		// The commonest mistake about KServe, /work/shared/patterns.md 5.
		{"{serving.kserve.io/inferenceservice: \"true\"}", "no yes serving.kserve.io/inferenceservice: llm", []string{isvc, plain}},
		{"{app: isvc.llm-predictor}", "unknown yes", []string{isvc}}, // the label differs between releases
		{"{app: vllm}", "yes yes", []string{isvc, plain}},
		{"{notebook-name: nb}", "yes yes", []string{notebook}},
		{"{statefulset: nb}", "yes yes", []string{notebook}},
		{"{app: x-00001}", "unknown yes", []string{custom("serving.knative.dev/v1", "Service", "{template: {spec: "+oneContainer+"}}")}},
		{"{tier: z}", "no yes", []string{custom("serving.knative.dev/v1", "Service", "{template: {spec: "+oneContainer+"}}")}},
		{"{a: b}", "no unknown", []string{plain, custom("ray.io/v1", "RayCluster", "{headGroupSpec: \"${HEAD}\"}")}},
		{"{a: b}", "unknown unknown", []string{plain, custom("ray.io/v1", "RayCluster", "{headGroupSpec: ${HEAD}}")}}, // not read
		{"{a: b}", "unknown unknown", []string{plain, custom("example.com/v1", "Engine", "{template: {spec: "+oneContainer+"}}")}},
		{"{a: b}", "unknown unknown", []string{plain, custom("serving.kserve.io/v1alpha2", "LLMInferenceService", "{template: "+oneContainer+"}")}},
	} {
		if got := selects(t, c.selector, c.manifests...); got != c.want {
			t.Errorf("%s: %s, want %s", c.selector, got, c.want)
		}
	}
}

// A policy that is written for an operator's labels decides about its pods.
// https://docs.ray.io/en/latest/ray-security/index.html
func TestOperatorConnectivity(t *testing.T) {
	closed := in("ml", "ray", "{podSelector: {matchLabels: {ray.io/cluster: ray}}, ingress: [{from: [{podSelector: {matchLabels: {ray.io/cluster: ray}}}]}]}")
	guarded := strings.Replace(rayCluster, "spec:\n", "spec:\n  networkPolicy: {mode: DenyAll}\n", 1)
	for _, c := range []struct {
		name      string
		manifests []string
		src, dst  string
		want      fact.Verdict
	}{
		{"worker to head", []string{rayCluster, closed}, "ml/ray/gpu[RayCluster]", "ml/ray[RayCluster]", fact.Allowed},
		{"head to worker", []string{rayCluster, closed}, "ml/ray[RayCluster]", "ml/ray/gpu[RayCluster]", fact.Allowed},
		{"somebody else", []string{rayCluster, closed, isvc}, "ml/llm[InferenceService]", "ml/ray[RayCluster]", fact.Denied},
		{"a policy of the operator's own", []string{guarded}, frontID, "ml/ray[RayCluster]", fact.Unsure},
		{"no policy", []string{rayCluster}, frontID, "ml/ray[RayCluster]", fact.Allowed},
		{"a label of a runtime", []string{isvc, in("ml", "p", "{podSelector: {matchLabels: {app: x}}}")}, frontID, "ml/llm[InferenceService]", fact.Unsure},
		{"the name of a service", []string{isvc, in("ml", "p", "{podSelector: {matchLabels: {serving.kserve.io/inferenceservice: llm}}}")}, frontID, "ml/llm[InferenceService]", fact.Denied},
		{"a named port of a runtime", []string{isvc, in("ml", "p", "{podSelector: {}, ingress: [{ports: [{port: http1}]}]}")}, frontID, "ml/llm[InferenceService]", fact.Unsure},
		{"an operator that nobody knows", []string{custom("example.com/v1", "Engine", "{template: {spec: "+oneContainer+"}}")}, frontID, "ml/x[Engine]", fact.Unsure},
	} {
		trap{c.name, c.manifests, c.src, c.dst, "TCP", 8265, c.want}.check(t)
	}
}

// What the operator isolates is not called open, and neither is its namespace.
func TestOperatorPolicies(t *testing.T) {
	sandbox := custom("extensions.agents.x-k8s.io/v1beta1", "SandboxTemplate", "{podTemplate: {spec: "+oneContainer+"}}")
	for _, c := range []struct {
		manifest           string
		isolated, policies fact.Tri
	}{
		{rayCluster, fact.No, fact.No},
		{strings.Replace(rayCluster, "spec:\n", "spec:\n  networkPolicy: {mode: DenyAll}\n", 1), fact.Unknown, fact.Unknown},
		{sandbox, fact.Unknown, fact.Unknown},
		{strings.Replace(sandbox, "{podTemplate", "{networkPolicyManagement: Unmanaged, podTemplate", 1), fact.No, fact.No},
	} {
		m := build(t, c.manifest)
		f := workload(t, m, m.Workloads[0].ID).Facts
		if f.Ingress.Isolated != c.isolated || f.Namespace.Policies != c.policies {
			t.Errorf("isolated %s, policies %s in\n%s", f.Ingress.Isolated, f.Namespace.Policies, c.manifest)
		}
	}
}

// No slip of the pen in an operator's object may make the model panic, and
// every subject keeps its place.
func TestOddOperators(t *testing.T) {
	job := custom("ray.io/v1", "RayJob", "{rayClusterSpec: {authOptions: {mode: token}, headGroupSpec: {serviceType: NodePort, rayStartParams: {port: 1}, template: {spec: "+oneContainer+"}}}}")
	flow := custom("argoproj.io/v1alpha1", "Workflow", "{templates: [{name: a, script: {image: i}}, {name: a, container: {image: i}}]}")
	slips := []string{"", "[", " null", "${X}", "*"}
	for _, manifest := range []string{rayCluster, isvc, notebook, job, flow} {
		for i := range manifest {
			checkPlaces(t, manifest[:i]+slips[i%len(slips)]+manifest[i+1:])
		}
	}
}

func checkPlaces(t *testing.T, manifest string) {
	t.Helper()
	odd := docs(manifest, in("ml", "p", "{podSelector: {matchLabels: {ray.io/cluster: ray}}, ingress: [{ports: [{port: x}]}]}"))
	tree, err := loader.Load(t.Context(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(odd), Workers: 1})
	if err != nil {
		return
	}
	m := Build(t.Context(), tree)
	for k := range m.Subjects {
		if s := &m.Subjects[k]; s.From.Locate().File == nil {
			t.Fatalf("%s %v has no place in\n%s", s.Type, s.Names, odd)
		}
	}
}

// An object that was not read leaves its pods open, whatever its kind.
func TestUnreadOperators(t *testing.T) {
	for _, c := range []struct {
		apiVersion, kind string
		want             fact.Tri
	}{
		{"ray.io/v1", "RayCluster", fact.Unknown},
		{"example.com/v1", "Engine", fact.Unknown},
		{"v1", "ConfigMap", fact.No},
	} {
		broken := docs(custom(c.apiVersion, c.kind, "{a: [}"), strings.ReplaceAll(callerPod, "namespace: ai", "namespace: ml"), in("ml", "p", "{podSelector: {matchLabels: {app: b}}}"))
		tree, err := loader.Load(t.Context(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(broken)})
		if err != nil {
			t.Fatal(err)
		}
		m := Build(t.Context(), tree)
		for i := range m.Subjects {
			if f, ok := m.Subjects[i].Facts.(*fact.NetworkPolicyFacts); ok && f.Selects != c.want {
				t.Errorf("%s: selects %s, want %s", c.kind, f.Selects, c.want)
			}
		}
	}
}
