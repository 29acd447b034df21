package calls

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/inventorytest"
)

// calling is a Deployment of namespace ai with the given pod spec.
func calling(name, spec string) string {
	return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + ", namespace: ai}\nspec:\n  template:\n    metadata: {labels: {app: " + name + "}}\n    spec: " + spec + "\n"
}

func container(fields string) string {
	return "{containers: [{name: c, image: c, " + fields + "}]}"
}

func dataMap(name, data string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", namespace: ai}\ndata: " + data + "\n"
}

func referenceText(list []Reference) string {
	out := make([]string, 0, len(list))
	for _, r := range list {
		text := fmt.Sprintf("%s:%d/%s", r.Host, r.Port, r.Name)
		if r.Confidence != High {
			text += map[Confidence]string{Low: "?", Medium: "~"}[r.Confidence]
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

const ownService = "apiVersion: v1\nkind: Service\nmetadata: {name: me, namespace: ai}\nspec: {selector: {app: me}, ports: [{port: 80}]}\n"

func TestReferences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, tree, want string }{
		{"nothing", calling("me", container("")), ""},
		// https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
		{
			"expansion", calling("me", container(`env: [{name: H, value: redis}, {name: REDIS_URL, value: "redis://$(H):6379"}, {name: B, value: "x://$(LATER):1"}, {name: LATER, value: l}, {name: E, value: "x://$$(H):1"}], args: ["--db=$(LATER):5432", "--q=$(NOBODY):1"]`)),
			"l:5432/--db redis:6379/REDIS_URL",
		},
		{"host and port", calling("me", container(`env: [{name: DB_HOST, value: pg}, {name: DB_PORT, value: "5432"}, {name: db.host, value: pg2}, {name: db.port, value: "1"}]`)), "pg:5432/DB_HOST pg2:1/db.host"},
		{"service name and port", calling("me", container(`env: [{name: X_SERVICE_NAME, value: x}, {name: X_SERVICE_PORT, value: "81"}, {name: OTEL_SERVICE_NAME, value: x}]`)), "x:81/X_SERVICE_NAME"},
		{"host without a port", calling("me", container(`env: [{name: DB_HOST, value: pg}, {name: HOST, value: pg}, {name: MODE, value: pg}, {name: PG, value: pg.data.svc}]`)), "pg:0/DB_HOST~ pg.data.svc:0/PG"},
		{"flag and value", calling("me", container(`command: [app, --redis-url, "redis://r", --allowed-origins, "http://web:80"]`)), "r:6379/--redis-url"},
		{"script", calling("me", container(`command: [sh, -c, "until nc -z pg 5432; do sleep 1; done; curl http://api/x"]`)), "api:80/command~ pg:5432/command~"},
		{"init container", calling("me", `{initContainers: [{name: i, image: i, env: [{name: S3_ENDPOINT, value: "http://minio:9000"}]}], containers: [{name: c, image: c}]}`), "minio:9000/S3_ENDPOINT"},
		{"what a secret holds is never read", sample.Join("apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: ai}\nstringData: {U: \"redis://r:1\"}\n",
			calling("me", container(`envFrom: [{secretRef: {name: s}}], env: [{name: U, valueFrom: {secretKeyRef: {name: s, key: U}}}, {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}, {name: A, value: "$(IP):80"}]`))), ""},
		{"its own Service", sample.Join(ownService, calling("me", container(`env: [{name: SELF_URL, value: "http://me.ai.svc"}, {name: U, value: "http://me"}, {name: O, value: "http://other"}]`))), "other:80/O"},
		{"ConfigMap key", sample.Join(dataMap("conf", `{u: "http://api:1", other: "http://b:1"}`), calling("me", container(`env: [{name: U, valueFrom: {configMapKeyRef: {name: conf, key: u}}}]`))), "api:1/U"},
		{"envFrom", sample.Join(dataMap("conf", `{U: "http://api:1", DB_HOST: pg, DB_PORT: "5432"}`), calling("me", container(`envFrom: [{prefix: X_, configMapRef: {name: conf}}], env: [{name: X_U, value: "http://own:2"}]`))), "own:2/X_U pg:5432/X_DB_HOST~"},
		{"envFrom, overridden by a secret", sample.Join(dataMap("conf", `{U: "http://api:1"}`), calling("me", container(`envFrom: [{configMapRef: {name: conf}}], env: [{name: U, valueFrom: {secretKeyRef: {name: s, key: u}}}]`))), ""},
		{"shared with another workload", sample.Join(dataMap("conf", `{U: "http://api:1"}`), calling("me", container(`envFrom: [{configMapRef: {name: conf}}]`)), calling("you", container(`envFrom: [{configMapRef: {name: conf}}]`))), "api:1/U?"},
		{"file", sample.Join(dataMap("conf", "\n  app.yaml: |\n    url: http://api:1\n    db: pg:5432\n    # old: http://gone:1\n  README.md: http://doc:1\n"), calling("me", `{volumes: [{name: v, configMap: {name: conf}}], containers: [{name: c, image: c, volumeMounts: [{name: v, mountPath: /etc}]}]}`)), "api:1/app.yaml~ pg:5432/app.yaml?"},
		{"file of a projected volume, by items and sub path", sample.Join(dataMap("conf", "{a: \"http://a:1\", b: \"http://b:1\", c: \"http://c:1\"}"), calling("me", `{volumes: [{name: v, projected: {sources: [{configMap: {name: conf, items: [{key: a, path: x/a.conf}, {key: b, path: y/b.conf}]}}]}}], containers: [{name: c, image: c, volumeMounts: [{name: v, mountPath: /etc, subPath: x}]}]}`)), "a:1/a~"},
		{"volume that nobody mounts", sample.Join(dataMap("conf", `{a: "http://a:1"}`), calling("me", `{volumes: [{name: v, configMap: {name: conf}}], containers: [{name: c, image: c}]}`)), ""},
		{"another namespace's ConfigMap", sample.Join(strings.Replace(dataMap("conf", `{U: "http://api:1"}`), "ai", "other", 1), calling("me", container(`envFrom: [{configMapRef: {name: conf}}]`))), ""},
		{"ConfigMap of which there are two", sample.Join(dataMap("conf", `{U: "http://api:1"}`), dataMap("conf", `{U: "http://api:2"}`), calling("me", container(`envFrom: [{configMapRef: {name: conf}}]`))), ""},
		{"placeholders", calling("me", container(`env: [{name: A_HOST, value: "${A}"}, {name: U, value: "http://{{ .x }}:80"}]`)), ""},
		{"the surest of equals", sample.Join(dataMap("conf", "{a: \"http://api:1\"}"), calling("me", `{volumes: [{name: v, configMap: {name: conf}}], containers: [{name: c, image: c, env: [{name: U, value: "api:1"}], volumeMounts: [{name: v, mountPath: /etc}]}]}`)), "api:1/U"},
		// kuberay, historyserver.yaml: a connection string of a developer's storage.
		{"connection string", calling("me", container(`env: [{name: AZURE_STORAGE_CONNECTION_STRING, value: "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=b==;BlobEndpoint=http://azurite.dev.svc.cluster.local:10000/a;"}]`)), "azurite.dev.svc.cluster.local:10000/AZURE_STORAGE_CONNECTION_STRING"},
		// kserve, seaweedfs-init-job.yaml.
		{"two labels", calling("me", container(`env: [{name: AWS_ENDPOINT_URL_S3, value: "http://s3-service.kserve:8333"}]`)), "s3-service.kserve:8333/AWS_ENDPOINT_URL_S3"},
		// vllm-production-stack, otel-collector.yaml.
		{"collector", sample.Join(dataMap("c", "\n  collector.yaml: |\n    receivers:\n      otlp:\n        protocols:\n          grpc:\n            endpoint: 0.0.0.0:4317\n    exporters:\n      otlp:\n        endpoint: jaeger-collector.default.svc.cluster.local:4317\n"), calling("me", `{volumes: [{name: v, configMap: {name: c}}], containers: [{name: c, image: c, volumeMounts: [{name: v, mountPath: /etc}]}]}`)), "jaeger-collector.default.svc.cluster.local:4317/collector.yaml~"},
		{"through a proxy", calling("me", container(`env: [{name: HTTPS_PROXY, value: "http://squid:3128"}, {name: U, value: "http://api:1"}, {name: R, value: "redis://r"}]`)), "api:1/U? r:6379/R squid:3128/HTTPS_PROXY"},
		{"name of a product", calling("me", container(`env: [{name: MODEL_SERVER, value: triton}, {name: MODEL_URL, value: llm}]`)), "triton:0/MODEL_SERVER?"},
		{"manifests for other pods", sample.Join(dataMap("c", "\n  pod.yaml: |\n    apiVersion: v1\n    kind: Pod\n    url: http://a:1\n"), calling("me", `{volumes: [{name: v, configMap: {name: c}}], containers: [{name: c, image: c, volumeMounts: [{name: v, mountPath: /etc}]}]}`)), ""},
		{"no pod", ownService, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := New(inventorytest.New(t, c.tree))
			for _, w := range s.inventory.Workloads {
				if w.Name == "me" {
					if got := referenceText(s.References(w)); got != c.want {
						t.Errorf("references are %q, want %q", got, c.want)
					}
				}
			}
		})
	}
}

// A reference leads to what holds it, by object and path.
func TestReferenceSource(t *testing.T) {
	t.Parallel()
	s := New(inventorytest.New(t, dataMap("conf", `{U: "http://api:1"}`), calling("me", container(`envFrom: [{configMapRef: {name: conf}}], args: [x, "--db=pg:5432"]`))))
	var got []string
	for _, r := range s.References(s.inventory.Workloads[0]) {
		got = append(got, r.From.Object.Kind+" "+r.From.Path.String())
		if _, exact := r.From.Object.At(r.From.Path); !exact {
			t.Errorf("%s: no such place", r.From.Path)
		}
	}
	want := "ConfigMap data.U, Deployment spec.template.spec.containers[0].args[1]"
	if text := strings.Join(got, ", "); text != want {
		t.Errorf("references come from %s, want %s", text, want)
	}
}
