package product_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// controlsOf lists the control ports of the container as `port name auth`.
func controlsOf(t *testing.T, more, container string) string {
	t.Helper()
	w := analyzertest.Workload(t, analyzertest.Build(t, sample.Join(more, running("name: c\n"+container, ""))), "ai/w[Deployment]")
	var out []string
	for i := range w.Facts.Ports {
		if p := &w.Facts.Ports[i]; p.Management.Name != "none" {
			out = append(out, fmt.Sprintf("%d %s %s", p.Number, p.Management.Name, p.Management.Auth))
		}
	}
	return strings.Join(out, ", ")
}

const (
	rayPorts   = "\nports: [{containerPort: 6379}, {containerPort: 8265}, {containerPort: 10001}, {containerPort: 8000}]"
	torchPorts = "\nports: [{containerPort: 8080}, {containerPort: 8081}]"
	milvusPod  = "apiVersion: v1\nkind: Pod\nmetadata: {name: m, namespace: ai}\nspec: {containers: [{name: m, image: \"milvusdb/milvus:v2.5.0\"}]}"
)

func TestControls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, container, want string }{
		// https://docs.ray.io/en/latest/cluster/cli.html#ray-start
		{"head", "image: rayproject/ray:2.46.0\ncommand: [ray, start, --head, --dashboard-host=0.0.0.0, --block]" + rayPorts, "6379 ray-gcs no, 8265 ray-dashboard no, 10001 ray-client no"},
		{"dashboard on localhost, by default", "image: rayproject/ray:2.46.0\ncommand: [ray, start, --head]" + rayPorts, "6379 ray-gcs no, 10001 ray-client no"},
		{"dashboard on localhost, said", "image: rayproject/ray:2.46.0\ncommand: [ray, start, --head, --dashboard-host, 127.0.0.1]" + rayPorts, "6379 ray-gcs no, 10001 ray-client no"},
		{"no dashboard", "image: rayproject/ray:2.46.0\ncommand: [ray, start, --head, --dashboard-host=::, --include-dashboard=False]" + rayPorts, "6379 ray-gcs no, 10001 ray-client no"},
		{"worker", "image: rayproject/ray:2.46.0\ncommand: [ray, start, --address=head:6379]" + rayPorts, ""},
		{"a command that nobody knows", "image: rayproject/ray:2.46.0\ncommand: [/start.sh]" + rayPorts, ""},
		{"other ports", "image: rayproject/ray:2.46.0\ncommand: [ray, start, --head, --port=6380, \"--ray-client-server-port=$(CLIENT)\"]\nenv: [{name: CLIENT, value: \"8000\"}]" + rayPorts, "8000 ray-client no"},
		{"a port that nobody knows", "image: rayproject/ray:2.46.0\ncommand: [ray, start, --head, \"--port=${PORT}\"]" + rayPorts, "10001 ray-client no"},
		// https://docs.ray.io/en/latest/ray-security/token-auth.html
		{"token", "image: rayproject/ray:2.52.0\ncommand: [ray, start, --head]\nenv: [{name: RAY_AUTH_MODE, value: token}]" + rayPorts, "6379 ray-gcs yes, 10001 ray-client yes"},
		{"token before there were any", "image: rayproject/ray:2.51.1-py311\ncommand: [ray, start, --head]\nenv: [{name: RAY_AUTH_MODE, value: token}]" + rayPorts, "6379 ray-gcs no, 10001 ray-client no"},
		{"off by default in 2.52.0", "image: rayproject/ray:2.52.0\ncommand: [ray, start, --head]" + rayPorts, "6379 ray-gcs no, 10001 ray-client no"},
		{"a later release", "image: rayproject/ray:2.60.0\ncommand: [ray, start, --head]" + rayPorts, "6379 ray-gcs unknown, 10001 ray-client unknown"},
		{"a later release, off", "image: rayproject/ray:2.60.0\ncommand: [ray, start, --head]\nenv: [{name: RAY_AUTH_MODE, value: disabled}]" + rayPorts, "6379 ray-gcs no, 10001 ray-client no"},
		{"perhaps by a ConfigMap", "image: rayproject/ray:2.52.0\ncommand: [ray, start, --head]\nenvFrom: [{configMapRef: {name: c}}]" + rayPorts, "6379 ray-gcs unknown, 10001 ray-client unknown"},
		{"by the script", "image: rayproject/ray:2.52.0\ncommand: [sh, -c, \"export RAY_AUTH_MODE=token; ray start --head\"]" + rayPorts, "6379 ray-gcs unknown, 10001 ray-client unknown"},
		{"an image of one's own", "image: example.org/mine:1.0.0\ncommand: [ray, start, --head]" + rayPorts, "6379 ray-gcs unknown, 10001 ray-client unknown"},
		{"no version", "image: rayproject/ray:nightly\ncommand: [ray, start, --head]" + rayPorts, "6379 ray-gcs unknown, 10001 ray-client unknown"},
		// https://docs.ray.io/en/latest/ray-core/configure.html#tls-authentication
		{"certificates", "image: rayproject/ray:2.46.0\ncommand: [ray, start, --head, --dashboard-host=0.0.0.0]\nenv: [{name: RAY_USE_TLS, value: \"1\"}]" + rayPorts, "6379 ray-gcs yes, 8265 ray-dashboard no, 10001 ray-client yes"},

		// https://github.com/pytorch/serve/blob/master/docs/token_authorization_api.md
		{"turned off", "image: pytorch/torchserve:0.12.0-gpu\nargs: [torchserve, --start, --disable-token-auth]" + torchPorts, "8081 torchserve-management no"},
		{"before tokens", "image: pytorch/torchserve:0.8.2-cpu" + torchPorts, "8081 torchserve-management no"},
		{"a plug-in", "image: pytorch/torchserve:0.11.0-cpu" + torchPorts, "8081 torchserve-management unknown"},
		{"by default", "image: pytorch/torchserve:0.11.1-cpu" + torchPorts, "8081 torchserve-management yes"},
		{"a configuration", "image: pytorch/torchserve:0.12.0\nargs: [torchserve, --start, --ts-config=/c]" + torchPorts, "8081 torchserve-management unknown"},
		{"a variable that may count", "image: pytorch/torchserve:0.12.0\nenv: [{name: TS_DISABLE_TOKEN_AUTHORIZATION, value: \"true\"}]" + torchPorts, "8081 torchserve-management unknown"},
		{"latest", "image: pytorch/torchserve" + torchPorts, "8081 torchserve-management unknown"},

		// https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_management.html
		{"explicit", "image: nvcr.io/nvidia/tritonserver:25.01-py3\nargs: [tritonserver, --model-control-mode=explicit]\nports: [{containerPort: 8000}, {containerPort: 8001}, {containerPort: 8002}]", "8000 triton-repository no, 8001 triton-repository no"},
		{"the default", "image: nvcr.io/nvidia/tritonserver:25.01-py3\nargs: [tritonserver, --model-repository=/m]\nports: [{containerPort: 8000}]", ""},
		{"poll refuses requests", "image: nvcr.io/nvidia/tritonserver:25.01-py3\nargs: [tritonserver, --model-control-mode, poll]\nports: [{containerPort: 8000}]", ""},
		{"restricted", "image: nvcr.io/nvidia/tritonserver:25.01-py3\nargs: [tritonserver, --model-control-mode=explicit, \"--http-restricted-api=shared-memory:a=b\", \"--http-restricted-api=model-repository,health:a=b\", --grpc-restricted-protocol, \"$(R)\"]\nports: [{containerPort: 8000}, {containerPort: 8001}]", "8000 triton-repository yes, 8001 triton-repository unknown"},
		{"heard by itself only, over HTTP", "image: x\ncommand: [tritonserver, --model-control-mode=explicit, \"--http-address=ipv6:[::1]\"]\nports: [{containerPort: 8000}, {containerPort: 8001}]", "8001 triton-repository no"},
		{"moved and closed", "image: x\ncommand: [sh, -c, \"tritonserver --model-control-mode=explicit --http-port 8080 --allow-grpc=false\"]\nports: [{containerPort: 8080}, {containerPort: 8001}]", "8080 triton-repository no"},

		// https://github.com/milvus-io/milvus/blob/master/internal/http/server.go
		{"milvus", "image: milvusdb/milvus:v2.5.0\nargs: [milvus, run, standalone]\nports: [{containerPort: 19530}, {containerPort: 9091}]", "9091 milvus-management no"},
		{"milvus elsewhere", "image: milvusdb/milvus:v2.5.0\nenv: [{name: METRICS_PORT, value: \"9100\"}]\nports: [{containerPort: 9100}, {containerPort: 9091}]", "9100 milvus-management no"},
		{"milvus somewhere", "image: milvusdb/milvus:v2.5.0\nenvFrom: [{configMapRef: {name: c}}]\nports: [{containerPort: 9091}]", ""},

		// https://jupyter-server.readthedocs.io/en/latest/operators/security.html
		{"its own token", "image: quay.io/jupyter/base-notebook\nports: [{containerPort: 8888}]", "8888 jupyter yes"},
		{"no token", "image: quay.io/jupyter/base-notebook\ncommand: [start-notebook.sh, \"--NotebookApp.token=''\"]\nports: [{containerPort: 8888}]", "8888 jupyter no"},
		{"no token, but a home with who knows what", "image: quay.io/jupyter/base-notebook\ncommand: [start-notebook.sh, --NotebookApp.token=]\nports: [{containerPort: 8888}]\nvolumeMounts: [{name: h, mountPath: /home/jovyan}]", "8888 jupyter unknown"},
		{"no token, a folder of notebooks", "image: quay.io/jupyter/base-notebook\ncommand: [start-notebook.sh, --NotebookApp.token=]\nports: [{containerPort: 8888}]\nvolumeMounts: [{name: h, mountPath: /home/jovyan/work}]", "8888 jupyter no"},
		{"no token, a password", "image: quay.io/jupyter/base-notebook\ncommand: [start-notebook.sh, --NotebookApp.token=, \"--ServerApp.password=argon2:x\"]\nports: [{containerPort: 8888}]", "8888 jupyter yes"},
		{"neither, in a script", "image: x\ncommand: [bash, -c, \"jupyter lab --ip=0.0.0.0 --port 9999 --ServerApp.token='' --ServerApp.password=\\\"\\\"\"]\nports: [{containerPort: 9999}]", "9999 jupyter no"},
		{"a token from a variable", "image: x\ncommand: [jupyter, lab, --ip=0.0.0.0, --ServerApp.token=$(TOKEN)]\nports: [{containerPort: 8888}]", "8888 jupyter unknown"},
		{"no token, an image that may have a password", "image: x\ncommand: [jupyter, lab, --ip=0.0.0.0, --ServerApp.token=]\nports: [{containerPort: 8888}]", "8888 jupyter unknown"},
		{"heard by itself only", "image: x\ncommand: [jupyter, lab, --ip=127.0.0.1, --ServerApp.token=, --ServerApp.password=]\nports: [{containerPort: 8888}]", ""},
		{"perhaps heard by itself only", "image: x\ncommand: [jupyter, lab, --ServerApp.token=, --ServerApp.password=]\nports: [{containerPort: 8888}]", "8888 jupyter unknown"},
		{"another way to log in", "image: x\ncommand: [jupyter, lab, --ip=0.0.0.0, --ServerApp.token=, --ServerApp.password=, --ServerApp.identity_provider_class=mine]\nports: [{containerPort: 8888}]", "8888 jupyter unknown"},
		{"something else in the image", "image: quay.io/jupyter/base-notebook\ncommand: [sleep, infinity]\nports: [{containerPort: 8888}]", "8888 jupyter unknown"},
		// https://github.com/kubeflow/kubeflow/blob/master/components/example-notebook-servers/jupyter/s6/services.d/jupyterlab/run
		{"kubeflow", "image: ghcr.io/kubeflow/kubeflow/notebook-servers/jupyter-scipy:v1.10.0\nports: [{containerPort: 8888}]", "8888 jupyter no"},
		{"like kubeflow", "image: x\nenv: [{name: NB_PREFIX, value: /}]\nports: [{containerPort: 8888}]", "8888 jupyter unknown"},

		// https://github.com/pytorch/pytorch/blob/main/SECURITY.md#using-distributed-features
		{"rendezvous", "image: x\ncommand: [torchrun, --nnodes=2, --master_port, \"29500\", train.py]\nports: [{containerPort: 29500}]", "29500 torch-rendezvous no"},
		{"another port", "image: x\ncommand: [torchrun, --rdzv-endpoint=head:29400, train.py]\nports: [{containerPort: 29400}, {containerPort: 29500}]", "29400 torch-rendezvous no"},
		{"alone", "image: x\ncommand: [torchrun, --standalone, train.py]\nports: [{containerPort: 29500}]", ""},
		{"nothing known", "image: redis:7\nports: [{containerPort: 6379}, {containerPort: 8888}, {containerPort: 29500}, {containerPort: 9091}]", ""},
		{"not over UDP", "image: milvusdb/milvus:v2.5.0\nports: [{containerPort: 9091, protocol: UDP}]", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := controlsOf(t, "", c.container); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// etcd and NATS are judged beside Milvus or Dynamo only.
func TestStateControls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, more, container, want string }{
		{"alone", "", "image: quay.io/coreos/etcd:v3.5.0\nports: [{containerPort: 2379}]", ""},
		{"elsewhere", strings.Replace(milvusPod, "namespace: ai", "namespace: other", 1), "image: quay.io/coreos/etcd:v3.5.0\nports: [{containerPort: 2379}]", ""},
		// https://etcd.io/docs/v3.5/op-guide/authentication/rbac/
		{"users are made at run time", milvusPod, "image: quay.io/coreos/etcd:v3.5.0\nports: [{containerPort: 2379}]", "2379 etcd unknown"},
		{"beside Dynamo's operator", strings.Replace(milvusPod, "milvusdb/milvus:v2.5.0", "nvcr.io/nvidia/ai-dynamo/kubernetes-operator:0.7", 1), "image: bitnami/etcd:3.5\nenv: [{name: ALLOW_NONE_AUTHENTICATION, value: \"yes\"}]\nports: [{containerPort: 2379}]", "2379 etcd no"},
		{"certificates", milvusPod, "image: quay.io/coreos/etcd:v3.5.0\ncommand: [etcd, --client-cert-auth]\nports: [{containerPort: 2379}]", "2379 etcd yes"},
		{"heard by itself only", milvusPod, "image: quay.io/coreos/etcd:v3.5.0\ncommand: [etcd, --listen-client-urls, \"http://127.0.0.1:2379\"]\nports: [{containerPort: 2379}]", ""},
		{"bitnami, open", milvusPod, "image: bitnami/etcd:3.5\nenv: [{name: ALLOW_NONE_AUTHENTICATION, value: \"yes\"}]\nports: [{containerPort: 2379}]", "2379 etcd no"},
		{"bitnami, a password", milvusPod, "image: bitnami/etcd:3.5\nenv: [{name: ETCD_ROOT_PASSWORD, value: x}]\nports: [{containerPort: 2379}]", "2379 etcd yes"},
		// https://docs.nats.io/nats-server/flags
		{"nats, flags", milvusPod, "image: nats:2\nargs: [-js, -m, \"8222\"]\nports: [{containerPort: 4222}]", "4222 nats no"},
		{"nats, a token", milvusPod, "image: nats:2\nargs: [-js, --auth=x]\nports: [{containerPort: 4222}]", "4222 nats yes"},
		{"nats, a file", milvusPod, "image: nats:2\ncommand: [nats-server, --config, /c]\nports: [{containerPort: 4222}]", "4222 nats unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := controlsOf(t, c.more, c.container); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A port counts that only a Service leads to, and a pod that nobody described
// has none.
func TestControlOfService(t *testing.T) {
	t.Parallel()
	service := "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ai}\nspec: {selector: {app: w}, ports: [{port: 80, targetPort: 9091}]}"
	if got := controlsOf(t, service, "image: milvusdb/milvus:v2.5.0"); got != "9091 milvus-management no" {
		t.Errorf("got %q", got)
	}
	m := analyzertest.Build(t, "apiVersion: v1\nkind: Service\nmetadata: {name: m, namespace: ai}\nspec: {selector: {app.kubernetes.io/name: milvus}, ports: [{port: 9091}]}")
	if c := analyzertest.Port(t, analyzertest.Workload(t, m, "ai/m[Service]"), 9091).Management; c.Name != "none" || c.Auth != fact.Unknown {
		t.Errorf("got %+v", c)
	}
}
