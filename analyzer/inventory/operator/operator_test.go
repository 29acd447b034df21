package operator_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/operator"
)

// shape writes the workload as id{labels} ports.
func shape(w *inventory.Workload) string {
	var labels, ports []string
	for _, k := range slices.Sorted(maps.Keys(w.Labels)) {
		labels = append(labels, k+"="+w.Labels[k])
	}
	for _, p := range w.Ports {
		ports = append(ports, strconv.Itoa(p.Number))
	}
	return strings.TrimSpace(strings.TrimPrefix(w.ID, "ml/") + "{" + strings.Join(labels, ",") + "} " + strings.Join(ports, ","))
}

func TestOperatorKinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, manifest, want string }{
		// https://github.com/ray-project/kuberay/blob/master/ray-operator/controllers/ray/common/pod.go (labelPod, DefaultHeadPodTemplate)
		{"RayCluster", sample.RayCluster, `ray[RayCluster]{ray.io/cluster=ray,ray.io/group=headgroup,ray.io/is-ray-node=yes,ray.io/node-type=head,team=nlp} 8080,10001,6379,8265,8000
ray/gpu[RayCluster]{ray.io/cluster=ray,ray.io/group=gpu,ray.io/is-ray-node=yes,ray.io/node-type=worker} 7000,8080`},
		// Its cluster's name ends at random: utils.GenerateRayClusterName.
		{
			"RayService", sample.Custom("ray.io/v1", "RayService", "{rayClusterConfig: {headGroupSpec: {template: {spec: {containers: [{name: c, ports: [{name: dashboard, containerPort: 8265}]}]}}}}}"),
			`x[RayService]{ray.io/group=headgroup,ray.io/is-ray-node=yes,ray.io/node-type=head} 8265,8080`,
		},
		{
			"RayJob", sample.Custom("ray.io/v1", "RayJob", "{rayClusterSpec: {headGroupSpec: {template: {spec: "+sample.OneContainer+"}}}}"),
			`x[RayJob]{ray.io/group=headgroup,ray.io/is-ray-node=yes,ray.io/node-type=head} 8080
x/submitter[RayJob]{batch.kubernetes.io/job-name=x,job-name=x}`,
		},
		{
			"RayJob over HTTP", sample.Custom("ray.io/v1", "RayJob", "{submissionMode: HTTPMode, rayClusterSpec: {headGroupSpec: {template: {spec: "+sample.OneContainer+"}}}}"),
			`x[RayJob]{ray.io/group=headgroup,ray.io/is-ray-node=yes,ray.io/node-type=head} 8080`,
		},
		// https://github.com/open-telemetry/opentelemetry-operator/blob/main/internal/manifests/manifestutils/labels.go
		{
			"OpenTelemetryCollector", sample.Custom("opentelemetry.io/v1beta1", "OpenTelemetryCollector", "{config: {}}"),
			`x[OpenTelemetryCollector]{app.kubernetes.io/component=opentelemetry-collector,app.kubernetes.io/managed-by=opentelemetry-operator,app.kubernetes.io/name=x-collector,app.kubernetes.io/part-of=opentelemetry}`,
		},
		{"OpenTelemetryCollector in the pods of others", sample.Custom("opentelemetry.io/v1beta1", "OpenTelemetryCollector", "{mode: sidecar}"), ""},
		// https://github.com/kserve/kserve/blob/master/pkg/controller/v1beta1/inferenceservice/components/predictor.go (buildObjectMeta)
		{"InferenceService", sample.InferenceService, `llm[InferenceService]{component=predictor,serving.kserve.io/inferenceservice=llm,team=nlp} 9000
llm/transformer[InferenceService]{component=transformer,serving.kserve.io/inferenceservice=llm,team=nlp}`},
		{"ModelMesh", strings.Replace(sample.InferenceService, "labels: {team: nlp}", "annotations: {serving.kserve.io/deploymentMode: ModelMesh}", 1), ``},
		{"ServingRuntime", sample.Custom("serving.kserve.io/v1alpha1", "ServingRuntime", sample.OneContainer), ``},
		{
			"LLMInferenceService", sample.Custom("serving.kserve.io/v1alpha2", "LLMInferenceService", "{template: "+sample.OneContainer+", prefill: {template: "+sample.OneContainer+"}}"),
			`x[LLMInferenceService]{app.kubernetes.io/name=x,app.kubernetes.io/part-of=llminferenceservice}
x/prefill[LLMInferenceService]{app.kubernetes.io/name=x,app.kubernetes.io/part-of=llminferenceservice}`,
		},
		// https://github.com/kubeflow/kubeflow/blob/master/components/notebook-controller/controllers/notebook_controller.go (generateStatefulSet)
		{"Notebook", sample.Notebook, `nb[Notebook]{notebook-name=nb,statefulset=nb,team=nlp} 8888`},
		// https://github.com/kubeflow/trainer/blob/release-1.9/pkg/controller.v1/common/pod.go (createNewPod)
		{
			"PyTorchJob", sample.Custom("kubeflow.org/v1", "PyTorchJob", "{pytorchReplicaSpecs: {Master: {template: {spec: "+sample.OneContainer+"}}, Worker: {template: {spec: "+sample.OneContainer+"}}}}"),
			`x/master[PyTorchJob]{training.kubeflow.org/job-name=x,training.kubeflow.org/replica-type=master} 23456
x/worker[PyTorchJob]{training.kubeflow.org/job-name=x,training.kubeflow.org/replica-type=worker}`,
		},
		{"MPIJob", sample.Custom("kubeflow.org/v2beta1", "MPIJob", "{mpiReplicaSpecs: {Launcher: {template: {spec: "+sample.OneContainer+"}}}}"), `x[MPIJob]{training.kubeflow.org/job-name=x}`},
		{"TrainJob", sample.Custom("trainer.kubeflow.org/v1alpha1", "TrainJob", "{runtimeRef: {name: torch}}"), `x[TrainJob]{jobset.sigs.k8s.io/jobset-name=x}`},
		// https://github.com/kubernetes-sigs/jobset/blob/main/pkg/controllers/jobset_controller.go (labelAndAnnotateObject)
		{
			"JobSet", sample.Custom("jobset.x-k8s.io/v1alpha2", "JobSet", "{replicatedJobs: [{name: a, template: {spec: {template: {spec: "+sample.OneContainer+"}}}}, {name: b, template: {spec: {template: {spec: "+sample.OneContainer+"}}}}]}"),
			`x/a[JobSet]{jobset.sigs.k8s.io/jobset-name=x,jobset.sigs.k8s.io/replicatedjob-name=a}
x/b[JobSet]{jobset.sigs.k8s.io/jobset-name=x,jobset.sigs.k8s.io/replicatedjob-name=b}`,
		},
		// https://github.com/kubernetes-sigs/lws/blob/main/pkg/webhooks/pod_webhook.go
		{
			"LeaderWorkerSet", sample.Custom("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "{leaderWorkerTemplate: {leaderTemplate: {spec: "+sample.OneContainer+"}, workerTemplate: {spec: "+sample.OneContainer+"}}}"),
			`x[LeaderWorkerSet]{leaderworkerset.sigs.k8s.io/name=x,leaderworkerset.sigs.k8s.io/worker-index=0}
x/worker[LeaderWorkerSet]{leaderworkerset.sigs.k8s.io/name=x}`,
		},
		{
			"a set of equals", sample.Custom("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "{leaderWorkerTemplate: {workerTemplate: {spec: "+sample.OneContainer+"}}}"),
			`x[LeaderWorkerSet]{leaderworkerset.sigs.k8s.io/name=x}`,
		},
		// https://github.com/knative/serving/blob/main/pkg/reconciler/revision/resources/queue.go
		{
			"Knative Service", sample.Custom("serving.knative.dev/v1", "Service", "{template: {metadata: {labels: {a: b}}, spec: "+sample.OneContainer+"}}"),
			`x[Service]{a=b,serving.knative.dev/configuration=x,serving.knative.dev/service=x} 8080,8012,8022,9090,9091`,
		},
		{"Rollout", sample.Custom("argoproj.io/v1alpha1", "Rollout", "{template: {metadata: {labels: {a: b}}, spec: "+sample.OneContainer+"}}"), `x[Rollout]{a=b}`},
		{
			"Workflow", sample.Custom("argoproj.io/v1alpha1", "Workflow", "{templates: [{name: main, steps: []}, {name: train, metadata: {labels: {a: b}}, container: {image: i}}, {name: eval, script: {image: i}}]}"),
			`x/train[Workflow]{a=b}
x/eval[Workflow]{}`,
		},
		{"Sandbox", sample.Custom("agents.x-k8s.io/v1alpha1", "Sandbox", "{podTemplate: {metadata: {labels: {a: b}}, spec: "+sample.OneContainer+"}}"), `x[Sandbox]{a=b}`},
		{"Workspace", "apiVersion: kaito.sh/v1beta1\nkind: Workspace\nmetadata: {name: x, namespace: ml}\ninference: {preset: {name: phi}}\n", `x[Workspace]{kaito.sh/workspace=x}`},
		{"NIMService", sample.Custom("apps.nvidia.com/v1alpha1", "NIMService", "{image: {repository: nvcr.io/nim/meta/llama}}"), `x[NIMService]{}`},
		{
			"unknown kind", sample.Custom("example.com/v1", "Engine", "{nodes: [{name: a, podTemplate: {metadata: {labels: {a: b}}, spec: "+sample.OneContainer+"}}, {name: b, podTemplateSpec: {spec: "+sample.OneContainer+"}}]}"),
			`x/a[Engine]{a=b}
x/b[Engine]{}`,
		},
		{"unknown kind that only describes", sample.Custom("example.com/v1", "EngineConfig", "{template: {spec: "+sample.OneContainer+"}}"), ``},
		{"no containers", sample.Custom("example.com/v1", "Engine", "{template: {spec: {containers: [a, b]}}}"), ``},
		{"a name that the API server makes", strings.Replace(sample.RayCluster, "name: ray,", "generateName: ray-,", 1), `ray-*[RayCluster]{ray.io/group=headgroup,ray.io/is-ray-node=yes,ray.io/node-type=head,team=nlp} 8080
ray-*/gpu[RayCluster]{ray.io/group=gpu,ray.io/is-ray-node=yes,ray.io/node-type=worker} 7000,8080`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, w := range analyzertest.Build(t, c.manifest).Workloads {
				got = append(got, shape(w))
			}
			if s := strings.Join(got, "\n"); s != c.want {
				t.Errorf("got\n%s\nwant\n%s", s, c.want)
			}
		})
	}
}

