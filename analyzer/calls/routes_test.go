package calls

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/inventorytest"
)

func sourceText(s RouteSource) string {
	var b strings.Builder
	switch s.Kind {
	case unknownSource:
		return "?"
	case AddressSource:
		return "addresses"
	case PodSource:
	}
	where := s.Namespace
	if s.AnyNamespace {
		where = "*"
	}
	fmt.Fprintf(&b, "%s{%s}", where, inventory.MapSelector(s.Labels))
	for _, w := range s.Workloads {
		b.WriteString(" " + w.ID)
	}
	return b.String()
}

func backendText(b RouteBackend) string {
	var name string
	if b.pool != nil {
		name = "pool " + b.pool.Name
	} else {
		name = b.Service.Name
	}
	return fmt.Sprintf("%s:%d=%s", name, b.number, inventorytest.Destinations(b.Destinations))
}

func routeText(rt Route) string {
	parts := make([]string, 0, len(rt.Backends))
	for _, b := range rt.Backends {
		parts = append(parts, backendText(b))
	}
	return rt.Object.Name + " from " + sourceText(rt.Sources) + " to " + strings.Join(parts, ", ")
}

// backendTree is a Service of one pod, one of two versions, and a gateway pod
// of another namespace.
const backendTree = `apiVersion: apps/v1
kind: Deployment
metadata: {name: v1, namespace: ai}
spec: {template: {metadata: {labels: {app: llm, version: v1}}, spec: {containers: [{name: c, image: c, ports: [{name: http, containerPort: 8000}]}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: v2, namespace: ai}
spec: {template: {metadata: {labels: {app: llm, version: v2}}, spec: {containers: [{name: c, image: c, ports: [{name: http, containerPort: 9000}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: llm, namespace: ai, labels: {app: llm}}
spec: {selector: {app: llm}, ports: [{name: web, port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: two, namespace: ai}
spec: {clusterIP: None, selector: {version: v1}, ports: [{name: web, port: 80, targetPort: http}, {name: adm, port: 81, targetPort: 81}]}
---
apiVersion: v1
kind: Pod
metadata: {name: gw, namespace: edge, labels: {istio: ingressgateway}}
spec: {containers: [{name: c, image: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: nginx, namespace: edge, labels: {app.kubernetes.io/name: ingress-nginx, app.kubernetes.io/component: controller}}
spec: {containers: [{name: c, image: c}]}
`

const (
	nginxSource = "*{app.kubernetes.io/component=controller,app.kubernetes.io/name=ingress-nginx} edge/nginx[Pod]"
	istioSource = "*{istio=ingressgateway} edge/gw[Pod]"
	bothPods    = "llm:80=v1:8000/TCP v2:9000/TCP"
)

func ingressDoc(class, spec string) string {
	return "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: ai, annotations: {" + class + "}}\nspec: {" + spec + "}\n"
}

func rule(backend string) string {
	return "rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {" + backend + "}}]}}]"
}

