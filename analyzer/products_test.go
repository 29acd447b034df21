package analyzer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	for _, c := range []struct{ name, container, labels, product, role string }{
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
			container := c.container
			if container != "{}" {
				container = "name: c\n" + container
			}
			w := workload(t, build(t, running(container, c.labels)), "ai/w[Deployment]")
			if w.product.name != c.product || w.Facts.Role != c.role {
				t.Errorf("got %s (%s), want %s (%s)", w.product.name, w.Facts.Role, c.product, c.role)
			}
		})
	}
}

// A Service that tells what its pods are stands for them.
func TestRecogniseImplied(t *testing.T) {
	m := build(t, "apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: ai}\nspec: {selector: {app.kubernetes.io/name: qdrant}, ports: [{port: 6333}]}\n")
	if w := workload(t, m, "ai/db[Service]"); w.Facts.Role != "vector-store" {
		t.Errorf("got %s", w.Facts.Role)
	}
}

// Every entry can be found by its own marks, knows its source, and has a role
// of the schema.
func TestProductTable(t *testing.T) {
	c := newCatalogue()
	schema := string(Schema())
	seen := map[string]bool{}
	for _, p := range products() {
		if seen[p.name] || p.name == "" || !strings.HasPrefix(p.source, "https://") {
			t.Errorf("%q: twice, without a name or a source", p.name)
		}
		seen[p.name] = true
		if !strings.Contains(schema, `"`+p.role+`"`) {
			t.Errorf("%s: no role %q", p.name, p.role)
		}
		for _, image := range p.images {
			found := c.byImage(&process{image: parseImage(strings.ReplaceAll(image, "*", "x") + ":1.0")})
			if found == nil || found.name != p.name {
				t.Errorf("%s: image %s finds %v", p.name, image, found)
			}
		}
		for _, command := range p.commands {
			words := strings.Fields(strings.ReplaceAll(command, "*", "x"))
			if found := c.byCommand(&process{commands: []invocation{words}}); found == nil || found.name != p.name {
				t.Errorf("%s: command %s finds %v", p.name, command, found)
			}
		}
		if len(p.images)+len(p.commands)+len(p.labels)+len(p.env) == 0 {
			t.Errorf("%s has no mark", p.name)
		}
	}
}

// https://github.com/distribution/reference/blob/main/reference.go
func TestParseImage(t *testing.T) {
	for image, want := range map[string]imageRef{
		"":                             {},
		"redis":                        {[]string{"redis"}, ""},
		"a/b:1":                        {[]string{"a", "b"}, "1"},
		"localhost:5000/b":             {[]string{"localhost:5000", "b"}, ""},
		"localhost:5000/b:2@sha256:aa": {[]string{"localhost:5000", "b"}, "2"},
		"b@sha256:aa":                  {[]string{"b"}, ""},
		"{{ .Values.image }}":          {},
		"repo/app:${TAG}":              {},
		":":                            {[]string(nil), ""},
	} {
		if d := cmp.Diff(want, parseImage(image), cmp.AllowUnexported(imageRef{})); d != "" {
			t.Errorf("%q: %s", image, d)
		}
	}
	for tag, want := range map[string]string{
		"2.46.0": "2.46.0", "v0.10": "0.10.0", "2.9.0-py310-gpu": "2.9.0", "2.52.0.1": "2.52.0",
		"latest": "", "nightly": "", "2": "", "2025-05-05-v1": "", "0.8.x": "", "": "", "99999.1.2": "",
	} {
		v, ok := imageRef{tag: tag}.version()
		got := ""
		if ok {
			got = fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2])
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", tag, got, want)
		}
	}
}

// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
func TestSplitShell(t *testing.T) {
	for script, want := range map[string][][]string{
		"":                          nil,
		"a b;c|d&&e":                {{"a", "b"}, {"c"}, {"d"}, {"e"}},
		"a 'b c' \"d e\" f''g '' h": {{"a", "b c", "d e", "fg", "", "h"}},
		"a \\\n b\\ c":              {{"a", "b c"}},
		"a \\\r\n b":                {{"a", "b"}},
		"a $(b $(c) d) e":           {{"a", "$(b $(c) d)", "e"}},
		"a # b\nc#d":                {{"a"}, {"c#d"}},
		"a 'b":                      {{"a", "b"}},
		"a \"b":                     {{"a", "b"}},
		"a $(b":                     {{"a", "$(b"}},
		"a \\":                      {{"a"}},
		"# only":                    nil,
	} {
		if d := cmp.Diff(want, splitShell(script)); d != "" {
			t.Errorf("%q: %s", script, d)
		}
	}
}

// Whatever stands in a command, reading it ends.
func FuzzSplitShell(f *testing.F) {
	for _, s := range []string{"a 'b", "$(", "\\", "\"\\", "a # b", "$((1))"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, words := range splitShell(s) {
			if len(words) == 0 {
				t.Fatal("an empty command")
			}
		}
	})
}
