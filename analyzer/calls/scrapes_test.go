package calls

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/inventorytest"
)

func monitor(kind, spec string) string {
	return "apiVersion: monitoring.coreos.com/v1\nkind: " + kind + "\nmetadata: {name: m, namespace: mon}\nspec: {" + spec + "}\n"
}

// https://prometheus-operator.dev/docs/api-reference/api/
func TestScrapes(t *testing.T) {
	t.Parallel()
	const (
		inAI = "namespaceSelector: {matchNames: [ai]}, "
		llm  = "selector: {matchLabels: {app: llm}}, "
		both = "v1:8000/TCP v2:9000/TCP"
	)
	annotate := func(from string) string {
		return strings.Replace(backendTree, from, from+", annotations: {prometheus.io/scrape: 'true', prometheus.io/port: '9100'}", 1)
	}
	for _, c := range []struct{ name, tree, want string }{
		{"Service port by name", sample.Join(backendTree, monitor("ServiceMonitor", inAI+llm+"endpoints: [{port: web}]")), "spec.endpoints[0] " + both},
		{"port that no Service has", sample.Join(backendTree, monitor("ServiceMonitor", inAI+llm+"endpoints: [{port: metrics}]")), ""},
		{"targetPort by name", sample.Join(backendTree, monitor("ServiceMonitor", inAI+llm+"endpoints: [{targetPort: http}]")), "spec.endpoints[0] " + both},
		{"targetPort by number", sample.Join(backendTree, monitor("ServiceMonitor", inAI+llm+"endpoints: [{targetPort: 9000}]")), "spec.endpoints[0] v2:9000/TCP"},
		{"its own namespace only", sample.Join(backendTree, monitor("ServiceMonitor", llm+"endpoints: [{port: web}]")), ""},
		{"any namespace", sample.Join(backendTree, monitor("ServiceMonitor", "namespaceSelector: {any: true}, "+llm+"endpoints: [{port: web}]")), "spec.endpoints[0] " + both},
		{"no selector", sample.Join(backendTree, monitor("ServiceMonitor", inAI+"endpoints: [{port: web}]")), ""},
		{"every Service, each pod port once", sample.Join(backendTree, monitor("ServiceMonitor", inAI+"selector: {}, endpoints: [{port: web}]")), "spec.endpoints[0] " + both},
		{"targets that may be dropped", sample.Join(backendTree, monitor("ServiceMonitor", inAI+llm+"endpoints: [{port: web, relabelings: [{action: keep, regex: x}]}]")), ""},
		{"another address", sample.Join(backendTree, monitor("ServiceMonitor", inAI+llm+"endpoints: [{port: web, relabelings: [{targetLabel: __address__}]}]")), ""},
		{"a label more", sample.Join(backendTree, monitor("ServiceMonitor", inAI+llm+"endpoints: [{port: web, relabelings: [{targetLabel: pod}]}]")), "spec.endpoints[0] " + both},
		{"container port by name", sample.Join(backendTree, monitor("PodMonitor", inAI+llm+"podMetricsEndpoints: [{port: http}]")), "spec.podMetricsEndpoints[0] " + both},
		{"container port by number", sample.Join(backendTree, monitor("PodMonitor", "namespaceSelector: {any: true}, "+llm+"podMetricsEndpoints: [{portNumber: 9000}, {portNumber: 1}]")), "spec.podMetricsEndpoints[0] v2:9000/TCP"},
		{"pods by expression", sample.Join(backendTree, monitor("PodMonitor", inAI+"selector: {matchExpressions: [{key: version, operator: In, values: [v2]}]}, podMetricsEndpoints: [{port: http}]")), "spec.podMetricsEndpoints[0] v2:9000/TCP"},
		{"invalid selector", sample.Join(backendTree, monitor("PodMonitor", inAI+"selector: {matchExpressions: [{key: version, operator: Is}]}, podMetricsEndpoints: [{port: http}]")), ""},
		{"annotated pods", annotate("metadata: {labels: {app: llm, version: v1}"), `spec.template.metadata.annotations["prometheus.io/port"] v1:9100/TCP`},
		{"annotated Service", annotate("{name: llm, namespace: ai, labels: {app: llm}"), `metadata.annotations["prometheus.io/port"] v1:9100/TCP v2:9100/TCP`},
		{"annotation without a port", strings.Replace(annotate("metadata: {labels: {app: llm, version: v1}"), "'9100'", "metrics", 1), ""},
		{"nonsense", sample.Join(backendTree, monitor("PodMonitor", "selector: [a], podMetricsEndpoints: 1"), monitor("ServiceMonitor", "selector: {matchLabels: 1, matchExpressions: {a: b}}, endpoints: [[1]]")), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, x := range New(inventorytest.New(t, c.tree)).Scrapes() {
				got = append(got, x.From.Path.String()+" "+inventorytest.Destinations(x.Destinations))
				if _, exact := x.From.Object.At(x.From.Path); !exact {
					t.Errorf("%s: no such place", x.From.Path)
				}
			}
			if text := strings.Join(got, "; "); text != c.want {
				t.Errorf("scrapes are %q, want %q", text, c.want)
			}
		})
	}
}

