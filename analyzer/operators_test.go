package analyzer

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/operator"
)

const (
	rayCluster = `apiVersion: ray.io/v1
kind: RayCluster
metadata: {name: ray, namespace: ml}
spec:
  headGroupSpec:
    rayStartParams: {}
    template:
      metadata: {labels: {team: nlp}}
      spec: {containers: [{name: ray-head, image: rayproject/ray:2.46.0}]}
  workerGroupSpecs:
    - groupName: gpu
      template: {spec: {containers: [{name: w, image: rayproject/ray:2.46.0, ports: [{name: x, containerPort: 7000}]}]}}
`
	isvc = `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llm, namespace: ml, labels: {team: nlp}}
spec:
  predictor: {model: {modelFormat: {name: sklearn}, image: own/server, ports: [{containerPort: 9000}]}}
  transformer: {containers: [{name: kserve-container, image: t}]}
`
	notebook = `apiVersion: kubeflow.org/v1
kind: Notebook
metadata: {name: nb, namespace: ml, labels: {team: nlp}}
spec: {template: {metadata: {labels: {lost: "yes"}}, spec: {containers: [{name: nb, image: ghcr.io/kubeflow/kubeflow/notebook-servers/jupyter:v1}]}}}
`
)

func custom(apiVersion, kind, spec string) string {
	return fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: x, namespace: ml}\nspec: %s\n", apiVersion, kind, spec)
}

