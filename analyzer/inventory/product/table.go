package product

// products lists what AI workloads are made of. To add one, add an entry: the
// marks must be the product's own, for a verdict may rest on them. Caches,
// brokers and databases that serve every kind of application are not listed.
// Where two entries share a mark, the first that bears it counts.
func products() []Product {
	var out []Product
	for _, list := range [][]Product{languageServers(), modelServers(), modelGateways(), storeProducts(), buildProducts(), appProducts()} {
		out = append(out, list...)
	}
	return out
}

// languageServers answer requests with a language model.
func languageServers() []Product {
	return []Product{
		{
			Name: "vLLM", Role: "inference",
			images: []string{
				"vllm/vllm-openai", "vllm/vllm-openai-*", "lmcache/vllm-openai", "rayproject/ray-llm", "rocm/vllm", "vllm/vllm-tpu", "llm-d/llm-d", "llm-d/llm-d-cuda",
				"llm-d/llm-d-cpu", "llm-d/llm-d-xpu", "llm-d/llm-d-aws", "llm-d/llm-d-dev", "llm-d/llm-d-inference-sim",
			},
			commands: []string{"vllm serve", "vllm.entrypoints.*"},
			env:      []string{"VLLM_SERVER_DEV_MODE", "VLLM_ALLOW_RUNTIME_LORA_UPDATING", "VLLM_ATTENTION_BACKEND", "VLLM_WORKER_MULTIPROC_METHOD"},
			labels:   []string{"llm-d.ai/inferenceServing", "llm-d.ai/inference-serving"}, apps: []string{"vllm"},
			Source: "https://docs.vllm.ai/en/latest/deployment/docker.html",
		},
		{
			Name: "SGLang", Role: "inference", images: []string{"lmsysorg/sglang"}, commands: []string{"sglang.launch_server", "sglang serve"}, apps: []string{"sglang"},
			Source: "https://docs.sglang.io/advanced_features/server_arguments.html",
		},
		{
			Name: "Text Generation Inference", Role: "inference", images: []string{"huggingface/text-generation-inference"}, commands: []string{"text-generation-launcher"},
			Source: "https://github.com/huggingface/text-generation-inference/blob/main/docs/source/reference/launcher.md",
		},
		{
			Name: "Text Embeddings Inference", Role: "inference", images: []string{"huggingface/text-embeddings-inference"}, commands: []string{"text-embeddings-router"},
			Source: "https://github.com/huggingface/text-embeddings-inference",
		},
		{
			Name: "Ollama", Role: "inference", images: []string{"ollama/ollama"}, commands: []string{"ollama serve"},
			env: []string{"OLLAMA_KEEP_ALIVE", "OLLAMA_NUM_PARALLEL", "OLLAMA_ORIGINS", "OLLAMA_MAX_LOADED_MODELS"}, apps: []string{"ollama"},
			Source: "https://github.com/ollama/ollama/blob/main/docs/faq.mdx",
		},
		{
			Name: "llama.cpp", Role: "inference", images: []string{"ggml-org/llama.cpp", "ggerganov/llama.cpp"}, commands: []string{"llama-server"},
			Source: "https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",
		},
		{
			Name: "LocalAI", Role: "inference", images: []string{"localai/localai", "go-skynet/local-ai"}, commands: []string{"local-ai run"},
			Source: "https://github.com/mudler/LocalAI",
		},
		{
			Name: "Xinference", Role: "inference", images: []string{"xprobe/xinference"}, commands: []string{"xinference-local", "xinference-supervisor", "xinference-worker"},
			Source: "https://github.com/xorbitsai/inference",
		},
		{
			Name: "TensorRT-LLM", Role: "inference", commands: []string{"trtllm-serve"},
			Source: "https://nvidia.github.io/TensorRT-LLM/commands/trtllm-serve/index.html",
		},
	}
}

