package operator

import (
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/product"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// trainingKinds make models. The labels of the training operator:
// https://github.com/kubeflow/trainer/blob/release-1.9/pkg/controller.v1/common/pod.go (createNewPod)
func trainingKinds() []Kind {
	const operator = "https://github.com/kubeflow/trainer/tree/release-1.9/pkg/controller.v1"
	distributed := product.Product{Name: "PyTorch distributed", Role: "training"}
	out := []Kind{
		{
			group: "trainer.kubeflow.org", kind: "TrainJob", source: "https://github.com/kubeflow/trainer/tree/master/pkg/runtime/framework/plugins/jobset",
			Pods: []PodGroup{{Bare: true}}, Labels: map[string]string{"jobset.sigs.k8s.io/jobset-name": "{name}"}, Domain: "jobset.sigs.k8s.io",
			Partial: true, Product: product.Product{Name: "Kubeflow Trainer", Role: "training"}, Sure: true,
		},
		{
			// Labels: pkg/controllers/jobset_controller.go (labelAndAnnotateObject).
			group: "jobset.x-k8s.io", kind: "JobSet", source: "https://github.com/kubernetes-sigs/jobset/blob/main/pkg/controllers/jobset_controller.go",
			Pods: []PodGroup{{
				At: "spec.replicatedJobs.*", name: "*name", Template: "template.spec.template",
				Labels: map[string]string{"jobset.sigs.k8s.io/replicatedjob-name": "{group}"},
			}},
			Labels: map[string]string{"jobset.sigs.k8s.io/jobset-name": "{name}"}, Domain: "jobset.sigs.k8s.io",
			Services: []MadeService{{name: "{name}", Headless: true}},
		},
		{
			// Labels: pkg/controllers/pod_controller.go, pkg/webhooks/pod_webhook.go. A
			// set without a template for leaders makes all its pods of the other one.
			group: "leaderworkerset.x-k8s.io", kind: "LeaderWorkerSet", source: "https://github.com/kubernetes-sigs/lws/tree/main/pkg",
			Pods: []PodGroup{
				{At: "spec.leaderWorkerTemplate", Template: "leaderTemplate", Labels: map[string]string{"leaderworkerset.sigs.k8s.io/worker-index": "0"}},
				{At: "spec.leaderWorkerTemplate", name: "worker", Template: "workerTemplate"},
			},
			Labels: map[string]string{"leaderworkerset.sigs.k8s.io/name": "{name}"}, Domain: "leaderworkerset.sigs.k8s.io",
			Services: []MadeService{{name: "{name}", Headless: true}},
		},
	}
	for _, k := range []struct {
		kind, specs string
		runs        product.Product
	}{
		{"PyTorchJob", "pytorchReplicaSpecs", distributed},
		{"TFJob", "tfReplicaSpecs", product.Product{Name: "TensorFlow distributed", Role: "training"}},
		{"MPIJob", "mpiReplicaSpecs", product.Product{Name: "MPI", Role: "training"}},
		{"XGBoostJob", "xgbReplicaSpecs", product.Product{Name: "XGBoost", Role: "training"}},
		{"PaddleJob", "paddleReplicaSpecs", product.Product{Name: "PaddlePaddle", Role: "training"}},
		{"JAXJob", "jaxReplicaSpecs", product.Product{Name: "JAX", Role: "training"}},
	} {
		kind := Kind{
			group: "kubeflow.org", kind: k.kind, source: operator,
			Pods:   []PodGroup{{At: "spec." + k.specs + ".*", name: "*", Template: "template"}},
			Labels: map[string]string{"training.kubeflow.org/job-name": "{name}"}, Domain: "training.kubeflow.org", Product: k.runs,
		}
		if k.kind != "MPIJob" { // the MPI operator of its own gives no such label
			kind.Pods[0].Labels = map[string]string{"training.kubeflow.org/replica-type": "{group}"}
		}
		if k.kind == "PyTorchJob" {
			kind.Services = []MadeService{{name: "{name}-master-0", Behind: []string{"master"}, Headless: true, ports: []servedPort{{name: "pytorchjob-port", port: 23456, target: 23456}}}}
		}
		out = append(out, kind)
	}
	return out
}

// platformKinds run what people and agents write.
func platformKinds() []Kind {
	return []Kind{
		{
			// generateStatefulSet and generateService: the pods get the Notebook's own
			// labels, not those of its template.
			group: "kubeflow.org", kind: "Notebook", source: "https://github.com/kubeflow/kubeflow/blob/master/components/notebook-controller/controllers/notebook_controller.go",
			Pods:     []PodGroup{{At: "spec", Template: "template", Unlabelled: true, Ports: []madePort{{Number: 8888, Name: "notebook-port", Unless: true}}}},
			Services: []MadeService{{name: "{name}", ports: []servedPort{{name: "http-notebook", port: 80, target: 8888, first: true}}}},
			Labels:   map[string]string{"statefulset": "{name}", "notebook-name": "{name}"}, Domain: "notebook-name", Copied: true,
			Product: product.Product{Name: "Kubeflow notebook", Role: "notebook", Management: product.ManagementKubeflowNotebook},
		},
		{
			group: "argoproj.io", kind: "Rollout", source: "https://argo-rollouts.readthedocs.io/en/stable/features/specification/",
			Pods: []PodGroup{{At: "spec", Template: "template"}}, May: []string{"rollouts-pod-template-hash"},
		},
		{
			// Which ports it has follows from its configuration; a sidecar has no pods
			// of its own, and a target allocator has.
			group: "opentelemetry.io", kind: "OpenTelemetryCollector",
			source:   "https://github.com/open-telemetry/opentelemetry-operator/blob/main/internal/manifests/manifestutils/labels.go",
			Pods:     []PodGroup{{At: "spec", Inline: true, Bare: true, Only: collectorPods}, {At: "spec.targetAllocator", name: "targetallocator", Inline: true, Bare: true, Only: allocatorPods, Labels: otelLabels("targetallocator")}},
			Services: []MadeService{{name: "{name}-collector", Unknown: true}, {name: "{name}-collector-headless", Unknown: true}, {name: "{name}-collector-monitoring", Unknown: true}},
			Labels:   otelLabels("collector"), Copied: true, Partial: true,
		},
		workflowKind("Workflow", "spec"), workflowKind("CronWorkflow", "spec.workflowSpec"),
		{
			// The label of a Sandbox is a hash of its name.
			group: "agents.x-k8s.io", kind: "Sandbox", source: "https://github.com/kubernetes-sigs/agent-sandbox/blob/main/controllers/sandbox_controller.go",
			Pods: []PodGroup{{At: "spec", Template: "podTemplate"}}, Services: []MadeService{{name: "{name}", Unknown: true}},
			May: []string{"agents.x-k8s.io/sandbox-name-hash"}, Product: product.Product{Name: "agent sandbox", Role: "agent"}, Sure: true,
		},
		{
			// Its pods are made when somebody claims one, or by a pool.
			group: "extensions.agents.x-k8s.io", kind: "SandboxTemplate", source: "https://github.com/kubernetes-sigs/agent-sandbox/tree/main/extensions",
			Pods:    []PodGroup{{At: "spec", Template: "podTemplate"}},
			May:     []string{"agents.x-k8s.io/sandbox-name-hash", "agents.x-k8s.io/warm-pool-sandbox", "agents.x-k8s.io/claim-uid", "agents.x-k8s.io/sandbox-template-ref-hash"},
			Product: product.Product{Name: "agent sandbox", Role: "agent"}, Sure: true, Opens: true,
			Guarded: func(object *yaml.Node) bool {
				management, _ := object.Get("spec").Get("networkPolicyManagement").Str()
				return management != "Unmanaged"
			},
		},
	}
}

// workflowKind: each template with a container is a pod of its own, under the
// service account of the whole.
// https://argo-workflows.readthedocs.io/en/latest/fields/#template
func workflowKind(kind, at string) Kind {
	return Kind{
		group: "argoproj.io", kind: kind, source: "https://argo-workflows.readthedocs.io/en/latest/fields/",
		Pods:   []PodGroup{{At: at + ".templates.*", name: "*name", Inline: true, Container: []string{"container", "script"}, Called: "main"}},
		Domain: "workflows.argoproj.io", Partial: true, Opens: true, Product: product.Product{Name: "Argo Workflows", Role: "pipeline"},
	}
}

// otelLabels are those that the OpenTelemetry operator selects its pods by.
func otelLabels(part string) map[string]string {
	return map[string]string{
		"app.kubernetes.io/managed-by": "opentelemetry-operator", "app.kubernetes.io/part-of": "opentelemetry",
		"app.kubernetes.io/component": "opentelemetry-" + part, "app.kubernetes.io/name": "{name}-" + part,
	}
}

// collectorPods: a collector of the mode sidecar lives in the pods of others.
// https://github.com/open-telemetry/opentelemetry-operator#deployment-modes
func collectorPods(object *yaml.Node) bool {
	mode, _ := object.Get("spec").Get("mode").Str()
	return mode != "sidecar"
}

func allocatorPods(object *yaml.Node) bool {
	return object.Get("spec").Get("targetAllocator").Get("enabled").ScalarText() == "true"
}