const oneContainer = `{containers: [{name: c, image: i}]}`

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
	for _, c := range []struct{ name, manifest, want string }{
		// https://github.com/ray-project/kuberay/blob/master/ray-operator/controllers/ray/common/pod.go (labelPod, DefaultHeadPodTemplate)
		{"RayCluster", rayCluster, `ray[RayCluster]{ray.io/cluster=ray,ray.io/group=headgroup,ray.io/is-ray-node=yes,ray.io/node-type=head,team=nlp} 8080,10001,6379,8265,8000
ray/gpu[RayCluster]{ray.io/cluster=ray,ray.io/group=gpu,ray.io/is-ray-node=yes,ray.io/node-type=worker} 7000,8080`},
		// Its cluster's name ends at random: utils.GenerateRayClusterName.
		{
			"RayService", custom("ray.io/v1", "RayService", "{rayClusterConfig: {headGroupSpec: {template: {spec: {containers: [{name: c, ports: [{name: dashboard, containerPort: 8265}]}]}}}}}"),
			`x[RayService]{ray.io/group=headgroup,ray.io/is-ray-node=yes,ray.io/node-type=head} 8265,8080`,
		},
		{
			"RayJob", custom("ray.io/v1", "RayJob", "{rayClusterSpec: {headGroupSpec: {template: {spec: "+oneContainer+"}}}}"),
			`x[RayJob]{ray.io/group=headgroup,ray.io/is-ray-node=yes,ray.io/node-type=head} 8080
x/submitter[RayJob]{batch.kubernetes.io/job-name=x,job-name=x}`,
		},
		{
			"RayJob over HTTP", custom("ray.io/v1", "RayJob", "{submissionMode: HTTPMode, rayClusterSpec: {headGroupSpec: {template: {spec: "+oneContainer+"}}}}"),
			`x[RayJob]{ray.io/group=headgroup,ray.io/is-ray-node=yes,ray.io/node-type=head} 8080`,
		},
		// https://github.com/kserve/kserve/blob/master/pkg/controller/v1beta1/inferenceservice/components/predictor.go (buildObjectMeta)
		{"InferenceService", isvc, `llm[InferenceService]{component=predictor,serving.kserve.io/inferenceservice=llm,team=nlp} 9000
llm/transformer[InferenceService]{component=transformer,serving.kserve.io/inferenceservice=llm,team=nlp}`},
		{"ModelMesh", strings.Replace(isvc, "labels: {team: nlp}", "annotations: {serving.kserve.io/deploymentMode: ModelMesh}", 1), ``},
		{"ServingRuntime", custom("serving.kserve.io/v1alpha1", "ServingRuntime", oneContainer), ``},
		{
			"LLMInferenceService", custom("serving.kserve.io/v1alpha2", "LLMInferenceService", "{template: "+oneContainer+", prefill: {template: "+oneContainer+"}}"),
			`x[LLMInferenceService]{app.kubernetes.io/name=x,app.kubernetes.io/part-of=llminferenceservice}
x/prefill[LLMInferenceService]{app.kubernetes.io/name=x,app.kubernetes.io/part-of=llminferenceservice}`,
		},
		// https://github.com/kubeflow/kubeflow/blob/master/components/notebook-controller/controllers/notebook_controller.go (generateStatefulSet)
		{"Notebook", notebook, `nb[Notebook]{notebook-name=nb,statefulset=nb,team=nlp} 8888`},
		// https://github.com/kubeflow/trainer/blob/release-1.9/pkg/controller.v1/common/pod.go (createNewPod)
		{
			"PyTorchJob", custom("kubeflow.org/v1", "PyTorchJob", "{pytorchReplicaSpecs: {Master: {template: {spec: "+oneContainer+"}}, Worker: {template: {spec: "+oneContainer+"}}}}"),
			`x/master[PyTorchJob]{training.kubeflow.org/job-name=x,training.kubeflow.org/replica-type=master} 23456
x/worker[PyTorchJob]{training.kubeflow.org/job-name=x,training.kubeflow.org/replica-type=worker}`,
		},
		{"MPIJob", custom("kubeflow.org/v2beta1", "MPIJob", "{mpiReplicaSpecs: {Launcher: {template: {spec: "+oneContainer+"}}}}"), `x[MPIJob]{training.kubeflow.org/job-name=x}`},
		{"TrainJob", custom("trainer.kubeflow.org/v1alpha1", "TrainJob", "{runtimeRef: {name: torch}}"), `x[TrainJob]{jobset.sigs.k8s.io/jobset-name=x}`},
		// https://github.com/kubernetes-sigs/jobset/blob/main/pkg/controllers/jobset_controller.go (labelAndAnnotateObject)
		{
			"JobSet", custom("jobset.x-k8s.io/v1alpha2", "JobSet", "{replicatedJobs: [{name: a, template: {spec: {template: {spec: "+oneContainer+"}}}}, {name: b, template: {spec: {template: {spec: "+oneContainer+"}}}}]}"),
			`x/a[JobSet]{jobset.sigs.k8s.io/jobset-name=x,jobset.sigs.k8s.io/replicatedjob-name=a}
x/b[JobSet]{jobset.sigs.k8s.io/jobset-name=x,jobset.sigs.k8s.io/replicatedjob-name=b}`,
		},
		// https://github.com/kubernetes-sigs/lws/blob/main/pkg/webhooks/pod_webhook.go
		{
			"LeaderWorkerSet", custom("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "{leaderWorkerTemplate: {leaderTemplate: {spec: "+oneContainer+"}, workerTemplate: {spec: "+oneContainer+"}}}"),
			`x[LeaderWorkerSet]{leaderworkerset.sigs.k8s.io/name=x,leaderworkerset.sigs.k8s.io/worker-index=0}
x/worker[LeaderWorkerSet]{leaderworkerset.sigs.k8s.io/name=x}`,
		},
		{
			"a set of equals", custom("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "{leaderWorkerTemplate: {workerTemplate: {spec: "+oneContainer+"}}}"),
			`x[LeaderWorkerSet]{leaderworkerset.sigs.k8s.io/name=x}`,
		},
		// https://github.com/knative/serving/blob/main/pkg/reconciler/revision/resources/queue.go
		{
			"Knative Service", custom("serving.knative.dev/v1", "Service", "{template: {metadata: {labels: {a: b}}, spec: "+oneContainer+"}}"),
			`x[Service]{a=b,serving.knative.dev/configuration=x,serving.knative.dev/service=x} 8080,8012,8022,9090,9091`,
		},
		{"Rollout", custom("argoproj.io/v1alpha1", "Rollout", "{template: {metadata: {labels: {a: b}}, spec: "+oneContainer+"}}"), `x[Rollout]{a=b}`},
		{
			"Workflow", custom("argoproj.io/v1alpha1", "Workflow", "{templates: [{name: main, steps: []}, {name: train, metadata: {labels: {a: b}}, container: {image: i}}, {name: eval, script: {image: i}}]}"),
			`x/train[Workflow]{a=b}
x/eval[Workflow]{}`,
		},
		{"Sandbox", custom("agents.x-k8s.io/v1alpha1", "Sandbox", "{podTemplate: {metadata: {labels: {a: b}}, spec: "+oneContainer+"}}"), `x[Sandbox]{a=b}`},
		{"Workspace", "apiVersion: kaito.sh/v1beta1\nkind: Workspace\nmetadata: {name: x, namespace: ml}\ninference: {preset: {name: phi}}\n", `x[Workspace]{kaito.sh/workspace=x}`},
		{"NIMService", custom("apps.nvidia.com/v1alpha1", "NIMService", "{image: {repository: nvcr.io/nim/meta/llama}}"), `x[NIMService]{}`},
		{
			"unknown kind", custom("example.com/v1", "Engine", "{nodes: [{name: a, podTemplate: {metadata: {labels: {a: b}}, spec: "+oneContainer+"}}, {name: b, podTemplateSpec: {spec: "+oneContainer+"}}]}"),
			`x/a[Engine]{a=b}
x/b[Engine]{}`,
		},
		{"unknown kind that only describes", custom("example.com/v1", "EngineConfig", "{template: {spec: "+oneContainer+"}}"), ``},
		{"no containers", custom("example.com/v1", "Engine", "{template: {spec: {containers: [a, b]}}}"), ``},
		{"a name that the API server makes", strings.Replace(rayCluster, "name: ray,", "generateName: ray-,", 1), `ray-*[RayCluster]{ray.io/group=headgroup,ray.io/is-ray-node=yes,ray.io/node-type=head,team=nlp} 8080
ray-*/gpu[RayCluster]{ray.io/group=gpu,ray.io/is-ray-node=yes,ray.io/node-type=worker} 7000,8080`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, w := range build(t, c.manifest).Workloads {
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
	standard := strings.Replace(isvc, "labels: {team: nlp}", "annotations: {serving.kserve.io/deploymentMode: Standard}", 1)
	from := "\n---\n" + strings.ReplaceAll(callerPod, "namespace: ai", "namespace: ml")
	for _, c := range []struct{ manifest, host, want string }{
		{rayCluster, "ray-head-svc", "ml/ray[RayCluster] 6379"},
		{rayCluster, "ray-head-svc.ml.svc.cluster.local", "ml/ray[RayCluster] 6379"},
		{rayCluster, "ray-worker-svc", "none"},
		{notebook, "nb", "ml/nb[Notebook] 8888"},
		{standard, "llm-predictor.ml", "ml/llm[InferenceService] 9000"},
		{standard, "llm-transformer", "ml/llm/transformer[InferenceService] 8080"},
		{isvc, "llm-predictor", "exists"}, // of a gateway, or of the pods
		{isvc, "llm", "exists"},
		{rayCluster + "---\napiVersion: v1\nkind: Service\nmetadata: {name: ray-head-svc, namespace: ml}\nspec: {selector: {ray.io/group: gpu}, ports: [{port: 6379}]}\n", "ray-head-svc", "ml/ray/gpu[RayCluster] 6379"},
	} {
		m := build(t, c.manifest+from)
		s := m.Sets[0].Inventory
		v, _, ok := s.ResolveHost(workload(t, m, "ml/caller[Pod]").Workload, c.host)
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
		m := build(t, strings.Replace(rayCluster, c.from, c.to, 1))
		f := portFacts(t, workload(t, m, "ml/ray[RayCluster]"), 8265).Management
		got := string(f.Auth)
		if f.Name == "none" {
			got = "none"
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	m := build(t, rayCluster)
	for _, p := range workload(t, m, "ml/ray/gpu[RayCluster]").Facts.Ports {
		if p.Management.Name != "none" {
			t.Errorf("worker port %d is %s", p.Number, p.Management.Name)
		}
	}
	if got := workload(t, m, "ml/ray[RayCluster]").Facts.ExposedBy; len(got) > 0 {
		t.Errorf("entered by %v", got)
	}
	open := build(t, strings.Replace(rayCluster, "    rayStartParams", "    serviceType: LoadBalancer\n    rayStartParams", 1))
	if got := workload(t, open, "ml/ray[RayCluster]").Facts.ExposedBy; !slices.Equal(got, []string{"loadbalancer"}) {
		t.Errorf("a load balancer is %v", got)
	}
}

func TestOperatorRoles(t *testing.T) {
	for _, c := range []struct{ manifest, want string }{
		{rayCluster, "training Ray"},
		{custom("ray.io/v1", "RayService", "{rayClusterConfig: {headGroupSpec: {template: {spec: {containers: [{name: c, image: vllm/vllm-openai}]}}}}}"), "inference Ray"},
		{isvc, "inference KServe"},
		{strings.Replace(isvc, "own/server", "vllm/vllm-openai", 1), "inference vLLM"},
		{notebook, "notebook Kubeflow notebook"},
		{custom("agents.x-k8s.io/v1alpha1", "Sandbox", "{podTemplate: {spec: "+oneContainer+"}}"), "agent agent sandbox"},
		{custom("kubeflow.org/v1", "PyTorchJob", "{pytorchReplicaSpecs: {Worker: {template: {spec: "+oneContainer+"}}}}"), "training PyTorch distributed"},
		{custom("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "{leaderWorkerTemplate: {workerTemplate: {spec: {containers: [{name: c, image: vllm/vllm-openai}]}}}}"), "inference vLLM"},
	} {
		w := build(t, c.manifest).Workloads[0]
		if got := w.Product.Role + " " + w.Product.Name; got != c.want {
			t.Errorf("%s: %s, want %s", w.ID, got, c.want)
		}
	}
}

// A fact about a pod template points where a person would edit it.
func TestOperatorPlaces(t *testing.T) {
	m := build(t, isvc)
	w := workload(t, m, "ml/llm[InferenceService]")
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
	w = workload(t, m, "ml/llm/transformer[InferenceService]")
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
	owned := func(kind, owner, name string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: pod, namespace: ml, ownerReferences: [{kind: " + owner + ", name: " + name + ", controller: true}]}\nspec: " + oneContainer + "\n" + kind
	}
	chain := strings.Replace(rayCluster, "namespace: ml", "namespace: ml, ownerReferences: [{kind: RayService, name: x, controller: true}]", 1)
	service := custom("ray.io/v1", "RayService", "{rayClusterConfig: {headGroupSpec: {template: {spec: "+oneContainer+"}}}}")
	for _, c := range []struct {
		want      string
		manifests []string
	}{
		{"ml/ray[RayCluster] ml/ray/gpu[RayCluster]", []string{rayCluster, owned("", "RayCluster", "ray")}},
		{"ml/x[RayService]", []string{service, chain, owned("", "RayCluster", "ray")}},
		{"ml/x[Service]", []string{
			custom("serving.knative.dev/v1", "Service", "{template: {spec: "+oneContainer+"}}"),
			ownedBy("Service", custom("serving.knative.dev/v1", "Configuration", "{template: {spec: "+oneContainer+"}}")),
			ownedBy("Configuration", custom("serving.knative.dev/v1", "Revision", oneContainer)),
			ownedBy("Revision", custom("v1", "Pod", oneContainer)),
		}},
		{"ml/pod[Pod]", []string{isvc, owned("", "InferenceService", "llm")}},
	} {
		var got []string
		for _, w := range build(t, docs(c.manifests...)).Workloads {
			got = append(got, w.ID)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s, want %s", s, c.want)
		}
	}
}

// Aliases multiply what a document holds: the search for templates has an end.
func TestScanIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: example.com/v1\nkind: Engine\nmetadata: {name: x}\nspec:\n  a0: &a0 {template: {spec: {containers: [{name: c}]}}}\n")
	for i := 1; i < 6; i++ {
		fmt.Fprintf(&b, "  a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1, i-1, i-1)
	}
	if n := len(build(t, b.String()).Workloads); n > operator.MaxGroups {
		t.Errorf("%d workloads", n)
	}
}
