package flow_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
)

// Sources: [np] https://kubernetes.io/docs/concepts/services-networking/network-policies/
// [dns] https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
// [istio] https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
// [ambient] https://istio.io/latest/docs/ambient/usage/networkpolicy/
// [webhook] https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
func TestFlowsOfTheSystem(t *testing.T) {
	t.Parallel()
	out := func(rules string) string {
		return sample.NetworkPolicy("web", "out", `{podSelector: {}, policyTypes: [Egress], egress: [`+rules+`]}`)
	}
	dns := func(to, port string) string { return out(`{` + to + `ports: [` + port + `]}`) }
	const (
		kubeSystem = `to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}], `
		sidecars   = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web, labels: {istio-injection: enabled}}\n"
	)
	for _, c := range []struct {
		name, need string
		manifests  []string
		want       string
	}{
		{"nothing isolates the egress [np]", "dns", nil, ""},
		{"UDP 53 to kube-system [dns]", "dns", []string{dns(kubeSystem, `{port: 53, protocol: UDP}`)}, "allowed"},
		{"UDP 53 to anybody [np: to]", "dns", []string{dns("", `{port: 53, protocol: UDP}`)}, "allowed"},
		{"a port without protocol is TCP [np: protocol]", "dns", []string{dns(kubeSystem, `{port: 53}`)}, "denied by egress"},
		{"the DNS pods' label in the policy's own namespace [np: podSelector]", "dns", []string{dns(`to: [{podSelector: {matchLabels: {k8s-app: kube-dns}}}], `, `{port: 53, protocol: UDP}`)}, "denied by egress"},
		{"both selectors in one peer", "dns", []string{dns(`to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], `, `{port: 53, protocol: UDP}`)}, "allowed"},
		{"a namespace label that nobody declares may be kube-system's", "dns", []string{dns(`to: [{namespaceSelector: {matchLabels: {name: kube-system}}}], `, `{port: 53, protocol: UDP}`)}, "unknown"},
		{"another pod label may be on the DNS pods", "dns", []string{dns(`to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {app: coredns}}}], `, `{port: 53, protocol: UDP}`)}, "unknown"},
		{"an address may be NodeLocal DNSCache", "dns", []string{dns(`to: [{ipBlock: {cidr: 169.254.20.10/32}}], `, `{port: 53, protocol: UDP}`)}, "unknown"},
		{"another namespace holds no DNS", "dns", []string{dns(`to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ai}}}], `, `{port: 53, protocol: UDP}`)}, "denied by egress"},
		{"OpenShift's listens on 5353", "dns", []string{dns(`to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-dns}}}], `, `{port: 5353, protocol: UDP}`)}, "allowed"},
		{"a default deny of a pod that calls nobody", "dns", []string{out("")}, "denied by egress"},
		{"istiod, not admitted [istio]", "istiod", []string{sidecars, dns(kubeSystem, `{port: 53, protocol: UDP}`)}, "denied by egress"},
		{"istiod in its namespace [istio]", "istiod", []string{sidecars, dns(`to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: istio-system}}}], `, `{port: 15012}`)}, "allowed"},
		{"istiod by another port", "istiod", []string{sidecars, dns(`to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: istio-system}}}], `, `{port: 15010}`)}, "denied by egress"},
		{"istiod may be an address", "istiod", []string{sidecars, dns(`to: [{ipBlock: {cidr: 10.0.0.0/8}}], `, `{port: 15012}`)}, "unknown"},
		{"no sidecar needs no istiod", "istiod", []string{out("")}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			front := "apiVersion: v1\nkind: Pod\nmetadata: {name: front, namespace: web, labels: {app: front}}\nspec: {containers: [{name: c, image: i}]}\n"
			other := "apiVersion: v1\nkind: Pod\nmetadata: {name: side, namespace: ai}\nspec: {containers: [{name: c, image: i}]}\n"
			if got := strings.Join(analyzertest.Flows(t, c.need, append([]string{front, other}, c.manifests...)...), "; "); got != c.want {
				t.Errorf("%s: %q, want %q", c.need, got, c.want)
			}
		})
	}
}

