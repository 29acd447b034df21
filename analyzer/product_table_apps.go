package analyzer

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
