package analyzer

// products lists what AI workloads are made of. To add one, add an entry: the
// marks must be the product's own, for a verdict may rest on them. Caches,
// brokers and databases that serve every kind of application are not listed.
// Where two entries share a mark, the first that bears it counts.
func products() []product {
	var out []product
	for _, list := range [][]product{languageServers(), modelServers(), modelGateways(), storeProducts(), buildProducts(), appProducts()} {
		out = append(out, list...)
	}
	return out
}

// languageServers answer requests with a language model.
func languageServers() []product {
	return []product{
		{
			name: "vLLM", role: "inference",
			images: []string{
				"vllm/vllm-openai", "vllm/vllm-openai-*", "lmcache/vllm-openai", "rayproject/ray-llm", "rocm/vllm", "vllm/vllm-tpu", "llm-d/llm-d", "llm-d/llm-d-cuda",
				"llm-d/llm-d-cpu", "llm-d/llm-d-xpu", "llm-d/llm-d-aws", "llm-d/llm-d-dev", "llm-d/llm-d-inference-sim",
			},
			commands: []string{"vllm serve", "vllm.entrypoints.*"},
			env:      []string{"VLLM_SERVER_DEV_MODE", "VLLM_ALLOW_RUNTIME_LORA_UPDATING", "VLLM_ATTENTION_BACKEND", "VLLM_WORKER_MULTIPROC_METHOD"},
			labels:   []string{"llm-d.ai/inferenceServing", "llm-d.ai/inference-serving"}, apps: []string{"vllm"},
			source: "https://docs.vllm.ai/en/latest/deployment/docker.html",
		},
		{
			name: "SGLang", role: "inference", images: []string{"lmsysorg/sglang"}, commands: []string{"sglang.launch_server", "sglang serve"}, apps: []string{"sglang"},
			source: "https://docs.sglang.io/advanced_features/server_arguments.html",
		},
		{
			name: "Text Generation Inference", role: "inference", images: []string{"huggingface/text-generation-inference"}, commands: []string{"text-generation-launcher"},
			source: "https://github.com/huggingface/text-generation-inference/blob/main/docs/source/reference/launcher.md",
		},
		{
			name: "Text Embeddings Inference", role: "inference", images: []string{"huggingface/text-embeddings-inference"}, commands: []string{"text-embeddings-router"},
			source: "https://github.com/huggingface/text-embeddings-inference",
		},
		{
			name: "Ollama", role: "inference", images: []string{"ollama/ollama"}, commands: []string{"ollama serve"},
			env: []string{"OLLAMA_KEEP_ALIVE", "OLLAMA_NUM_PARALLEL", "OLLAMA_ORIGINS", "OLLAMA_MAX_LOADED_MODELS"}, apps: []string{"ollama"},
			source: "https://github.com/ollama/ollama/blob/main/docs/faq.mdx",
		},
		{
			name: "llama.cpp", role: "inference", images: []string{"ggml-org/llama.cpp", "ggerganov/llama.cpp"}, commands: []string{"llama-server"},
			source: "https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",
		},
		{
			name: "LocalAI", role: "inference", images: []string{"localai/localai", "go-skynet/local-ai"}, commands: []string{"local-ai run"},
			source: "https://github.com/mudler/LocalAI",
		},
		{
			name: "Xinference", role: "inference", images: []string{"xprobe/xinference"}, commands: []string{"xinference-local", "xinference-supervisor", "xinference-worker"},
			source: "https://github.com/xorbitsai/inference",
		},
		{
			name: "TensorRT-LLM", role: "inference", commands: []string{"trtllm-serve"},
			source: "https://nvidia.github.io/TensorRT-LLM/commands/trtllm-serve/index.html",
		},
	}
}

