package product

import (
	"regexp"
	"slices"
	"strings"
)

// Spawner is software that makes pods while it runs, out of requests that no
// manifest holds: notebooks of users, tasks of a workflow, jobs of a build.
type Spawner struct {
	Name   string
	images []string // the last parts of a repository, as those of a Product
	// commands start it; of an image that does something else as well, they
	// alone count.
	commands []string
	charts   []string // names of its Helm charts, as helm.sh/chart has them
	// unless recognises a process that was told to make no pods.
	unless func(*Process) bool
	source string // the page that says that it makes pods
}

// Spawners finds them by their marks.
type Spawners struct{ table []Spawner }

// NewSpawners lists the software that is known to make pods.
func NewSpawners() *Spawners { return &Spawners{spawners()} }

// Of returns the spawner that a pod runs, nil if it runs none. labels are those
// Of the pod and of the object that it comes from.
func (s *Spawners) Of(labels map[string]string, processes []Process) *Spawner {
	for i := range s.table {
		if s.table[i].runsIn(labels, processes) {
			return &s.table[i]
		}
	}
	return nil
}

func (s *Spawner) runsIn(labels map[string]string, processes []Process) bool {
	if s.unless != nil && slices.ContainsFunc(processes, func(p Process) bool { return s.unless(&p) }) {
		return false
	}
	return slices.ContainsFunc(processes, func(p Process) bool { return s.is(&p) }) || s.ofChart(labels)
}

func (s *Spawner) is(p *Process) bool {
	return slices.ContainsFunc(s.images, func(image string) bool {
		return imageMark{parts: strings.Split(image, "/")}.matches(p.image.path)
	}) || slices.ContainsFunc(s.commands, func(command string) bool { return p.runs(strings.Fields(command)...) != nil })
}

// ofChart reads the label that charts put on their objects, `name-version`.
// https://helm.sh/docs/chart_best_practices/labels/#standard-labels
func (s *Spawner) ofChart(labels map[string]string) bool {
	for _, key := range []string{"helm.sh/chart", "chart"} {
		for _, chart := range s.charts {
			if version, ok := strings.CutPrefix(labels[key], chart+"-"); ok && version != "" && version[0] >= '0' && version[0] <= '9' {
				return true
			}
		}
	}
	return false
}

// spawners lists software that makes pods in its own namespace unless it is
// told another one. To add one, add an entry with the page that says so.
func spawners() []Spawner {
	return slices.Concat(hubSpawners(), workflowSpawners(), jobSpawners())
}

// hubSpawners give people, and what they run, pods of their own.
func hubSpawners() []Spawner {
	return []Spawner{
		{
			Name: "JupyterHub", images: []string{"jupyterhub/k8s-hub", "jupyterhub/jupyterhub"}, commands: []string{"jupyterhub"},
			charts: []string{"jupyterhub", "daskhub", "binderhub"},
			source: "https://z2jh.jupyter.org/en/stable/administrator/architecture.html",
		},
		{
			Name: "Kubeflow notebook controller", images: []string{"notebook-controller", "notebook-controllers/notebook-controller", "tensorboard-controller", "pvcviewer-controller"},
			source: "https://github.com/kubeflow/kubeflow/tree/master/components/notebook-controller",
		},
		{
			Name: "Agent Sandbox", images: []string{"agent-sandbox/agent-sandbox-controller", "agent-sandbox-controller"},
			source: "https://agent-sandbox.sigs.k8s.io/docs/",
		},
		{
			Name: "OpenSandbox", images: []string{"opensandbox/server"},
			source: "https://github.com/alibaba/OpenSandbox/tree/main/kubernetes",
		},
	}
}