func TestScraper(t *testing.T) {
	t.Parallel()
	prometheus := func(name, image, config string) string {
		return sample.Join("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: "+name+", namespace: mon}\nspec: {template: {metadata: {labels: {app: "+name+"}}, spec: {volumes: [{name: v, configMap: {name: "+name+"}}], containers: [{name: c, image: \""+image+"\"}]}}}\n",
			"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "+name+", namespace: mon}\ndata: {prometheus.yml: '"+config+"'}\n")
	}
	object := func(spec string) string {
		return "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: k8s, namespace: mon}\nspec: {" + spec + "}\n"
	}
	const (
		follows  = "[__meta_kubernetes_pod_annotation_prometheus_io_scrape]"
		operator = "mon{app.kubernetes.io/name=prometheus,prometheus=k8s}"
	)
	for _, c := range []struct{ name, tree, monitored, annotated string }{
		{"nobody", "", "?", "?"},
		{"a Deployment that follows annotations", prometheus("p", "quay.io:443/prometheus/prometheus:v3@sha256:ab", follows), "?", "mon{app=p} mon/p[Deployment]"},
		{"of some namespaces", prometheus("p", "prom/prometheus", follows+" namespaces: [a]"), "?", "?"},
		{"of Services", prometheus("p", "prom/prometheus", "__meta_kubernetes_service_annotation_prometheus_io_scrape"), "?", "?"},
		{"its exporter", prometheus("p", "prom/node-exporter", follows), "?", "?"},
		{"two of them", sample.Join(prometheus("p", "prom/prometheus", follows), prometheus("q", "prom/prometheus:v2", follows)), "?", "?"},
		{"the operator's, every monitor", object("podMonitorSelector: {}"), operator, "?"},
		{"the operator's, no monitor", object(""), "?", "?"},
		{"the operator's, other monitors", object("podMonitorSelector: {matchLabels: {a: b}}"), "?", "?"},
		{"the operator's, every namespace", object("podMonitorSelector: {}, podMonitorNamespaceSelector: {}"), operator, "?"},
		{"the operator's, other namespaces", object("podMonitorSelector: {}, podMonitorNamespaceSelector: {matchLabels: {kubernetes.io/metadata.name: x}}"), "?", "?"},
		{"two objects", sample.Join(object("podMonitorSelector: {}"), strings.Replace(object("podMonitorSelector: {}"), "k8s", "other", 1)), "?", "?"},
	} {
		tree := strings.Replace(backendTree, "metadata: {labels: {app: llm, version: v1}", "metadata: {annotations: {prometheus.io/scrape: 'true', prometheus.io/port: '9100'}, labels: {app: llm, version: v1}", 1)
		s := New(inventorytest.New(t, tree, monitor("PodMonitor", "namespaceSelector: {any: true}, selector: {}, podMetricsEndpoints: [{port: http}]"), c.tree))
		if got := s.Scrapes(); sourceText(got[0].Sources) != c.monitored || sourceText(got[1].Sources) != c.annotated {
			t.Errorf("%s: scraped from %s and %s, want %s and %s", c.name, sourceText(got[0].Sources), sourceText(got[1].Sources), c.monitored, c.annotated)
		}
	}
}
