package analyzer

import (
	"context"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader"
)

// No document may make the extractions panic, and all they say has a place.
func FuzzRoutes(f *testing.F) {
	all := ", allowedRoutes: {namespaces: {from: All}}"
	f.Add(docs(backendTree, ingressDoc("", "ingressClassName: nginx, "+rule("service: {name: llm, port: {number: 80}}"))))
	f.Add(docs(backendTree, gatewayDoc("istio", "", all), httpRoute("namespace: edge, name: g", "rules: [{backendRefs: [{name: llm, port: 80}]}]")))
	f.Add(docs(backendTree, istioGateway("selector: {istio: ingressgateway}, ", "*"), virtualServiceDoc("gateways: [edge/g], http: [{route: [{destination: {host: llm, subset: one}}]}]")))
	f.Add(docs(backendTree, monitor("ServiceMonitor", "namespaceSelector: {any: true}, selector: {}, endpoints: [{port: web}]"), monitor("PodMonitor", "selector: {}, podMetricsEndpoints: [{portNumber: 1}]")))
	f.Add(docs(hostTree, dataMap("conf", `{u: "http://api:1"}`), calling("me", container(`envFrom: [{configMapRef: {name: conf}}], command: [sh, -c, "nc redis 80"], env: [{name: A_HOST, value: redis.ai}]`))))
	f.Fuzz(func(t *testing.T, manifests string) {
		tree, err := loader.Load(context.Background(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(manifests), Workers: 1})
		if err != nil {
			return
		}
		placed := func(s Source) {
			if s.Locate().File == nil {
				t.Errorf("%v has no place", s.Path)
			}
		}
		for _, set := range Build(context.Background(), tree).Sets {
			s := NewCalls(set.inventory)
			for _, w := range s.inventory.workloads {
				for _, r := range s.references(w) {
					placed(r.from)
					if v, _, ok := s.inventory.resolveHost(w, r.host); ok {
						v.destinations(r.port, r.protocol)
					}
				}
			}
			for _, rt := range s.routes() {
				for _, b := range rt.backends {
					placed(b.from)
				}
			}
			for _, c := range s.scrapes() {
				placed(c.from)
			}
		}
	})
}