// modelServers answer requests with whatever model they are given.
func modelServers() []Product {
	return []Product{
		{
			Name: "Triton Inference Server", Role: "inference", images: []string{"nvidia/tritonserver"}, commands: []string{"tritonserver"}, apps: []string{"triton-inference-server"},
			Management: ManagementTriton, Source: "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_management.html",
		},
		{
			Name: "NVIDIA Dynamo", Role: "inference", images: []string{"ai-dynamo/*-runtime", "ai-dynamo/dynamo-frontend"},
			commands: []string{"dynamo.*"}, env: []string{"DYN_SYSTEM_PORT", "DYN_HTTP_PORT"}, Management: ManagementDynamo,
			Source: "https://github.com/ai-dynamo/dynamo/tree/main/docs",
		},
		{ // it serves nothing itself, and stands for the platform
			Name: "NVIDIA Dynamo operator", Role: "none", images: []string{"ai-dynamo/kubernetes-operator", "ai-dynamo/dynamo-operator"}, Management: ManagementDynamo,
			Source: "https://github.com/ai-dynamo/dynamo/tree/main/deploy",
		},
		{
			Name: "NVIDIA NIM", Role: "inference", images: []string{"nvcr.io/nim/*/*"}, env: []string{"NIM_CACHE_PATH", "NIM_HTTP_API_PORT", "NIM_MODEL_PROFILE"},
			Source: "https://docs.nvidia.com/nim/large-language-models/latest/configuration.html",
		},
		{
			Name: "TorchServe", Role: "inference", images: []string{"pytorch/torchserve", "pytorch/torchserve-*"}, commands: []string{"torchserve"}, Management: ManagementTorchServe,
			Source: "https://github.com/pytorch/serve/blob/master/docs/configuration.md",
		},
		{
			Name: "TensorFlow Serving", Role: "inference", images: []string{"tensorflow/serving"}, commands: []string{"tensorflow_model_server"},
			Source: "https://www.tensorflow.org/tfx/serving/docker",
		},
		{
			Name: "OpenVINO Model Server", Role: "inference", images: []string{"openvino/model_server"},
			Source: "https://github.com/kserve/kserve/blob/master/config/runtimes/kserve-openvino.yaml",
		},
		{
			Name: "MLServer", Role: "inference", images: []string{"seldonio/mlserver"}, commands: []string{"mlserver start"},
			Source: "https://github.com/kserve/kserve/blob/master/config/runtimes/kserve-mlserver.yaml",
		},
		{
			Name: "KServe", Role: "inference",
			images: []string{
				"kserve/huggingfaceserver", "kserve/sklearnserver", "kserve/xgbserver", "kserve/lgbserver", "kserve/pmmlserver",
				"kserve/paddleserver", "kserve/predictiveserver", "kserve/custom-model", "kserve/image-transformer", "kserve/art-explainer", "kserve/modelmesh",
			},
			labels: []string{"serving.kserve.io/inferenceservice"}, Source: "https://github.com/kserve/kserve/tree/master/config/runtimes",
		},
	}
}

// modelGateways pass requests on to models, or remember for them.
func modelGateways() []Product {
	return []Product{
		{
			Name: "LiteLLM", Role: "gateway", images: []string{"berriai/litellm", "berriai/litellm-*", "litellm/litellm"}, commands: []string{"litellm"},
			env: []string{"LITELLM_SALT_KEY"}, apps: []string{"litellm"}, Source: "https://docs.litellm.ai/docs/proxy/deploy",
		},
		{
			Name: "vLLM router", Role: "gateway", images: []string{"lmcache/lmstack-router"}, commands: []string{"vllm-router"},
			Source: "https://github.com/vllm-project/production-stack/blob/main/helm/values.yaml",
		},
		{
			Name: "endpoint picker", Role: "gateway", images: []string{"gateway-api-inference-extension/epp", "llm-d/llm-d-inference-scheduler", "llm-d/*-endpoint-picker"},
			Source: "https://github.com/kserve/kserve/blob/master/config/llmisvcconfig",
		},
		{
			Name: "LMCache", Role: "cache", images: []string{"lmcache/lmcache-server"}, commands: []string{"lmcache_server", "lmcache.v1.server"},
			Source: "https://github.com/LMCache/LMCache",
		},
	}
}

// storeProducts keep what models know.
func storeProducts() []Product {
	return []Product{
		{
			Name: "Qdrant", Role: "vector-store", images: []string{"qdrant/qdrant"}, env: []string{"QDRANT__CLUSTER__ENABLED", "QDRANT__STORAGE__STORAGE_PATH"}, apps: []string{"qdrant"},
			Source: "https://qdrant.tech/documentation/guides/security/",
		},
		{
			Name: "Milvus", Role: "vector-store", images: []string{"milvusdb/milvus"}, commands: []string{"milvus run"}, apps: []string{"milvus"}, Management: ManagementMilvus,
			Source: "https://github.com/milvus-io/milvus/blob/master/internal/http/server.go",
		},
		{
			Name: "Weaviate", Role: "vector-store", images: []string{"semitechnologies/weaviate", "weaviate/weaviate"},
			env: []string{"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED", "DEFAULT_VECTORIZER_MODULE"}, apps: []string{"weaviate"},
			Source: "https://github.com/weaviate/weaviate-helm/blob/master/weaviate/values.yaml",
		},
		{
			Name: "Chroma", Role: "vector-store", images: []string{"chromadb/chroma", "chroma-core/chroma"}, commands: []string{"chroma run"},
			Source: "https://docs.trychroma.com/guides/deploy/docker",
		},
		{
			Name: "pgvector", Role: "vector-store", images: []string{"pgvector/pgvector", "ankane/pgvector"},
			Source: "https://github.com/pgvector/pgvector#docker",
		},
		{
			Name: "Feast", Role: "feature-store", images: []string{"feastdev/feature-server"}, commands: []string{"feast serve", "feast serve_offline", "feast serve_registry"},
			Source: "https://docs.feast.dev/reference/feature-servers",
		},
		{
			Name: "MLflow", Role: "registry", images: []string{"mlflow/mlflow", "burakince/mlflow", "bitnami/mlflow"}, commands: []string{"mlflow server", "mlflow ui"},
			apps: []string{"mlflow"}, Source: "https://mlflow.org/docs/latest/self-hosting/architecture/tracking-server/",
		},
		{
			Name: "Kubeflow Model Registry", Role: "registry", images: []string{"kubeflow/model-registry", "model-registry/server"},
			Source: "https://github.com/kubeflow/manifests/tree/master/applications/model-registry",
		},
		{
			Name: "Weights & Biases", Role: "registry", images: []string{"wandb/local"},
			Source: "https://docs.wandb.ai/guides/hosting/",
		},
	}
}