// modelServers answer requests with whatever model they are given.
func modelServers() []product {
	return []product{
		{
			name: "Triton Inference Server", role: "inference", images: []string{"nvidia/tritonserver"}, commands: []string{"tritonserver"}, apps: []string{"triton-inference-server"},
			control: controlTriton, source: "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_management.html",
		},
		{
			name: "NVIDIA Dynamo", role: "inference", images: []string{"ai-dynamo/*-runtime", "ai-dynamo/dynamo-frontend"},
			commands: []string{"dynamo.*"}, env: []string{"DYN_SYSTEM_PORT", "DYN_HTTP_PORT"}, control: controlDynamo,
			source: "https://github.com/ai-dynamo/dynamo/tree/main/docs",
		},
		{ // it serves nothing itself, and stands for the platform
			name: "NVIDIA Dynamo operator", role: "none", images: []string{"ai-dynamo/kubernetes-operator", "ai-dynamo/dynamo-operator"}, control: controlDynamo,
			source: "https://github.com/ai-dynamo/dynamo/tree/main/deploy",
		},
		{
			name: "NVIDIA NIM", role: "inference", images: []string{"nvcr.io/nim/*/*"}, env: []string{"NIM_CACHE_PATH", "NIM_HTTP_API_PORT", "NIM_MODEL_PROFILE"},
			source: "https://docs.nvidia.com/nim/large-language-models/latest/configuration.html",
		},
		{
			name: "TorchServe", role: "inference", images: []string{"pytorch/torchserve", "pytorch/torchserve-*"}, commands: []string{"torchserve"}, control: controlTorchServe,
			source: "https://github.com/pytorch/serve/blob/master/docs/configuration.md",
		},
		{
			name: "TensorFlow Serving", role: "inference", images: []string{"tensorflow/serving"}, commands: []string{"tensorflow_model_server"},
			source: "https://www.tensorflow.org/tfx/serving/docker",
		},
		{
			name: "OpenVINO Model Server", role: "inference", images: []string{"openvino/model_server"},
			source: "https://github.com/kserve/kserve/blob/master/config/runtimes/kserve-openvino.yaml",
		},
		{
			name: "MLServer", role: "inference", images: []string{"seldonio/mlserver"}, commands: []string{"mlserver start"},
			source: "https://github.com/kserve/kserve/blob/master/config/runtimes/kserve-mlserver.yaml",
		},
		{
			name: "KServe", role: "inference",
			images: []string{
				"kserve/huggingfaceserver", "kserve/sklearnserver", "kserve/xgbserver", "kserve/lgbserver", "kserve/pmmlserver",
				"kserve/paddleserver", "kserve/predictiveserver", "kserve/custom-model", "kserve/image-transformer", "kserve/art-explainer", "kserve/modelmesh",
			},
			labels: []string{"serving.kserve.io/inferenceservice"}, source: "https://github.com/kserve/kserve/tree/master/config/runtimes",
		},
	}
}

// modelGateways pass requests on to models, or remember for them.
func modelGateways() []product {
	return []product{
		{
			name: "LiteLLM", role: "gateway", images: []string{"berriai/litellm", "berriai/litellm-*", "litellm/litellm"}, commands: []string{"litellm"},
			env: []string{"LITELLM_SALT_KEY"}, apps: []string{"litellm"}, source: "https://docs.litellm.ai/docs/proxy/deploy",
		},
		{
			name: "vLLM router", role: "gateway", images: []string{"lmcache/lmstack-router"}, commands: []string{"vllm-router"},
			source: "https://github.com/vllm-project/production-stack/blob/main/helm/values.yaml",
		},
		{
			name: "endpoint picker", role: "gateway", images: []string{"gateway-api-inference-extension/epp", "llm-d/llm-d-inference-scheduler", "llm-d/*-endpoint-picker"},
			source: "https://github.com/kserve/kserve/blob/master/config/llmisvcconfig",
		},
		{
			name: "LMCache", role: "cache", images: []string{"lmcache/lmcache-server"}, commands: []string{"lmcache_server", "lmcache.v1.server"},
			source: "https://github.com/LMCache/LMCache",
		},
	}
}

// storeProducts keep what models know.
func storeProducts() []product {
	return []product{
		{
			name: "Qdrant", role: "vector-store", images: []string{"qdrant/qdrant"}, env: []string{"QDRANT__CLUSTER__ENABLED", "QDRANT__STORAGE__STORAGE_PATH"}, apps: []string{"qdrant"},
			source: "https://qdrant.tech/documentation/guides/security/",
		},
		{
			name: "Milvus", role: "vector-store", images: []string{"milvusdb/milvus"}, commands: []string{"milvus run"}, apps: []string{"milvus"}, control: controlMilvus,
			source: "https://github.com/milvus-io/milvus/blob/master/internal/http/server.go",
		},
		{
			name: "Weaviate", role: "vector-store", images: []string{"semitechnologies/weaviate", "weaviate/weaviate"},
			env: []string{"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED", "DEFAULT_VECTORIZER_MODULE"}, apps: []string{"weaviate"},
			source: "https://github.com/weaviate/weaviate-helm/blob/master/weaviate/values.yaml",
		},
		{
			name: "Chroma", role: "vector-store", images: []string{"chromadb/chroma", "chroma-core/chroma"}, commands: []string{"chroma run"},
			source: "https://docs.trychroma.com/guides/deploy/docker",
		},
		{
			name: "pgvector", role: "vector-store", images: []string{"pgvector/pgvector", "ankane/pgvector"},
			source: "https://github.com/pgvector/pgvector#docker",
		},
		{
			name: "Feast", role: "feature-store", images: []string{"feastdev/feature-server"}, commands: []string{"feast serve", "feast serve_offline", "feast serve_registry"},
			source: "https://docs.feast.dev/reference/feature-servers",
		},
		{
			name: "MLflow", role: "registry", images: []string{"mlflow/mlflow", "burakince/mlflow", "bitnami/mlflow"}, commands: []string{"mlflow server", "mlflow ui"},
			apps: []string{"mlflow"}, source: "https://mlflow.org/docs/latest/self-hosting/architecture/tracking-server/",
		},
		{
			name: "Kubeflow Model Registry", role: "registry", images: []string{"kubeflow/model-registry", "model-registry/server"},
			source: "https://github.com/kubeflow/manifests/tree/master/applications/model-registry",
		},
		{
			name: "Weights & Biases", role: "registry", images: []string{"wandb/local"},
			source: "https://docs.wandb.ai/guides/hosting/",
		},
	}
}