func TestIngressRoutes(t *testing.T) {
	t.Parallel()
	byNumber := rule("service: {name: llm, port: {number: 80}}")
	ingressClass := "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: edge}\nspec: {controller: k8s.io/ingress-nginx}\n"
	for _, c := range []struct{ name, doc, want string }{
		{"port by number", ingressDoc("", "ingressClassName: nginx, "+byNumber), "i from " + nginxSource + " to " + bothPods},
		{"port by name", ingressDoc("", "ingressClassName: nginx, "+rule("service: {name: llm, port: {name: web}}")), "i from " + nginxSource + " to " + bothPods},
		{"port that the Service has not", ingressDoc("", "ingressClassName: nginx, "+rule("service: {name: llm, port: {number: 8000}}")), "i from " + nginxSource + " to llm:0="},
		{"headless: controllers read endpoints", ingressDoc("", rule("service: {name: two, port: {number: 80}}")), "i from ? to two:80=v1:8000/TCP"},
		{"default backend", ingressDoc("", "defaultBackend: {service: {name: llm, port: {number: 80}}}"), "i from ? to " + bothPods},
		{"annotation", ingressDoc("kubernetes.io/ingress.class: nginx", byNumber), "i from " + nginxSource + " to " + bothPods},
		{"class object", sample.Join(ingressClass, ingressDoc("", "ingressClassName: edge, "+byNumber)), "i from " + nginxSource + " to " + bothPods},
		{"class that nobody knows", ingressDoc("", "ingressClassName: edge, "+byNumber), "i from ? to " + bothPods},
		{"controller that is not in the tree", ingressDoc("", "ingressClassName: traefik, "+byNumber), "i from ? to " + bothPods},
		{"Istio's", ingressDoc("", "ingressClassName: istio, "+byNumber), "i from " + istioSource + " to " + bothPods},
		{"load balancer to pods", ingressDoc("alb.ingress.kubernetes.io/target-type: ip", "ingressClassName: alb, "+byNumber), "i from addresses to " + bothPods},
		{"load balancer to nodes", ingressDoc("", "ingressClassName: alb, "+byNumber), "i from ? to " + bothPods},
		{"another namespace's Service", strings.Replace(ingressDoc("", byNumber), "namespace: ai", "namespace: edge", 1), ""},
		{"resource backend", ingressDoc("", rule("resource: {kind: Bucket, name: b}")), ""},
		{"placeholder", ingressDoc("", `ingressClassName: "{{ x }}", `+byNumber), "i from ? to " + bothPods},
		{"nonsense", ingressDoc("", "rules: 1, defaultBackend: [x]"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkRoutes(t, sample.Join(backendTree, c.doc), c.want)
		})
	}
}

func checkRoutes(t *testing.T, tree, want string) {
	t.Helper()
	var got []string
	for _, rt := range New(inventorytest.New(t, tree)).Routes() {
		got = append(got, routeText(rt))
		for _, b := range rt.Backends {
			if _, exact := b.From.Object.At(b.From.Path); !exact {
				t.Errorf("%s: no such place", b.From.Path)
			}
		}
	}
	if text := strings.Join(got, "; "); text != want {
		t.Errorf("routes are\n  %s\nwant\n  %s", text, want)
	}
}

func gatewayDoc(class, extra, listener string) string {
	return "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: edge}\nspec: {gatewayClassName: " + class + extra + ", listeners: [{name: http, port: 80, protocol: HTTP" + listener + "}]}\n"
}

func httpRoute(parent, rest string) string {
	return "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: h, namespace: ai}\nspec: {parentRefs: [{" + parent + "}], " + rest + "}\n"
}

