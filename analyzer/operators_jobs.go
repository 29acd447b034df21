package analyzer

import (
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// trainingKinds make models. The labels of the training operator:
// https://github.com/kubeflow/trainer/blob/release-1.9/pkg/controller.v1/common/pod.go (createNewPod)
func trainingKinds() []operatorKind {
	const operator = "https://github.com/kubeflow/trainer/tree/release-1.9/pkg/controller.v1"
	distributed := product{name: "PyTorch distributed", role: "training"}
	out := []operatorKind{
		{
			group: "trainer.kubeflow.org", kind: "TrainJob", source: "https://github.com/kubeflow/trainer/tree/master/pkg/runtime/framework/plugins/jobset",
			pods: []podGroup{{bare: true}}, labels: map[string]string{"jobset.sigs.k8s.io/jobset-name": "{name}"}, domain: "jobset.sigs.k8s.io",
			partial: true, product: product{name: "Kubeflow Trainer", role: "training"}, sure: true,
		},
		{
			// Labels: pkg/controllers/jobset_controller.go (labelAndAnnotateObject).
			group: "jobset.x-k8s.io", kind: "JobSet", source: "https://github.com/kubernetes-sigs/jobset/blob/main/pkg/controllers/jobset_controller.go",
			pods: []podGroup{{
				at: "spec.replicatedJobs.*", name: "*name", template: "template.spec.template",
				labels: map[string]string{"jobset.sigs.k8s.io/replicatedjob-name": "{group}"},
			}},
			labels: map[string]string{"jobset.sigs.k8s.io/jobset-name": "{name}"}, domain: "jobset.sigs.k8s.io",
			services: []madeService{{name: "{name}", headless: true}},
		},
		{
			// Labels: pkg/controllers/pod_controller.go, pkg/webhooks/pod_webhook.go. A
			// set without a template for leaders makes all its pods of the other one.
			group: "leaderworkerset.x-k8s.io", kind: "LeaderWorkerSet", source: "https://github.com/kubernetes-sigs/lws/tree/main/pkg",
			pods: []podGroup{
				{at: "spec.leaderWorkerTemplate", template: "leaderTemplate", labels: map[string]string{"leaderworkerset.sigs.k8s.io/worker-index": "0"}},
				{at: "spec.leaderWorkerTemplate", name: "worker", template: "workerTemplate"},
			},
			labels: map[string]string{"leaderworkerset.sigs.k8s.io/name": "{name}"}, domain: "leaderworkerset.sigs.k8s.io",
			services: []madeService{{name: "{name}", headless: true}},
		},
	}
	for _, k := range []struct {
		kind, specs string
		runs        product
	}{
		{"PyTorchJob", "pytorchReplicaSpecs", distributed},
		{"TFJob", "tfReplicaSpecs", product{name: "TensorFlow distributed", role: "training"}},
		{"MPIJob", "mpiReplicaSpecs", product{name: "MPI", role: "training"}},
		{"XGBoostJob", "xgbReplicaSpecs", product{name: "XGBoost", role: "training"}},
		{"PaddleJob", "paddleReplicaSpecs", product{name: "PaddlePaddle", role: "training"}},
		{"JAXJob", "jaxReplicaSpecs", product{name: "JAX", role: "training"}},
	} {
		kind := operatorKind{
			group: "kubeflow.org", kind: k.kind, source: operator,
			pods:   []podGroup{{at: "spec." + k.specs + ".*", name: "*", template: "template"}},
			labels: map[string]string{"training.kubeflow.org/job-name": "{name}"}, domain: "training.kubeflow.org", product: k.runs,
		}
		if k.kind != "MPIJob" { // the MPI operator of its own gives no such label
			kind.pods[0].labels = map[string]string{"training.kubeflow.org/replica-type": "{group}"}
		}
		if k.kind == "PyTorchJob" {
			kind.services = []madeService{{name: "{name}-master-0", behind: []string{"master"}, headless: true, ports: []servedPort{{name: "pytorchjob-port", port: 23456, target: 23456}}}}
		}
		out = append(out, kind)
	}
	return out
}

// platformKinds run what people and agents write.
func platformKinds() []operatorKind {
	return []operatorKind{
		{
			// generateStatefulSet and generateService: the pods get the Notebook's own
			// labels, not those of its template.
			group: "kubeflow.org", kind: "Notebook", source: "https://github.com/kubeflow/kubeflow/blob/master/components/notebook-controller/controllers/notebook_controller.go",
			pods:     []podGroup{{at: "spec", template: "template", unlabelled: true, ports: []madePort{{number: 8888, name: "notebook-port", unless: true}}}},
			services: []madeService{{name: "{name}", ports: []servedPort{{name: "http-notebook", port: 80, target: 8888, first: true}}}},
			labels:   map[string]string{"statefulset": "{name}", "notebook-name": "{name}"}, domain: "notebook-name", copied: true,
			product: product{name: "Kubeflow notebook", role: "notebook", control: controlKubeflowNotebook},
		},
		{
			group: "argoproj.io", kind: "Rollout", source: "https://argo-rollouts.readthedocs.io/en/stable/features/specification/",
			pods: []podGroup{{at: "spec", template: "template"}}, may: []string{"rollouts-pod-template-hash"},
		},
		workflowKind("Workflow", "spec"), workflowKind("CronWorkflow", "spec.workflowSpec"),
		{
			// The label of a Sandbox is a hash of its name.
			group: "agents.x-k8s.io", kind: "Sandbox", source: "https://github.com/kubernetes-sigs/agent-sandbox/blob/main/controllers/sandbox_controller.go",
			pods: []podGroup{{at: "spec", template: "podTemplate"}}, services: []madeService{{name: "{name}", unknown: true}},
			may: []string{"agents.x-k8s.io/sandbox-name-hash"}, product: product{name: "agent sandbox", role: "agent"}, sure: true,
		},
		{
			// Its pods are made when somebody claims one, or by a pool.
			group: "extensions.agents.x-k8s.io", kind: "SandboxTemplate", source: "https://github.com/kubernetes-sigs/agent-sandbox/tree/main/extensions",
			pods:    []podGroup{{at: "spec", template: "podTemplate"}},
			may:     []string{"agents.x-k8s.io/sandbox-name-hash", "agents.x-k8s.io/warm-pool-sandbox", "agents.x-k8s.io/claim-uid", "agents.x-k8s.io/sandbox-template-ref-hash"},
			product: product{name: "agent sandbox", role: "agent"}, sure: true, opens: true,
			guarded: func(object *yaml.Node) bool {
				management, _ := object.Get("spec").Get("networkPolicyManagement").Str()
				return management != "Unmanaged"
			},
		},
	}
}

// workflowKind: each template with a container is a pod of its own, under the
// service account of the whole.
// https://argo-workflows.readthedocs.io/en/latest/fields/#template
func workflowKind(kind, at string) operatorKind {
	return operatorKind{
		group: "argoproj.io", kind: kind, source: "https://argo-workflows.readthedocs.io/en/latest/fields/",
		pods:   []podGroup{{at: at + ".templates.*", name: "*name", inline: true, container: []string{"container", "script"}, called: "main"}},
		domain: "workflows.argoproj.io", partial: true, opens: true, product: product{name: "Argo Workflows", role: "pipeline"},
	}
}