func TestFlowsOfWebhooks(t *testing.T) {
	t.Parallel()
	const hook = `apiVersion: v1
kind: Pod
metadata: {name: hook, namespace: ai, labels: {app: hook}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 9443}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: hook, namespace: ai}
spec: {selector: {app: hook}, ports: [{port: 443, targetPort: 9443}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: v}
webhooks: [{name: v.x.io, clientConfig: {service: {namespace: ai, name: hook}}}]
`
	from := func(rules string) string {
		return sample.NetworkPolicy("ai", "pol", `{podSelector: {}, ingress: [`+rules+`]}`)
	}
	for _, c := range []struct {
		name, policy, want string
	}{
		{"no rule", from(""), "denied by ingress"},
		{"every pod of the cluster is not the API server [webhook]", from(`{from: [{namespaceSelector: {}}]}`), "denied by ingress"},
		{"everybody on the pod's port", from(`{ports: [{port: 9443}]}`), "allowed"},
		{"everybody on the Service's port", from(`{ports: [{port: 443}]}`), "denied by ingress"},
		{"an address may be the control plane's", from(`{from: [{ipBlock: {cidr: 172.16.0.0/28}}]}`), "unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(analyzertest.Flows(t, "webhook", hook, c.policy), "; "); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestFlowsOfAmbient(t *testing.T) {
	t.Parallel()
	const pods = `apiVersion: v1
kind: Namespace
metadata: {name: ai, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: v1
kind: Pod
metadata: {name: server, namespace: ai, labels: {app: server}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8000}], readinessProbe: {httpGet: {port: http}}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: ai, labels: {app: client}}
spec: {containers: [{name: c, image: i}]}
`
	from := func(rules string) string {
		return sample.NetworkPolicy("ai", "pol", `{podSelector: {matchLabels: {app: server}}, ingress: [`+rules+`]}`)
	}
	const client = `from: [{podSelector: {matchLabels: {app: client}}}], `
	serverService := func(waypoint string) string {
		return "apiVersion: v1\nkind: Service\nmetadata: {name: server, namespace: ai, labels: {istio.io/use-waypoint: '" + waypoint + "'}}\nspec: {selector: {app: server}, ports: [{port: 8000}]}\n"
	}
	for _, c := range []struct {
		name, need, policy, want string
	}{
		{"the application's port alone [ambient]", "hbone", from(`{` + client + `ports: [{port: 8000}]}`), "denied by ingress"},
		{"with HBONE", "hbone", from(`{` + client + `ports: [{port: 8000}, {port: 15008}]}`), ""},
		{"HBONE alone", "hbone", from(`{` + client + `ports: [{port: 15008}]}`), ""},
		{"no ports is every port", "hbone", from(`{` + client[:len(client)-2] + `}`), ""},
		{"nobody of the mesh is admitted", "hbone", from(`{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 8000}]}`), ""},
		{"the caller's egress", "hbone", sample.NetworkPolicy("ai", "pol", `{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: [{ports: [{port: 8000}]}]}`), "denied by egress"},
		{"a waypoint is the caller", "hbone", sample.Join(from(`{`+client+`ports: [{port: 8000}]}`), serverService("w")), ""},
		{"a waypoint may be the caller", "hbone", sample.Join(from(`{`+client+`ports: [{port: 8000}]}`), serverService("${WAYPOINT}")), ""},
		{"none is none", "hbone", sample.Join(from(`{`+client+`ports: [{port: 8000}]}`), serverService("none")), "denied by ingress"},
		{"probes come from a link-local address [ambient]", "probe", from(`{` + client + `ports: [{port: 8000}]}`), "denied by ingress"},
		{"which is admitted", "probe", from(`{from: [{ipBlock: {cidr: 169.254.7.127/32}}]}`), "allowed"},
		{"which a wider block holds", "probe", from(`{from: [{ipBlock: {cidr: 169.254.0.0/16}}], ports: [{port: 8000}]}`), "allowed"},
		{"which an exception leaves out", "probe", from(`{from: [{ipBlock: {cidr: 169.254.0.0/16, except: [169.254.7.0/24]}}]}`), "denied by ingress"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(analyzertest.Flows(t, c.need, pods, c.policy), "; "); got != c.want {
				t.Errorf("%s: %q, want %q", c.need, got, c.want)
			}
		})
	}
	// A namespace that the tree does not declare may ask for a waypoint itself.
	_, undeclared, _ := strings.Cut(strings.ReplaceAll(pods, "labels: {app: ", "labels: {istio.io/dataplane-mode: ambient, app: "), "---\n")
	if got := analyzertest.Flows(t, "hbone", undeclared, from(`{`+client+`ports: [{port: 8000}]}`)); len(got) > 0 {
		t.Errorf("in an undeclared namespace: %q", got)
	}
}

func TestFlowsOfTheTree(t *testing.T) {
	t.Parallel()
	const tree = `apiVersion: v1
kind: Pod
metadata: {name: api, namespace: ai, labels: {app: api}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8000}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: ai}
spec: {selector: {app: api}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Pod
metadata: {name: front, namespace: ai, labels: {app: front}}
spec: {containers: [{name: c, image: i, env: [{name: API_URL, value: "http://api/v1"}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: back, namespace: ai, labels: {app: back}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: api, namespace: ai}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {name: http}}}}]}}]}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: api, namespace: ai}
spec: {selector: {}, endpoints: [{port: http}]}
`
	from := func(rules string) string {
		return sample.NetworkPolicy("ai", "pol", `{podSelector: {matchLabels: {app: api}}, ingress: [`+rules+`]}`)
	}
	for _, c := range []struct {
		name, need, policy, want string
	}{
		{"the caller is admitted on the pod's port", "dependency", from(`{from: [{podSelector: {matchLabels: {app: front}}}], ports: [{port: 8000}]}`), "allowed"},
		{"the caller is admitted on the Service's port", "dependency", from(`{from: [{podSelector: {matchLabels: {app: front}}}], ports: [{port: 80}]}`), "denied by ingress"},
		{"another is admitted", "dependency", from(`{from: [{podSelector: {matchLabels: {app: back}}}]}`), "denied by ingress"},
		{"both sides are closed", "dependency", sample.NetworkPolicy("ai", "pol", `{podSelector: {}, policyTypes: [Ingress, Egress]}`), "denied by both"},
		{"a label that a controller sets may be the caller's", "dependency", from(`{from: [{podSelector: {matchLabels: {statefulset.kubernetes.io/pod-name: x}}}]}`), "unknown"},
		{"pods of a namespace that is known in full are no ingress controller", "route", from(`{from: [{podSelector: {matchLabels: {app: back}}}]}`), "denied by ingress"},
		{"every pod of that namespace neither", "route", from(`{from: [{podSelector: {}}]}`), "denied by ingress"},
		{"another namespace may be the controller's", "route", from(`{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress-nginx}}}]}`), "unknown"},
		{"an address may be the load balancer's", "route", from(`{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}`), "unknown"},
		{"everybody is admitted", "route", from(`{ports: [{port: 8000}]}`), "allowed"},
		{"nobody who may be Prometheus", "scrape", from(`{from: [{podSelector: {matchLabels: {app: back}}}]}`), "denied by ingress"},
		{"another namespace may be Prometheus'", "scrape", from(`{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}], ports: [{port: 8000}]}`), "unknown"},
		{"on another port", "scrape", from(`{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}], ports: [{port: 9090}]}`), "denied by ingress"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(analyzertest.Flows(t, c.need, tree, c.policy), "; "); got != c.want {
				t.Errorf("%s: %q, want %q", c.need, got, c.want)
			}
		})
	}
}

// What authorization refuses, the network having let it through.
func TestFlowsInTheMesh(t *testing.T) {
	t.Parallel()
	const tree = sample.MeshTown + `---
apiVersion: v1
kind: Pod
metadata: {name: caller, namespace: shop, labels: {app: caller}}
spec: {serviceAccountName: caller, containers: [{name: c, image: i, env: [{name: SERVER, value: "http://server.ai/"}]}]}
`
	policy := func(spec string) string {
		return "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: ai}\nspec: " + spec + "\n"
	}
	for _, c := range []struct{ name, policy, want string }{
		{"nothing authorizes", "", "allowed"},
		{"its account is allowed", policy(`{rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/caller]}}]}]}`), "allowed"},
		{"another account is", policy(`{rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/client]}}]}]}`), "allowed, mesh denied"},
		{"some of its requests are", policy(`{rules: [{to: [{operation: {methods: [GET]}}]}]}`), "allowed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(analyzertest.Flows(t, "dependency", tree, c.policy), "; "); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