// https://gateway-api.sigs.k8s.io/reference/spec/
func TestGatewayRoutes(t *testing.T) {
	t.Parallel()
	const (
		all     = ", allowedRoutes: {namespaces: {from: All}}"
		edge    = "namespace: edge, name: g"
		backend = "rules: [{backendRefs: [{name: llm, port: 80}]}]"
		proxies = "edge{gateway.networking.k8s.io/gateway-name=g}"
	)
	pool := "apiVersion: inference.networking.k8s.io/v1\nkind: InferencePool\nmetadata: {name: p, namespace: ai}\nspec: {selector: {matchLabels: {app: llm}}, targetPorts: [{number: 8000}]}\n"
	oldPool := "apiVersion: inference.networking.x-k8s.io/v1alpha2\nkind: InferencePool\nmetadata: {name: p, namespace: ai}\nspec: {selector: {app: llm}, targetPortNumber: 8000}\n"
	toPool := func(group string) string {
		return "rules: [{backendRefs: [{group: " + group + ", kind: InferencePool, name: p}]}]"
	}
	for _, c := range []struct{ name, tree, want string }{
		{"Istio's class", sample.Join(gatewayDoc("istio", "", all), httpRoute(edge, backend)), "h from " + proxies + " to " + bothPods},
		{"another class", sample.Join(gatewayDoc("kgateway", "", all), httpRoute(edge, backend)), "h from ? to " + bothPods},
		{"class object", sample.Join("apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: c}\nspec: {controllerName: istio.io/gateway-controller}\n", gatewayDoc("c", "", all), httpRoute(edge, backend)), "h from " + proxies + " to " + bothPods},
		{"waypoint", sample.Join(gatewayDoc("istio-waypoint", "", all), httpRoute(edge, backend)), ""},
		{"Gateway that is not in the tree", httpRoute(edge, backend), "h from ? to " + bothPods},
		{"the mesh's route", httpRoute("kind: Service, group: '', name: llm", backend), ""},
		{"namespace that may not attach", sample.Join(gatewayDoc("istio", "", ""), httpRoute(edge, backend)), ""},
		{"namespaces by label", sample.Join(gatewayDoc("istio", "", ", allowedRoutes: {namespaces: {from: Selector, selector: {}}}"), httpRoute(edge, backend)), "h from ? to " + bothPods},
		{"section", sample.Join(gatewayDoc("istio", "", all), httpRoute(edge+", sectionName: https", backend)), ""},
		{"host that the listener has not", sample.Join(gatewayDoc("istio", "", all+", hostname: '*.a.org'"), httpRoute(edge, "hostnames: [b.org], "+backend)), ""},
		{"host of a wildcard", sample.Join(gatewayDoc("istio", "", all+", hostname: '*.a.org'"), httpRoute(edge, "hostnames: [x.a.org], "+backend)), "h from " + proxies + " to " + bothPods},
		{"route of another protocol", sample.Join(gatewayDoc("istio", "", all), strings.Replace(httpRoute(edge, backend), "HTTPRoute", "TCPRoute", 1)), ""},
		{"proxies that stand already", sample.Join(gatewayDoc("istio", ", addresses: [{type: Hostname, value: llm.ai.svc.cluster.local}]", all), httpRoute(edge, backend)), "h from ai{app=llm} ai/v1[Deployment] ai/v2[Deployment] to " + bothPods},
		{"proxies that stand elsewhere", sample.Join(gatewayDoc("istio", ", addresses: [{value: 1.2.3.4}]", all), httpRoute(edge, backend)), "h from ? to " + bothPods},
		{"weight 0", sample.Join(httpRoute(edge, "rules: [{backendRefs: [{name: llm, port: 80, weight: 0}, {name: two, port: 81, weight: 1}]}]")), "h from ? to two:81=v1:81/TCP"},
		{"InferencePool", sample.Join(pool, httpRoute(edge, toPool("inference.networking.k8s.io"))), "h from ? to pool p:0=v1:8000/TCP v2:8000/TCP"},
		{"InferencePool, older", sample.Join(oldPool, httpRoute(edge, toPool("inference.networking.x-k8s.io"))), "h from ? to pool p:0=v1:8000/TCP v2:8000/TCP"},
		{"nonsense", httpRoute("name: [g]", "rules: {a: 1}"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkRoutes(t, sample.Join(backendTree, c.tree), c.want)
		})
	}
}

func istioGateway(selector, host string) string {
	return "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: edge}\nspec: {" + selector + "servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['" + host + "']}]}\n"
}

func virtualServiceDoc(rest string) string {
	return "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: ai}\nspec: {hosts: [a.org], " + rest + "}\n"
}

