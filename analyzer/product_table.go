package analyzer

// products lists what AI workloads are made of. To add one, add an entry: the
// marks must be the product's own, for a verdict may rest on them. Caches,
// brokers and databases that serve every kind of application are not listed.
// Where two entries share a mark, the first that bears it counts.
func products() []product {
	var out []product
	for _, list := range [][]product{inferenceProducts(), storeProducts(), buildProducts(), appProducts()} {
		out = append(out, list...)
	}
	return out
}

// inferenceProducts answer requests with a model, or pass them to one.
func inferenceProducts() []product {
	return []product{
		{
			name: "vLLM", role: "inference",
			images: []string{
				"vllm/vllm-openai", "vllm/vllm-openai-*", "lmcache/vllm-openai", "rayproject/ray-llm", "rocm/vllm", "llm-d/llm-d", "llm-d/llm-d-cuda",
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
			name: "Triton Inference Server", role: "inference", images: []string{"nvidia/tritonserver"}, commands: []string{"tritonserver"}, apps: []string{"triton-inference-server"},
			control: controlTriton, source: "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_management.html",
		},
		{
			name: "NVIDIA Dynamo", role: "inference", images: []string{"ai-dynamo/*-runtime", "ai-dynamo/dynamo-*"},
			commands: []string{"dynamo.*"}, env: []string{"DYN_SYSTEM_PORT", "DYN_HTTP_PORT"}, control: controlDynamo,
			source: "https://github.com/ai-dynamo/dynamo/tree/main/docs",
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

// buildProducts make models, or run what people write.
func buildProducts() []product {
	return []product{
		{
			name: "Ray", role: "training", images: []string{"rayproject/ray", "rayproject/ray-ml"}, commands: []string{"ray start"},
			labels: []string{"ray.io/node-type"}, control: controlRay, source: "https://docs.ray.io/en/latest/ray-security/index.html",
		},
		{
			name: "PyTorch distributed", role: "training",
			commands: []string{"torchrun", "torch.distributed.run", "torch.distributed.launch", "deepspeed", "accelerate launch"},
			control:  controlTorch, source: "https://github.com/pytorch/pytorch/blob/main/SECURITY.md",
		},
		{
			name: "Horovod", role: "training", images: []string{"horovod/horovod"}, commands: []string{"horovodrun"},
			source: "https://github.com/horovod/horovod",
		},
		{
			name: "Kubeflow notebook", role: "notebook", images: []string{"kubeflownotebookswg/jupyter*", "notebook-servers/jupyter*"}, env: []string{"NB_PREFIX"},
			control: controlKubeflowNotebook, source: "https://github.com/kubeflow/kubeflow/tree/master/components/example-notebook-servers",
		},
		{
			name: "JupyterHub", role: "notebook", images: []string{"jupyterhub/k8s-hub", "jupyterhub/jupyterhub"}, commands: []string{"jupyterhub"},
			source: "https://github.com/jupyterhub/zero-to-jupyterhub-k8s/blob/main/jupyterhub/values.yaml",
		},
		{
			name: "Jupyter", role: "notebook",
			images: []string{
				"jupyter/base-notebook", "jupyter/minimal-notebook", "jupyter/scipy-notebook", "jupyter/datascience-notebook", "jupyter/tensorflow-notebook",
				"jupyter/pytorch-notebook", "jupyter/all-spark-notebook", "jupyter/pyspark-notebook", "jupyter/r-notebook", "jupyter/julia-notebook",
			},
			commands: []string{"jupyter lab", "jupyter notebook", "jupyter server", "jupyter-lab", "jupyter-notebook", "jupyter-server", "start-notebook.sh", "start-notebook.py"},
			control:  controlJupyter, source: "https://jupyter-server.readthedocs.io/en/latest/operators/security.html",
		},
		{
			name: "JupyterHub single-user server", role: "notebook", images: []string{"jupyterhub/k8s-singleuser-sample"}, commands: []string{"jupyterhub-singleuser"},
			source: "https://github.com/jupyterhub/zero-to-jupyterhub-k8s/blob/main/jupyterhub/values.yaml",
		},
		{
			name: "TensorBoard", role: "ui", commands: []string{"tensorboard"},
			source: "https://www.tensorflow.org/tensorboard",
		},
		{
			name: "Kubeflow Pipelines", role: "pipeline", images: []string{"ml-pipeline/api-server", "ml-pipeline/frontend", "ml-pipeline/metadata-envoy", "ml-pipeline/visualization-server", "kubeflow/kfp-*"},
			source: "https://github.com/kubeflow/manifests/tree/master/applications/pipeline",
		},
		{
			name: "Katib", role: "training", images: []string{"katib/suggestion-*", "katib/katib-db-manager", "katib/katib-ui", "kubeflowkatib/suggestion-*", "kubeflowkatib/katib-db-manager", "kubeflowkatib/katib-ui"},
			source: "https://github.com/kubeflow/manifests/tree/master/applications/katib",
		},
		{
			name: "ClearML", role: "pipeline", images: []string{"allegroai/clearml"},
			source: "https://github.com/clearml/clearml-server",
		},
	}
}

// appProducts are what people and programs talk to.
func appProducts() []product {
	return []product{
		{
			name: "Open WebUI", role: "ui", images: []string{"open-webui/open-webui", "open-webui/pipelines"}, commands: []string{"open-webui serve"}, apps: []string{"open-webui"},
			source: "https://github.com/open-webui/helm-charts",
		},
		{
			name: "Attu", role: "ui", images: []string{"zilliz/attu"},
			source: "https://github.com/zilliztech/attu",
		},
		{
			name: "Langflow", role: "agent", images: []string{"langflowai/langflow", "langflowai/langflow-backend"}, commands: []string{"langflow run"}, env: []string{"LANGFLOW_AUTO_LOGIN", "LANGFLOW_SUPERUSER"},
			apps: []string{"langflow"}, source: "https://docs.langflow.org/api-keys-and-authentication",
		},
		{
			name: "Flowise", role: "agent", images: []string{"flowiseai/flowise", "flowiseai/flowise-worker"}, apps: []string{"flowise"},
			source: "https://github.com/cowboysysop/charts/tree/master/charts/flowise",
		},
		{
			name: "n8n", role: "agent", images: []string{"n8nio/n8n", "n8n-io/n8n"}, env: []string{"N8N_ENCRYPTION_KEY"}, apps: []string{"n8n"},
			source: "https://github.com/community-charts/helm-charts/tree/main/charts/n8n",
		},
		{
			name: "Dify", role: "agent", images: []string{"langgenius/dify-api", "langgenius/dify-sandbox", "langgenius/dify-plugin-daemon", "langgenius/dify-web"},
			source: "https://github.com/langgenius/dify/blob/main/docker/docker-compose.yaml",
		},
		{
			name: "MCP server", role: "agent", commands: []string{"mcp-proxy", "supergateway"},
			source: "https://modelcontextprotocol.io/specification/2025-06-18/basic/authorization",
		},
		{
			name: "Langfuse", role: "tracing", images: []string{"langfuse/langfuse", "langfuse/langfuse-worker"}, apps: []string{"langfuse"},
			source: "https://github.com/langfuse/langfuse-k8s",
		},
		{
			name: "Phoenix", role: "tracing", images: []string{"arizephoenix/phoenix"},
			source: "https://arize.com/docs/phoenix/self-hosting",
		},
	}
}
