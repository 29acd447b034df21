package calls

import (
	"context"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/inventorytest"
	"github.com/aisec-lint/aisec-lint/loader"
)

// No document may make the extractions panic, and all they say has a place.
func FuzzRoutes(f *testing.F) {
	all := ", allowedRoutes: {namespaces: {from: All}}"
	f.Add(sample.Join(backendTree, ingressDoc("", "ingressClassName: nginx, "+rule("service: {name: llm, port: {number: 80}}"))))
	f.Add(sample.Join(backendTree, gatewayDoc("istio", "", all), httpRoute("namespace: edge, name: g", "rules: [{backendRefs: [{name: llm, port: 80}]}]")))
	f.Add(sample.Join(backendTree, istioGateway("selector: {istio: ingressgateway}, ", "*"), virtualServiceDoc("gateways: [edge/g], http: [{route: [{destination: {host: llm, subset: one}}]}]")))
	f.Add(sample.Join(backendTree, monitor("ServiceMonitor", "namespaceSelector: {any: true}, selector: {}, endpoints: [{port: web}]"), monitor("PodMonitor", "selector: {}, podMetricsEndpoints: [{portNumber: 1}]")))
	f.Add(sample.Join(sample.Hosts, dataMap("conf", `{u: "http://api:1"}`), calling("me", container(`envFrom: [{configMapRef: {name: conf}}], command: [sh, -c, "nc redis 80"], env: [{name: A_HOST, value: redis.ai}]`))))
	f.Fuzz(func(t *testing.T, manifests string) {
		tree, err := loader.Load(context.Background(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(manifests), Workers: 1})
		if err != nil {
			return
		}
		placed := func(s fact.Source) {
			if s.Locate().File == nil {
				t.Errorf("%v has no place", s.Path)
			}
		}
		for _, scope := range tree.Scopes {
			s := New(inventorytest.Of(scope))
			for _, w := range s.inventory.Workloads {
				for _, r := range s.References(w) {
					placed(r.From)
					if v, _, ok := s.inventory.ResolveHost(w, r.Host); ok {
						v.Destinations(r.Port, r.Protocol)
					}
				}
			}
			for _, rt := range s.Routes() {
				for _, b := range rt.Backends {
					placed(b.From)
				}
			}
			for _, c := range s.Scrapes() {
				placed(c.From)
			}
		}
	})
}
