package product_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
)

// running is a Deployment ai/w with this container and these pod labels.
func running(container, labels string) string {
	return `apiVersion: apps/v1
kind: Deployment
metadata: {name: w, namespace: ai}
spec:
  selector: {matchLabels: {app: w}}
  template:
    metadata: {labels: {app: w` + labels + `}}
    spec:
      containers:
        - ` + strings.ReplaceAll(strings.TrimSpace(container), "\n", "\n          ") + "\n"
}

func TestRecognise(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, container, labels, Product, role string }{
		// images: https://github.com/distribution/reference
		{"image", "image: vllm/vllm-openai", "", "vLLM", "inference"},
		{"tag", "image: vllm/vllm-openai:v0.11.0", "", "vLLM", "inference"},
		{"registry", "image: docker.io/vllm/vllm-openai-cpu:latest", "", "vLLM", "inference"},
		{"mirror with a port and a digest", "image: mirror.corp:5000/hub/qdrant/qdrant@sha256:0000", "", "Qdrant", "vector-store"},
		{"tag and digest", "image: ghcr.io/berriai/litellm:main@sha256:0000", "", "LiteLLM", "gateway"},
		{"glob of several parts", "image: nvcr.io/nim/meta/llama-3.1-8b-instruct:1.3", "", "NVIDIA NIM", "inference"},
		{"nim of somebody else", "image: example.org/nim/compiler/nim:2", "", "no known AI product", "none"},
		{"only its end is alike", "image: example.org/not-vllm/vllm-openai", "", "no known AI product", "none"},
		{"a name is no product", "image: example.org/team/vllm-client", "", "no known AI product", "none"},
		{"an exporter is not what it exports", "image: example.org/qdrant/qdrant-exporter", "", "no known AI product", "none"},
		{"an operator is not what it makes", "image: nvcr.io/nvidia/ai-dynamo/kubernetes-operator:0.7", "", "NVIDIA Dynamo operator", "none"},
		{"redis", "image: redis:7\nports: [{containerPort: 6379}]", "", "no known AI product", "none"},
		{"port and GPU", "image: example.org/app\nports: [{containerPort: 8000}]\nresources: {limits: {nvidia.com/gpu: 1}}", "", "no known AI product", "none"},
		{"a notebook's image", "image: quay.io/jupyter/scipy-notebook:2025-01-01", "", "Jupyter", "notebook"},
		{"Ray that serves a model is what its image says", "image: rayproject/ray-llm:2.46.0", "", "vLLM", "inference"},

		// commands: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
		{"vllm serve", "image: ${IMAGE}\ncommand: [vllm, serve, model]", "", "vLLM", "inference"},
		{"image to be set by kustomize", "image: vllm\nargs: [/usr/bin/vllm, serve, model]", "", "vLLM", "inference"},
		{"module", "image: x\ncommand: [python3, -u, -m, vllm.entrypoints.openai.api_server]\nargs: [--model, m]", "", "vLLM", "inference"},
		{"another module", "image: x\ncommand: [python3, -m, http.server]", "", "no known AI product", "none"},
		{"a script", "image: x\ncommand: [/bin/bash, -lc]\nargs: [\"set -e; export A=b\\nexec sglang.launch_server\"]", "", "SGLang", "inference"},
		{"a script of several commands", "image: x\ncommand: [sh, -c, \"mkdir -p /a && HF_HOME=/a exec ollama serve & wait\"]", "", "Ollama", "inference"},
		{"after --", "image: x\ncommand: [/bin/bash, -c, --]\nargs: [\"ulimit -n 65536; ray start --head --block\"]", "", "Ray", "training"},
		{"quoted text", "image: x\ncommand: [sh, -c, \"echo 'vllm serve'; sleep 1\"]", "", "no known AI product", "none"},
		{"a comment", "image: x\ncommand: [sh, -c, \"# vllm serve m\\nsleep 1\"]", "", "no known AI product", "none"},
		{"a comment behind a word", "image: x\ncommand: [sh, -c, \"sleep 1 # ; vllm serve m\"]", "", "no known AI product", "none"},
		{"an argument, not a program", "image: x\ncommand: [pip, install, torchserve]", "", "no known AI product", "none"},
		{"another command of the program", "image: x\ncommand: [mlflow, run, .]", "", "no known AI product", "none"},
		{"no shell runs it", "image: x\nargs: [\"vllm serve m\"]", "", "no known AI product", "none"},
		{"a continued line", "image: x\ncommand: [sh, -c, \"vllm \\\\\\n  serve m\"]", "", "vLLM", "inference"},
		{"tini", "image: x\ncommand: [tini, --, jupyter, lab]", "", "Jupyter", "notebook"},

		// what only the server reads
		{"variable", "image: x\nenv: [{name: OLLAMA_KEEP_ALIVE, value: 5m}]", "", "Ollama", "inference"},
		{"a client's variable", "image: x\nenv: [{name: OLLAMA_HOST, value: o}, {name: MLFLOW_TRACKING_URI, value: m}, {name: VLLM_API_KEY, value: k}]", "", "no known AI product", "none"},

		// labels: https://kserve.github.io/website/docs/concepts/resources
		{"set by KServe", "image: example.org/model", ", serving.kserve.io/inferenceservice: m", "KServe", "inference"},
		{"set by KubeRay", "image: example.org/mine", ", ray.io/node-type: worker", "Ray", "training"},
		{"name of the app, image unknown", "image: \"{{image}}\"", ", app.kubernetes.io/name: weaviate", "Weaviate", "vector-store"},
		{"name of the app, other image", "image: bitnami/kubectl:1", ", app.kubernetes.io/name: weaviate", "no known AI product", "none"},
		{"image before label", "image: qdrant/qdrant", ", app.kubernetes.io/name: weaviate", "Qdrant", "vector-store"},
		{"nothing", "{}", "", "no known AI product", "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			container := c.container
			if container != "{}" {
				container = "name: c\n" + container
			}
			w := analyzertest.Workload(t, analyzertest.Build(t, running(container, c.labels)), "ai/w[Deployment]")
			if w.Product.Name != c.Product || w.Facts.Role != c.role {
				t.Errorf("got %s (%s), want %s (%s)", w.Product.Name, w.Facts.Role, c.Product, c.role)
			}
		})
	}
}

// A Service that tells what its pods are stands for them.
func TestRecogniseImplied(t *testing.T) {
	t.Parallel()
	m := analyzertest.Build(t, "apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: ai}\nspec: {selector: {app.kubernetes.io/name: qdrant}, ports: [{port: 6333}]}\n")
	if w := analyzertest.Workload(t, m, "ai/db[Service]"); w.Facts.Role != "vector-store" {
		t.Errorf("got %s", w.Facts.Role)
	}
}