// workflowSpawners run each step of a workflow in a pod.
func workflowSpawners() []Spawner {
	return []Spawner{
		{
			// Other executors run tasks in the workers that the manifests have.
			Name: "Airflow", images: []string{"apache/airflow", "astronomer/ap-airflow"}, charts: []string{"airflow"}, unless: withoutKubernetesExecutor,
			source: "https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/kubernetes_executor.html",
		},
		{
			Name: "Argo Workflows", images: []string{"argoproj/workflow-controller"}, charts: []string{"argo-workflows"},
			source: "https://argo-workflows.readthedocs.io/en/latest/architecture/",
		},
		{
			Name: "Kubeflow Pipelines", images: []string{"ml-pipeline/api-server", "kubeflow/kfp-api-server"},
			source: "https://www.kubeflow.org/docs/components/pipelines/overview/",
		},
		{
			Name: "Tekton Pipelines", images: []string{"tektoncd/pipeline/cmd/controller"},
			source: "https://tekton.dev/docs/pipelines/pipelineruns/",
		},
		{
			Name: "Flyte", images: []string{"flyteorg/flytepropeller", "flyteorg/flyte-binary", "flyteorg/flyte-binary-release"}, charts: []string{"flyte-binary", "flyte-core"},
			source: "https://github.com/flyteorg/flyte/tree/master/flytepropeller",
		},
		{
			Name: "Prefect", commands: []string{"prefect worker start", "prefect agent start"}, charts: []string{"prefect-worker"},
			source: "https://docs.prefect.io/v3/deploy/infrastructure-examples/kubernetes",
		},
	}
}

// jobSpawners run what they are handed in pods.
func jobSpawners() []Spawner {
	return []Spawner{
		{
			Name: "Spark operator", images: []string{"spark-operator/spark-operator", "kubeflow/spark-operator/controller", "kubeflow/spark-operator"}, charts: []string{"spark-operator"},
			source: "https://www.kubeflow.org/docs/components/spark-operator/overview/",
		},
		{
			Name: "Dask Gateway", images: []string{"daskgateway/dask-gateway-server", "dask/dask-gateway-server"}, charts: []string{"dask-gateway"},
			source: "https://gateway.dask.org/install-kube.html",
		},
		{
			Name: "Dask operator", images: []string{"dask/dask-kubernetes-operator"}, charts: []string{"dask-kubernetes-operator"},
			source: "https://kubernetes.dask.org/en/latest/operator.html",
		},
		{
			Name: "Kubeflow training", source: "https://www.kubeflow.org/docs/components/trainer/",
			images: []string{"kubeflow/training-operator", "kubeflow/trainer/trainer-controller-manager", "kubeflow/mpi-operator", "mpioperator/mpi-operator", "katib-controller"},
		},
		{
			Name: "GitLab Runner", images: []string{"gitlab/gitlab-runner", "gitlab-org/gitlab-runner"}, charts: []string{"gitlab-runner"},
			source: "https://docs.gitlab.com/runner/executors/kubernetes/",
		},
		{
			Name: "GitHub Actions Runner Controller", images: []string{"actions/gha-runner-scale-set-controller", "summerwind/actions-runner-controller"},
			source: "https://docs.github.com/en/actions/concepts/runners/actions-runner-controller",
		},
	}
}

// withoutKubernetesExecutor reports an executor that makes no pods. Several may
// be listed, and names may be qualified.
// https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/executor/index.html
func withoutKubernetesExecutor(p *Process) bool {
	executor, _ := p.env("AIRFLOW__CORE__EXECUTOR")
	return executor != "" && !strings.Contains(executor, "Kubernetes")
}

// spawnedInto is how a hub's configuration names the namespace of its pods.
// https://jupyterhub-kubespawner.readthedocs.io/en/latest/spawner.html#kubespawner.KubeSpawner.namespace
var spawnedInto = regexp.MustCompile(`(?m)^\s*c\.KubeSpawner\.namespace\s*=\s*["']([a-z0-9-]+)["']`)

// SpawnedInto returns the namespaces that a hub's configuration names.
func SpawnedInto(config string) []string {
	var out []string
	for _, m := range spawnedInto.FindAllStringSubmatch(config, -1) {
		out = append(out, m[1])
	}
	return out
}
