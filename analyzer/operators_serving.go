package analyzer

import (
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

const knative = "https://github.com/knative/serving/tree/main/pkg/reconciler/revision/resources"

// kserveKinds are those of KServe.
func kserveKinds() []operatorKind {
	kserve := product{name: "KServe", role: "inference", source: "https://kserve.github.io/website/docs/concepts/architecture"}
	return []operatorKind{
		{
			// Labels: components/predictor.go (buildObjectMeta); the label `app` of a
			// plain Deployment has changed between releases. A name leads to pods in
			// the mode Standard only: with Knative it leads to a gateway.
			group: "serving.kserve.io", kind: "InferenceService",
			source: "https://github.com/kserve/kserve/tree/master/pkg/controller/v1beta1/inferenceservice",
			pods: []podGroup{
				{
					at: "spec.predictor", inline: true, bare: true, labels: component("predictor"), only: ownPods, called: "kserve-container",
					container: []string{"model", "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm", "paddle"},
				},
				{at: "spec.transformer", name: "transformer", inline: true, bare: true, labels: component("transformer"), only: ownPods},
				{
					at: "spec.explainer", name: "explainer", inline: true, bare: true, labels: component("explainer"), only: ownPods, called: "kserve-container",
					container: []string{"art", "alibi"},
				},
				{at: "spec.predictor.workerSpec", name: "worker", inline: true, bare: true, labels: component("predictor"), only: ownPods},
			},
			services: []madeService{
				{name: "{name}-predictor", behind: []string{""}, ports: []servedPort{{port: 80, target: 8080, first: true}}, only: standardMode},
				{name: "{name}-transformer", behind: []string{"transformer"}, ports: []servedPort{{port: 80, target: 8080, first: true}}, only: standardMode},
				{name: "{name}-predictor", unknown: true},
				{name: "{name}-transformer", unknown: true},
				{name: "{name}", unknown: true},
			},
			labels: map[string]string{"serving.kserve.io/inferenceservice": "{name}"}, domain: "serving.kserve.io",
			copied: true, partial: true, product: kserve,
		},
		{
			// The scheduler, the tokenizer and what the configurations add are further pods.
			group: "serving.kserve.io", kind: "LLMInferenceService",
			source: "https://github.com/kserve/kserve/tree/master/pkg/controller/v1alpha2/llmisvc",
			pods: []podGroup{
				{at: "spec", template: "template", inline: true, bare: true},
				{at: "spec.worker", name: "worker", inline: true},
				{at: "spec.prefill", name: "prefill", template: "template", inline: true},
			},
			labels: map[string]string{"app.kubernetes.io/name": "{name}", "app.kubernetes.io/part-of": "llminferenceservice"},
			domain: "serving.kserve.io", partial: true, opens: true, product: kserve,
		},
		{
			group: "serving.kserve.io", kind: "InferenceGraph",
			source: "https://github.com/kserve/kserve/tree/master/pkg/controller/v1alpha1/inferencegraph",
			pods:   []podGroup{{bare: true}}, services: []madeService{{name: "{name}", unknown: true}},
			labels: map[string]string{"serving.kserve.io/inferencegraph": "{name}"}, domain: "serving.kserve.io", partial: true,
			product: product{name: "KServe router", role: "gateway"}, sure: true,
		},
	}
}

// servingKinds serve models, and whatever answers requests.
func servingKinds() []operatorKind {
	return []operatorKind{
		{
			// https://docs.nvidia.com/nim-operator/latest/service.html
			group: "apps.nvidia.com", kind: "NIMService", source: "https://github.com/NVIDIA/k8s-nim-operator/blob/main/api/apps/v1alpha1/nimservice_types.go",
			pods: []podGroup{{bare: true}}, services: []madeService{{name: "{name}", unknown: true}},
			partial: true, product: product{name: "NVIDIA NIM", role: "inference"}, sure: true,
		},
		{
			group: "kaito.sh", kind: "Workspace", source: "https://github.com/kaito-project/kaito/blob/main/api/v1beta1/labels.go",
			pods: []podGroup{{bare: true}}, services: []madeService{{name: "{name}", unknown: true}},
			labels: map[string]string{"kaito.sh/workspace": "{name}"}, partial: true,
			product: product{name: "KAITO", role: "inference"}, sure: true,
		},
		{
			group: "machinelearning.seldon.io", kind: "SeldonDeployment", source: "https://docs.seldon.io/projects/seldon-core/en/latest/reference/seldon-deployment.html",
			pods:    []podGroup{{at: "spec.predictors.*", name: "*name", bare: true}},
			partial: true, opens: true, product: product{name: "Seldon Core", role: "inference"},
		},
		{
			// Labels: revision/resources/meta.go; `app` is the revision's name unless the
			// template names one. Ports: revision/resources/queue.go. The name of a
			// Service leads to a gateway or to the activator.
			group: "serving.knative.dev", kind: "Service", source: knative,
			pods: []podGroup{{
				at: "spec", template: "template",
				ports: []madePort{
					{number: 8080, name: "user-port", unless: true},
					{number: 8012, name: "queue-port"},
					{number: 8022, name: "http-queueadm"},
					{number: 9090, name: "http-autometric"},
					{number: 9091, name: "http-usermetric"},
				},
			}},
			services: []madeService{{name: "{name}", unknown: true}},
			labels:   map[string]string{"serving.knative.dev/service": "{name}", "serving.knative.dev/configuration": "{name}"},
			domain:   "serving.knative.dev", may: []string{"app"},
		},
		// What a Service owns, as an export of a cluster holds it.
		{
			group: "serving.knative.dev", kind: "Configuration", source: knative, pods: []podGroup{{at: "spec", template: "template"}},
			labels: map[string]string{"serving.knative.dev/configuration": "{name}"}, domain: "serving.knative.dev", may: []string{"app"},
		},
		{
			group: "serving.knative.dev", kind: "Revision", source: knative, pods: []podGroup{{at: "spec", inline: true}}, copied: true,
			labels: map[string]string{"serving.knative.dev/revision": "{name}"}, domain: "serving.knative.dev", may: []string{"app"},
		},
	}
}

func component(name string) map[string]string { return map[string]string{"component": name} }

// deploymentMode is what the annotation says; the default is the operator's.
// https://kserve.github.io/website/docs/concepts/architecture/control-plane#deployment-modes
func deploymentMode(object *yaml.Node) string {
	mode, _ := object.Get("metadata").Get("annotations").Get("serving.kserve.io/deploymentMode").Str()
	return mode
}

func standardMode(object *yaml.Node) bool {
	mode := deploymentMode(object)
	return mode == "RawDeployment" || mode == "Standard"
}

// ownPods: ModelMesh serves the model from pods of a ServingRuntime.
func ownPods(object *yaml.Node) bool { return deploymentMode(object) != "ModelMesh" }
