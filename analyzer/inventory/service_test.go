package inventory_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

func svc(ports string) string {
	return "apiVersion: v1\nkind: Service\nmetadata: {name: vllm, namespace: ai}\nspec: {selector: {app: vllm}, ports: [" + ports + "]}\n"
}

func serviceFacts(t *testing.T, m *analyzer.Model) *fact.ServiceFacts {
	t.Helper()
	for i := range m.Subjects {
		if f, ok := m.Subjects[i].Facts.(*fact.ServiceFacts); ok {
			return f
		}
	}
	t.Fatal("the model has no Service")
	return nil
}

// https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
func TestServicePorts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, port string
		served     fact.Tri
	}{
		{"targetPort by name", "{port: 80, targetPort: http}", fact.Yes},
		{"targetPort by number", "{port: 80, targetPort: 8000}", fact.Yes},
		{"targetPort defaults to port", "{port: 8000}", fact.Yes},
		{"name that no container has", "{port: 80, targetPort: grpc}", fact.No},
		{"name of the other protocol", "{port: 80, targetPort: gossip}", fact.No},
		{"name and protocol", "{port: 80, targetPort: gossip, protocol: UDP}", fact.Yes},
		{"number that no container declares", "{port: 80}", fact.No},
		{"placeholder", `{port: 80, targetPort: "${PORT}"}`, fact.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := serviceFacts(t, analyzertest.Build(t, sample.Join(sample.VLLM, svc(c.port)))).Ports[0].Served; got != c.served {
				t.Errorf("served = %s, want %s", got, c.served)
			}
		})
	}
}

// https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
func TestServiceProtocol(t *testing.T) {
	t.Parallel()
	for port, want := range map[string]string{
		"{name: http, port: 80}":                                 "declared",
		"{name: http-api, port: 80}":                             "declared",
		"{name: HTTP2-api, port: 80}":                            "declared",
		"{name: grpc-web, port: 80}":                             "declared",
		"{name: grpc-web-api, port: 80}":                         "declared",
		"{name: httpapi, port: 80}":                              "sniffed",
		"{name: http_api, port: 80}":                             "sniffed",
		"{name: api, port: 80}":                                  "sniffed",
		"{port: 80}":                                             "sniffed",
		"{port: 3306}":                                           "assumed",
		"{name: api, port: 80, appProtocol: grpc}":               "declared",
		"{name: api, port: 80, appProtocol: kubernetes.io/h2c}":  "declared",
		"{name: http, port: 80, appProtocol: example.com/magic}": "unknown-app-protocol",
		"{name: api, port: 80, protocol: UDP}":                   "not-proxied",
	} {
		if got := serviceFacts(t, analyzertest.Build(t, sample.Join(sample.VLLM, svc(port)))).Ports[0].Protocol; got != want {
			t.Errorf("%s: protocol %s, want %s", port, got, want)
		}
	}
}

func TestDeadSelectors(t *testing.T) {
	t.Parallel()
	dead := strings.Replace(svc("{port: 80}"), "app: vllm", "app: vlm", 1)
	ray := "apiVersion: ray.io/v1\nkind: RayCluster\nmetadata: {name: r, namespace: ai}\nspec: {}\n"
	app := "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: argocd}\nspec: {}\n"
	for _, c := range []struct {
		name, tree      string
		selects, closed fact.Tri
		suggestion      string
	}{
		{"closed namespace", sample.Join(sample.VLLM, dead), fact.No, fact.Yes, "`app: vllm`"},
		{"no pods in the tree: implied", dead, fact.Yes, fact.No, ""},
		{"a kind that may own pods", sample.Join(sample.VLLM, ray, dead), fact.No, fact.Unknown, "`app: vllm`"},
		{"Argo CD deploys anything anywhere", sample.Join(sample.VLLM, app, dead), fact.No, fact.Unknown, "`app: vllm`"},
		{"pods without a namespace", sample.Join(sample.VLLM, strings.Replace(sample.VLLM, ", namespace: ai", "", 1), dead), fact.Unknown, fact.Unknown, ""},
		{"label that a controller sets", sample.Join(sample.VLLM, strings.Replace(dead, "app: vlm", "ray.io/cluster: r", 1)), fact.Unknown, fact.Yes, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := serviceFacts(t, analyzertest.Build(t, c.tree))
			if f.Selects != c.selects || f.Complete != c.closed || f.PodSel.Names["suggestion"] != c.suggestion {
				t.Errorf("selects %s, closed %s, suggestion %s; want %s, %s, %s", f.Selects, f.Complete, f.PodSel.Names["suggestion"], c.selects, c.closed, c.suggestion)
			}
		})
	}
}

// An ExternalName and a Service without selector select nothing on purpose.
func TestSelectorlessServices(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{"{type: ExternalName, externalName: example.org, selector: {app: x}}", "{ports: [{port: 80}]}"} {
		tree := sample.Join(sample.VLLM, "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ai}\nspec: "+spec+"\n")
		if f := serviceFacts(t, analyzertest.Build(t, tree)); f.Selector != "none" || f.Selects == fact.No {
			t.Errorf("%s: selector %s, selects %s", spec, f.Selector, f.Selects)
		}
	}
}

// What a cluster export holds beside a Deployment is the Deployment's.
func TestOwnedObjectsAreTheirOwners(t *testing.T) {
	t.Parallel()
	owned := "apiVersion: v1\nkind: Pod\nmetadata: {name: vllm-x, namespace: ai, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: vllm, uid: u, controller: true}]}\nspec: {containers: [{name: c, image: i}]}\n"
	if n := len(analyzertest.Build(t, sample.Join(sample.VLLM, owned)).Workloads); n != 1 {
		t.Errorf("%d workloads, want 1", n)
	}
	// An owner that is no workload of the model does not stand for its pods.
	ray := strings.ReplaceAll(owned, "kind: Deployment, name: vllm", "kind: RayCluster, name: r")
	cluster := "apiVersion: ray.io/v1\nkind: RayCluster\nmetadata: {name: r, namespace: ai}\nspec: {}\n"
	if n := len(analyzertest.Build(t, sample.Join(cluster, ray)).Workloads); n != 1 {
		t.Errorf("pod of a RayCluster: %d workloads, want 1", n)
	}
}

func TestWebhookPorts(t *testing.T) {
	t.Parallel()
	hook := "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: h}\nwebhooks: [{name: a.b.c, clientConfig: {service: {name: vllm, namespace: ai, port: 80}}}]\n"
	p := analyzertest.Port(t, analyzertest.Workload(t, analyzertest.Build(t, sample.Join(sample.VLLM, svc("{port: 80, targetPort: http}"), hook)), sample.VLLMID), 8000)
	if p.Purpose != "webhook" || len(p.ExposedBy) != 1 || p.ExposedBy[0] != "webhook" {
		t.Errorf("purpose %s, entry %v; want webhook", p.Purpose, p.ExposedBy)
	}
}