// The Services that operators make are found by their names.
func TestOperatorServices(t *testing.T) {
	t.Parallel()
	standard := strings.Replace(sample.InferenceService, "labels: {team: nlp}", "annotations: {serving.kserve.io/deploymentMode: Standard}", 1)
	from := "\n---\n" + strings.ReplaceAll(sample.Caller, "namespace: ai", "namespace: ml")
	for _, c := range []struct{ manifest, host, want string }{
		{sample.RayCluster, "ray-head-svc", "ml/ray[RayCluster] 6379"},
		{sample.RayCluster, "ray-head-svc.ml.svc.cluster.local", "ml/ray[RayCluster] 6379"},
		{sample.RayCluster, "ray-worker-svc", "none"},
		{sample.Notebook, "nb", "ml/nb[Notebook] 8888"},
		{standard, "llm-predictor.ml", "ml/llm[InferenceService] 9000"},
		{standard, "llm-transformer", "ml/llm/transformer[InferenceService] 8080"},
		{sample.InferenceService, "llm-predictor", "exists"}, // of a gateway, or of the pods
		{sample.InferenceService, "llm", "exists"},
		{sample.RayCluster + "---\napiVersion: v1\nkind: Service\nmetadata: {name: ray-head-svc, namespace: ml}\nspec: {selector: {ray.io/group: gpu}, ports: [{port: 6379}]}\n", "ray-head-svc", "ml/ray/gpu[RayCluster] 6379"},
	} {
		m := analyzertest.Build(t, c.manifest+from)
		s := m.Sets[0].Inventory
		v, _, ok := s.ResolveHost(analyzertest.Workload(t, m, "ml/caller[Pod]").Workload, c.host)
		got := "none"
		if ok {
			got = "exists"
			for _, port := range []int{6379, 80} {
				for _, d := range v.Destinations(port, "TCP") {
					got = fmt.Sprintf("%s %d", d.W.ID, d.Port.Number)
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.host, got, c.want)
		}
	}
}

func TestRayControlPorts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, from, to, want string }{
		{"before tokens came", "", "", "no"},
		{"token, which that release does not know", "  headGroupSpec:\n", "  authOptions: {mode: token}\n  headGroupSpec:\n", "no"},
		{"token", "  headGroupSpec:\n    rayStartParams: {}\n    template:\n      metadata: {labels: {team: nlp}}\n      spec: {containers: [{name: ray-head, image: rayproject/ray:2.46.0}]}", "  authOptions: {mode: token}\n  headGroupSpec: {template: {spec: {containers: [{name: ray-head, image: rayproject/ray:2.52.0}]}}}", "yes"},
		{"an image that nobody knows", "rayproject/ray:2.46.0", "example.com/own", "unknown"},
		{"dashboard on loopback", "rayStartParams: {}", "rayStartParams: {dashboard-host: 127.0.0.1}", "none"},
		{"another dashboard port", "rayStartParams: {}", "rayStartParams: {dashboard-port: 9999}", "none"},
		{"a command of its own", "image: rayproject/ray:2.46.0}]}\n  worker", "image: rayproject/ray:2.46.0, command: [ray, start, --head]}]}\n  worker", "none"},
		{"certificates", "  headGroupSpec:\n", "  tlsOptions: {}\n  headGroupSpec:\n", "no"},
	} {
		m := analyzertest.Build(t, strings.Replace(sample.RayCluster, c.from, c.to, 1))
		f := analyzertest.Port(t, analyzertest.Workload(t, m, "ml/ray[RayCluster]"), 8265).Management
		got := string(f.Auth)
		if f.Name == "none" {
			got = "none"
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	m := analyzertest.Build(t, sample.RayCluster)
	for _, p := range analyzertest.Workload(t, m, "ml/ray/gpu[RayCluster]").Facts.Ports {
		if p.Management.Name != "none" {
			t.Errorf("worker port %d is %s", p.Number, p.Management.Name)
		}
	}
	if got := analyzertest.Workload(t, m, "ml/ray[RayCluster]").Facts.ExposedBy; len(got) > 0 {
		t.Errorf("entered by %v", got)
	}
	open := analyzertest.Build(t, strings.Replace(sample.RayCluster, "    rayStartParams", "    serviceType: LoadBalancer\n    rayStartParams", 1))
	if got := analyzertest.Workload(t, open, "ml/ray[RayCluster]").Facts.ExposedBy; !slices.Equal(got, []string{"loadbalancer"}) {
		t.Errorf("a load balancer is %v", got)
	}
}

func TestOperatorRoles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ manifest, want string }{
		{sample.RayCluster, "training Ray"},
		{sample.Custom("ray.io/v1", "RayService", "{rayClusterConfig: {headGroupSpec: {template: {spec: {containers: [{name: c, image: vllm/vllm-openai}]}}}}}"), "inference Ray"},
		{sample.InferenceService, "inference KServe"},
		{strings.Replace(sample.InferenceService, "own/server", "vllm/vllm-openai", 1), "inference vLLM"},
		{sample.Notebook, "notebook Kubeflow notebook"},
		{sample.Custom("agents.x-k8s.io/v1alpha1", "Sandbox", "{podTemplate: {spec: "+sample.OneContainer+"}}"), "agent agent sandbox"},
		{sample.Custom("kubeflow.org/v1", "PyTorchJob", "{pytorchReplicaSpecs: {Worker: {template: {spec: "+sample.OneContainer+"}}}}"), "training PyTorch distributed"},
		{sample.Custom("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "{leaderWorkerTemplate: {workerTemplate: {spec: {containers: [{name: c, image: vllm/vllm-openai}]}}}}"), "inference vLLM"},
	} {
		w := analyzertest.Build(t, c.manifest).Workloads[0]
		if got := w.Product.Role + " " + w.Product.Name; got != c.want {
			t.Errorf("%s: %s, want %s", w.ID, got, c.want)
		}
	}
}

// A fact about a pod template points where a person would edit it.
func TestOperatorPlaces(t *testing.T) {
	t.Parallel()
	m := analyzertest.Build(t, sample.InferenceService)
	w := analyzertest.Workload(t, m, "ml/llm[InferenceService]")
	for _, c := range []struct {
		steps []any
		want  string
	}{
		{[]any{"spec", "containers", 0, "ports", 0, "containerPort"}, "spec.predictor.model.ports[0].containerPort"},
		{[]any{"spec", "hostNetwork"}, "spec.predictor.hostNetwork"},
		{[]any{"metadata", "labels", "team"}, "metadata.labels.team"},
	} {
		if got := w.PodPath(c.steps...).String(); got != c.want {
			t.Errorf("%v: %s, want %s", c.steps, got, c.want)
		}
	}
	w = analyzertest.Workload(t, m, "ml/llm/transformer[InferenceService]")
	if got := w.PodPath("spec", "containers", 0, "image").String(); got != "spec.transformer.containers[0].image" {
		t.Error(got)
	}
}

func ownedBy(kind, manifest string) string {
	return strings.Replace(manifest, "namespace: ml", "namespace: ml, ownerReferences: [{kind: "+kind+", name: x, controller: true}]", 1)
}

// In an export of a cluster what an operator made is its object's; where the
// object tells less than what it made, the latter counts.
func TestOperatorsOwn(t *testing.T) {
	t.Parallel()
	owned := func(kind, owner, name string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: pod, namespace: ml, ownerReferences: [{kind: " + owner + ", name: " + name + ", controller: true}]}\nspec: " + sample.OneContainer + "\n" + kind
	}
	chain := strings.Replace(sample.RayCluster, "namespace: ml", "namespace: ml, ownerReferences: [{kind: RayService, name: x, controller: true}]", 1)
	service := sample.Custom("ray.io/v1", "RayService", "{rayClusterConfig: {headGroupSpec: {template: {spec: "+sample.OneContainer+"}}}}")
	for _, c := range []struct {
		want      string
		manifests []string
	}{
		{"ml/ray[RayCluster] ml/ray/gpu[RayCluster]", []string{sample.RayCluster, owned("", "RayCluster", "ray")}},
		{"ml/x[RayService]", []string{service, chain, owned("", "RayCluster", "ray")}},
		{"ml/x[Service]", []string{
			sample.Custom("serving.knative.dev/v1", "Service", "{template: {spec: "+sample.OneContainer+"}}"),
			ownedBy("Service", sample.Custom("serving.knative.dev/v1", "Configuration", "{template: {spec: "+sample.OneContainer+"}}")),
			ownedBy("Configuration", sample.Custom("serving.knative.dev/v1", "Revision", sample.OneContainer)),
			ownedBy("Revision", sample.Custom("v1", "Pod", sample.OneContainer)),
		}},
		{"ml/pod[Pod]", []string{sample.InferenceService, owned("", "InferenceService", "llm")}},
	} {
		var got []string
		for _, w := range analyzertest.Build(t, sample.Join(c.manifests...)).Workloads {
			got = append(got, w.ID)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s, want %s", s, c.want)
		}
	}
}

// Aliases multiply what a document holds: the search for templates has an end.
func TestScanIsBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("apiVersion: example.com/v1\nkind: Engine\nmetadata: {name: x}\nspec:\n  a0: &a0 {template: {spec: {containers: [{name: c}]}}}\n")
	for i := 1; i < 6; i++ {
		fmt.Fprintf(&b, "  a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1, i-1, i-1)
	}
	if n := len(analyzertest.Build(t, b.String()).Workloads); n > operator.MaxGroups {
		t.Errorf("%d workloads", n)
	}
}
