package product

// buildProducts make models, or run what people write.
func buildProducts() []Product {
	return []Product{
		{
			Name: "Ray", Role: "training", images: []string{"rayproject/ray", "rayproject/ray-ml"}, commands: []string{"ray start"},
			labels: []string{"ray.io/node-type"}, Management: ManagementRay, Source: "https://docs.ray.io/en/latest/ray-security/index.html",
		},
		{
			Name: "PyTorch distributed", Role: "training",
			commands:   []string{"torchrun", "torch.distributed.run", "torch.distributed.launch", "deepspeed", "accelerate launch"},
			Management: ManagementTorch, Source: "https://github.com/pytorch/pytorch/blob/main/SECURITY.md",
		},
		{
			Name: "Horovod", Role: "training", images: []string{"horovod/horovod"}, commands: []string{"horovodrun"},
			Source: "https://github.com/horovod/horovod",
		},
		{
			Name: "Kubeflow notebook", Role: "notebook", images: []string{"kubeflownotebookswg/jupyter*", "notebook-servers/jupyter*"}, env: []string{"NB_PREFIX"},
			Management: ManagementKubeflowNotebook, Source: "https://github.com/kubeflow/kubeflow/tree/master/components/example-notebook-servers",
		},
		{
			Name: "JupyterHub", Role: "notebook", images: []string{"jupyterhub/k8s-hub", "jupyterhub/jupyterhub"}, commands: []string{"jupyterhub"},
			Source: "https://github.com/jupyterhub/zero-to-jupyterhub-k8s/blob/main/jupyterhub/values.yaml",
		},
		{
			Name: "Jupyter", Role: "notebook",
			images: []string{
				"jupyter/base-notebook", "jupyter/minimal-notebook", "jupyter/scipy-notebook", "jupyter/datascience-notebook", "jupyter/tensorflow-notebook",
				"jupyter/pytorch-notebook", "jupyter/all-spark-notebook", "jupyter/pyspark-notebook", "jupyter/r-notebook", "jupyter/julia-notebook",
			},
			commands:   []string{"jupyter lab", "jupyter notebook", "jupyter server", "jupyter-lab", "jupyter-notebook", "jupyter-server", "start-notebook.sh", "start-notebook.py"},
			Management: ManagementJupyter, Source: "https://jupyter-server.readthedocs.io/en/latest/operators/security.html",
		},
		{
			Name: "JupyterHub single-user server", Role: "notebook", images: []string{"jupyterhub/k8s-singleuser-sample"}, commands: []string{"jupyterhub-singleuser"},
			Source: "https://github.com/jupyterhub/zero-to-jupyterhub-k8s/blob/main/jupyterhub/values.yaml",
		},
		{
			Name: "TensorBoard", Role: "ui", commands: []string{"tensorboard"},
			Source: "https://www.tensorflow.org/tensorboard",
		},
		{
			Name: "Kubeflow Pipelines", Role: "pipeline", images: []string{"ml-pipeline/api-server", "ml-pipeline/frontend", "ml-pipeline/metadata-envoy", "ml-pipeline/visualization-server", "kubeflow/kfp-*"},
			Source: "https://github.com/kubeflow/manifests/tree/master/applications/pipeline",
		},
		{
			Name: "Katib", Role: "training", images: []string{"katib/suggestion-*", "katib/katib-db-manager", "katib/katib-ui", "kubeflowkatib/suggestion-*", "kubeflowkatib/katib-db-manager", "kubeflowkatib/katib-ui"},
			Source: "https://github.com/kubeflow/manifests/tree/master/applications/katib",
		},
		{
			Name: "ClearML", Role: "pipeline", images: []string{"allegroai/clearml"},
			Source: "https://github.com/clearml/clearml-server",
		},
	}
}

// appProducts are what people and programs talk to.
func appProducts() []Product {
	return []Product{
		{
			Name: "Open WebUI", Role: "ui", images: []string{"open-webui/open-webui", "open-webui/pipelines"}, commands: []string{"open-webui serve"}, apps: []string{"open-webui"},
			Source: "https://github.com/open-webui/helm-charts",
		},
		{
			Name: "Attu", Role: "ui", images: []string{"zilliz/attu"},
			Source: "https://github.com/zilliztech/attu",
		},
		{
			Name: "Langflow", Role: "agent", images: []string{"langflowai/langflow", "langflowai/langflow-backend"}, commands: []string{"langflow run"}, env: []string{"LANGFLOW_AUTO_LOGIN", "LANGFLOW_SUPERUSER"},
			apps: []string{"langflow"}, Source: "https://docs.langflow.org/api-keys-and-authentication",
		},
		{
			Name: "Flowise", Role: "agent", images: []string{"flowiseai/flowise", "flowiseai/flowise-worker"}, apps: []string{"flowise"},
			Source: "https://github.com/cowboysysop/charts/tree/master/charts/flowise",
		},
		{
			Name: "n8n", Role: "agent", images: []string{"n8nio/n8n", "n8n-io/n8n"}, env: []string{"N8N_ENCRYPTION_KEY"}, apps: []string{"n8n"},
			Source: "https://github.com/community-charts/helm-charts/tree/main/charts/n8n",
		},
		{
			Name: "Dify", Role: "agent", images: []string{"langgenius/dify-api", "langgenius/dify-sandbox", "langgenius/dify-plugin-daemon", "langgenius/dify-web"},
			Source: "https://github.com/langgenius/dify/blob/main/docker/docker-compose.yaml",
		},
		{
			Name: "MCP server", Role: "agent", commands: []string{"mcp-proxy", "supergateway"},
			Source: "https://modelcontextprotocol.io/specification/2025-06-18/basic/authorization",
		},
		{
			Name: "Langfuse", Role: "tracing", images: []string{"langfuse/langfuse", "langfuse/langfuse-worker"}, apps: []string{"langfuse"},
			Source: "https://github.com/langfuse/langfuse-k8s",
		},
		{
			Name: "Phoenix", Role: "tracing", images: []string{"arizephoenix/phoenix"},
			Source: "https://arize.com/docs/phoenix/self-hosting",
		},
	}
}