// https://istio.io/latest/docs/reference/config/networking/virtual-service/
func TestVirtualServiceRoutes(t *testing.T) {
	t.Parallel()
	const (
		sel    = "selector: {istio: ingressgateway}, "
		bound  = "gateways: [edge/g], "
		toLLM  = "http: [{route: [{destination: {host: llm}}]}]"
		istioV = "v from " + istioSource + " to "
	)
	gateway := istioGateway(sel, "*")
	subsets := "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d, namespace: ai}\nspec: {host: llm, subsets: [{name: one, labels: {version: v1}}]}\n"
	delegate := "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: d, namespace: ai}\nspec: {http: [{route: [{destination: {host: llm}}]}]}\n"
	for _, c := range []struct{ name, tree, want string }{
		{"gateway of another namespace, its pods of a third", sample.Join(gateway, virtualServiceDoc(bound+toLLM)), istioV + bothPods},
		{"no gateways: the mesh's", sample.Join(gateway, virtualServiceDoc(toLLM)), ""},
		{"mesh", sample.Join(gateway, virtualServiceDoc("gateways: [mesh], "+toLLM)), ""},
		{"both", sample.Join(gateway, virtualServiceDoc("gateways: [mesh, edge/g], "+toLLM)), istioV + bothPods},
		{"Gateway that is not in the tree", virtualServiceDoc(bound + toLLM), "v from ? to " + bothPods},
		{"short name is the VirtualService's namespace", sample.Join(gateway, virtualServiceDoc("gateways: [g], "+toLLM)), "v from ? to " + bothPods},
		{"legacy name", sample.Join(gateway, virtualServiceDoc("gateways: [g.edge.svc.cluster.local], "+toLLM)), istioV + bothPods},
		{"no selector", sample.Join(istioGateway("", "*"), virtualServiceDoc(bound+toLLM)), "v from ? to " + bothPods},
		{"pods that are not in the tree", sample.Join(istioGateway("selector: {istio: other}, ", "*"), virtualServiceDoc(bound+toLLM)), "v from *{istio=other} to " + bothPods},
		{"hosts that do not meet", sample.Join(istioGateway(sel, "b.org"), virtualServiceDoc(bound+toLLM)), ""},
		{"hosts of another namespace", sample.Join(istioGateway(sel, "./*"), virtualServiceDoc(bound+toLLM)), ""},
		{"hosts of this namespace", sample.Join(istioGateway(sel, "ai/*.org"), virtualServiceDoc(bound+toLLM)), istioV + bothPods},
		{"exported to few", sample.Join(gateway, virtualServiceDoc(bound+"exportTo: ['.'], "+toLLM)), "v from ? to " + bothPods},
		{"full name", sample.Join(gateway, virtualServiceDoc(bound+"http: [{route: [{destination: {host: llm.ai.svc.cluster.local, port: {number: 80}}}]}]")), istioV + bothPods},
		{"name with a dot is not completed", sample.Join(gateway, virtualServiceDoc(bound+"http: [{route: [{destination: {host: llm.ai}}]}]")), ""},
		{"several ports, none given", sample.Join(gateway, virtualServiceDoc(bound+"http: [{route: [{destination: {host: two}}]}]")), istioV + "two:0="},
		{"subset", sample.Join(gateway, subsets, virtualServiceDoc(bound+"http: [{route: [{destination: {host: llm, subset: one}}]}]")), istioV + "llm:80=v1:8000/TCP"},
		{"subset that nobody defines", sample.Join(gateway, subsets, virtualServiceDoc(bound+"http: [{route: [{destination: {host: llm, subset: two}}]}]")), istioV + "llm:80="},
		{"weights, and what is mirrored", sample.Join(gateway, virtualServiceDoc(bound+"http: [{mirror: {host: two, port: {number: 80}}, route: [{destination: {host: llm}, weight: 100}, {destination: {host: two}, weight: 0}]}]")), istioV + bothPods},
		{"redirect", sample.Join(gateway, virtualServiceDoc(bound+"http: [{redirect: {uri: /x}}]")), ""},
		{"rule of the mesh only", sample.Join(gateway, virtualServiceDoc("gateways: [mesh, edge/g], http: [{match: [{gateways: [mesh]}], route: [{destination: {host: two}}]}, {match: [{gateways: [edge/g]}], route: [{destination: {host: llm}}]}]")), istioV + bothPods},
		{"tcp and tls", sample.Join(gateway, virtualServiceDoc(bound+"tcp: [{route: [{destination: {host: llm}}]}], tls: [{match: [{sniHosts: [a.org]}], route: [{destination: {host: two, port: {number: 81}}}]}]")), istioV + "two:81=v1:81/TCP, " + bothPods},
		{"delegate", sample.Join(gateway, delegate, virtualServiceDoc(bound+"http: [{delegate: {name: d}}]")), istioV + bothPods},
		{"refused", sample.Join(gateway, virtualServiceDoc(bound+"htp: [], "+toLLM)), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkRoutes(t, sample.Join(backendTree, c.tree), c.want)
		})
	}
}
