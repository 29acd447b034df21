package operator

import (
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/product"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

const knative = "https://github.com/knative/serving/tree/main/pkg/reconciler/revision/resources"

// kserveKinds are those of KServe.
func kserveKinds() []Kind {
	kserve := product.Product{Name: "KServe", Role: "inference", Source: "https://kserve.github.io/website/docs/concepts/architecture"}
	return []Kind{
		{
			// Labels: components/predictor.go (buildObjectMeta); the label `app` of a
			// plain Deployment has changed between releases. A name leads to pods in
			// the mode Standard only: with Knative it leads to a gateway.
			group: "serving.kserve.io", kind: "InferenceService",
			source: "https://github.com/kserve/kserve/tree/master/pkg/controller/v1beta1/inferenceservice",
			Pods: []PodGroup{
				{
					At: "spec.predictor", Inline: true, Bare: true, Labels: component("predictor"), Only: ownPods, Called: "kserve-container",
					Container: []string{"model", "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm", "paddle"},
				},
				{At: "spec.transformer", name: "transformer", Inline: true, Bare: true, Labels: component("transformer"), Only: ownPods},
				{
					At: "spec.explainer", name: "explainer", Inline: true, Bare: true, Labels: component("explainer"), Only: ownPods, Called: "kserve-container",
					Container: []string{"art", "alibi"},
				},
				{At: "spec.predictor.workerSpec", name: "worker", Inline: true, Bare: true, Labels: component("predictor"), Only: ownPods},
			},
			Services: []MadeService{
				{name: "{name}-predictor", Behind: []string{""}, ports: []servedPort{{port: 80, target: 8080, first: true}}, Only: standardMode},
				{name: "{name}-transformer", Behind: []string{"transformer"}, ports: []servedPort{{port: 80, target: 8080, first: true}}, Only: standardMode},
				{name: "{name}-predictor", Unknown: true},
				{name: "{name}-transformer", Unknown: true},
				{name: "{name}", Unknown: true},
			},
			Labels: map[string]string{"serving.kserve.io/inferenceservice": "{name}"}, Domain: "serving.kserve.io",
			Copied: true, Partial: true, Product: kserve,
		},
		{
			// The scheduler, the tokenizer and what the configurations add are further pods.
			group: "serving.kserve.io", kind: "LLMInferenceService",
			source: "https://github.com/kserve/kserve/tree/master/pkg/controller/v1alpha2/llmisvc",
			Pods: []PodGroup{
				{At: "spec", Template: "template", Inline: true, Bare: true},
				{At: "spec.worker", name: "worker", Inline: true},
				{At: "spec.prefill", name: "prefill", Template: "template", Inline: true},
			},
			Labels: map[string]string{"app.kubernetes.io/name": "{name}", "app.kubernetes.io/part-of": "llminferenceservice"},
			Domain: "serving.kserve.io", Partial: true, Opens: true, Product: kserve,
		},
		{
			group: "serving.kserve.io", kind: "InferenceGraph",
			source: "https://github.com/kserve/kserve/tree/master/pkg/controller/v1alpha1/inferencegraph",
			Pods:   []PodGroup{{Bare: true}}, Services: []MadeService{{name: "{name}", Unknown: true}},
			Labels: map[string]string{"serving.kserve.io/inferencegraph": "{name}"}, Domain: "serving.kserve.io", Partial: true,
			Product: product.Product{Name: "KServe router", Role: "gateway"}, Sure: true,
		},
	}
}

// servingKinds serve models, and whatever answers requests.
func servingKinds() []Kind {
	return []Kind{
		{
			// https://docs.nvidia.com/nim-operator/latest/service.html
			group: "apps.nvidia.com", kind: "NIMService", source: "https://github.com/NVIDIA/k8s-nim-operator/blob/main/api/apps/v1alpha1/nimservice_types.go",
			Pods: []PodGroup{{Bare: true}}, Services: []MadeService{{name: "{name}", Unknown: true}},
			Partial: true, Product: product.Product{Name: "NVIDIA NIM", Role: "inference"}, Sure: true,
		},
		{
			group: "kaito.sh", kind: "Workspace", source: "https://github.com/kaito-project/kaito/blob/main/api/v1beta1/labels.go",
			Pods: []PodGroup{{Bare: true}}, Services: []MadeService{{name: "{name}", Unknown: true}},
			Labels: map[string]string{"kaito.sh/workspace": "{name}"}, Partial: true,
			Product: product.Product{Name: "KAITO", Role: "inference"}, Sure: true,
		},
		{
			group: "machinelearning.seldon.io", kind: "SeldonDeployment", source: "https://docs.seldon.io/projects/seldon-core/en/latest/reference/seldon-deployment.html",
			Pods:    []PodGroup{{At: "spec.predictors.*", name: "*name", Bare: true}},
			Partial: true, Opens: true, Product: product.Product{Name: "Seldon Core", Role: "inference"},
		},
		{
			// Labels: revision/resources/meta.go; `app` is the revision's name unless the
			// template names one. Ports: revision/resources/queue.go. The name of a
			// Service leads to a gateway or to the activator.
			group: "serving.knative.dev", kind: "Service", source: knative,
			Pods: []PodGroup{{
				At: "spec", Template: "template",
				Ports: []madePort{
					{Number: 8080, Name: "user-port", Unless: true},
					{Number: 8012, Name: "queue-port"},
					{Number: 8022, Name: "http-queueadm"},
					{Number: 9090, Name: "http-autometric"},
					{Number: 9091, Name: "http-usermetric"},
				},
			}},
			Services: []MadeService{{name: "{name}", Unknown: true}},
			Labels:   map[string]string{"serving.knative.dev/service": "{name}", "serving.knative.dev/configuration": "{name}"},
			Domain:   "serving.knative.dev", May: []string{"app"},
		},
		// What a Service owns, as an export of a cluster holds it.
		{
			group: "serving.knative.dev", kind: "Configuration", source: knative, Pods: []PodGroup{{At: "spec", Template: "template"}},
			Labels: map[string]string{"serving.knative.dev/configuration": "{name}"}, Domain: "serving.knative.dev", May: []string{"app"},
		},
		{
			group: "serving.knative.dev", kind: "Revision", source: knative, Pods: []PodGroup{{At: "spec", Inline: true}}, Copied: true,
			Labels: map[string]string{"serving.knative.dev/revision": "{name}"}, Domain: "serving.knative.dev", May: []string{"app"},
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
