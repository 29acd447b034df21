package authz

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/inventorytest"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
)

func authzDoc(namespace, name, spec string) string {
	return fmt.Sprintf("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: %s, namespace: %s}\nspec: %s\n", name, namespace, spec)
}

// authzBase is one pod with an HTTP, a TCP and a detected port.
func authzBase(labels string, extra ...string) string {
	return sample.Join(append([]string{
		sample.Namespace(labels),
		"apiVersion: v1\nkind: Pod\nmetadata: {name: w, namespace: ai, labels: {app: w}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}, {containerPort: 9000}, {containerPort: 7000}]}]}\n",
		"apiVersion: v1\nkind: Service\nmetadata: {name: w, namespace: ai}\nspec: {selector: {app: w}, ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp-x, port: 9000}, {name: x, port: 7000}]}\n",
	}, extra...)...)
}

// policiesOf reads the policies of a set, which may have a mesh configuration.
func policiesOf(tb testing.TB, manifests ...string) (*Policies, *inventory.Inventory) {
	tb.Helper()
	s := inventorytest.New(tb, manifests...)
	return New(mesh.New(s, mesh.ReadConfig(s.Objects))), s
}

func askAuthz(tb testing.TB, tree string, port int, c Caller) Answer {
	tb.Helper()
	policies, s := policiesOf(tb, tree)
	return policies.Authorize(inventorytest.Workload(tb, s, "ai/w[Pod]"), port, c)
}

func front() Caller { return Caller{Mesh: fact.Yes, Namespace: "web", Account: "front"} }

func plain() Caller { return Caller{Mesh: fact.No} }

const (
	byFront = `from: [{source: {principals: ["cluster.local/ns/web/sa/front"]}}]`
)

// What a caller with the identity web/front and one without any may do at the
// HTTP port. Where nothing else is cited:
// https://istio.io/latest/docs/reference/config/security/authorization-policy/
func TestAuthorize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		policies     []string
		front, plain fact.Verdict
	}{
		{"no policy allows", nil, fact.Allowed, fact.Allowed},
		{"spec {} allows nothing", []string{authzDoc("ai", "p", "{}")}, fact.Denied, fact.Denied},
		{"an empty spec is the same", []string{authzDoc("ai", "p", "")}, fact.Denied, fact.Denied},
		{"rules: [{}] allows everything", []string{authzDoc("ai", "p", "{rules: [{}]}"), authzDoc("ai", "q", "{}")}, fact.Allowed, fact.Allowed},
		{"DENY rules: [{}] denies everything", []string{authzDoc("ai", "p", "{action: DENY, rules: [{}]}"), authzDoc("ai", "q", "{rules: [{}]}")}, fact.Denied, fact.Denied},
		{"selector {} is every workload", []string{authzDoc("ai", "p", "{selector: {}}")}, fact.Denied, fact.Denied},
		{"selector of another workload", []string{authzDoc("ai", "p", "{selector: {matchLabels: {app: v}}}")}, fact.Allowed, fact.Allowed},
		{"another namespace", []string{authzDoc("web", "p", "{}")}, fact.Allowed, fact.Allowed},
		{"the root namespace is the whole mesh", []string{authzDoc("istio-system", "p", "{}")}, fact.Denied, fact.Denied},
		{"a selector there selects in every namespace, unlike PeerAuthentication's", []string{authzDoc("istio-system", "p", "{selector: {matchLabels: {app: w}}}")}, fact.Denied, fact.Denied},
		{"a principal", []string{authzDoc("ai", "p", "{rules: [{"+byFront+"}]}")}, fact.Allowed, fact.Denied},
		{"* is any authenticated caller", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {principals: ["*"]}}]}]}`)}, fact.Allowed, fact.Denied},
		{"without spiffe://, or it never matches", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {principals: ["spiffe://cluster.local/ns/web/sa/front"]}}]}]}`)}, fact.Denied, fact.Denied},
		{"a trust domain that may be the mesh's", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {principals: ["corp.example/ns/web/sa/front"]}}]}]}`)}, fact.Undetermined, fact.Denied},
		{"of another account in any trust domain", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {principals: ["corp.example/ns/web/sa/back"]}}]}]}`)}, fact.Denied, fact.Denied},
		{"a suffix", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {principals: ["*/ns/web/sa/front"]}}]}]}`)}, fact.Allowed, fact.Denied},
		{"a star at both ends is a regular expression: sa and slashes", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {principals: ["*/ns/web/sa/*"]}}]}]}`)}, fact.Denied, fact.Denied},
		{"a namespace", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {namespaces: [web]}}]}]}`)}, fact.Allowed, fact.Denied},
		{"an account of another namespace", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {serviceAccounts: [web/front]}}]}]}`)}, fact.Allowed, fact.Denied},
		{"an account without namespace is of the policy's", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {serviceAccounts: [front]}}]}]}`)}, fact.Denied, fact.Denied},
		{"ISTIO-SECURITY-2021-004: plaintext passes notPrincipals in ALLOW", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {notPrincipals: ["cluster.local/ns/web/sa/front"]}}]}]}`)}, fact.Denied, fact.Allowed},
		{"and escapes principals in DENY", []string{authzDoc("ai", "p", `{action: DENY, rules: [{`+byFront+`}]}`)}, fact.Denied, fact.Allowed},
		{"DENY notPrincipals is an allow-list", []string{authzDoc("ai", "p", `{action: DENY, rules: [{from: [{source: {notPrincipals: ["cluster.local/ns/web/sa/front"]}}]}]}`)}, fact.Allowed, fact.Denied},
		{"several sources are ORed", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {namespaces: [x]}}, {source: {namespaces: [web]}}]}]}`)}, fact.Allowed, fact.Denied},
		{"fields of one are ANDed", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {namespaces: [x], principals: ["*"]}}]}]}`)}, fact.Denied, fact.Denied},
		{"two rules where one was meant: anybody may POST", []string{authzDoc("ai", "p", `{rules: [{`+byFront+`}, {to: [{operation: {methods: [POST]}}]}]}`)}, fact.Allowed, fact.Conditional},
		{"from and to", []string{authzDoc("ai", "p", `{rules: [{`+byFront+`, to: [{operation: {paths: [/v1/*]}}]}]}`)}, fact.Conditional, fact.Denied},
		{"another port", []string{authzDoc("ai", "p", `{rules: [{`+byFront+`, to: [{operation: {ports: ["80"]}}]}]}`)}, fact.Denied, fact.Denied},
		{"the pod's port", []string{authzDoc("ai", "p", `{rules: [{`+byFront+`, to: [{operation: {ports: ["8080"]}}]}]}`)}, fact.Allowed, fact.Denied},
		{"when", []string{authzDoc("ai", "p", `{rules: [{when: [{key: source.namespace, values: [web]}, {key: destination.port, values: ["8080"]}]}]}`)}, fact.Allowed, fact.Denied},
		{"a token is asked for", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {requestPrincipals: ["*"]}}]}]}`)}, fact.Conditional, fact.Conditional},
		{"Kubeflow: no header is faked", []string{authzDoc("ai", "p", `{rules: [{`+byFront+`}, {when: [{key: "request.headers[kubeflow-userid]", notValues: ["*"]}]}]}`)}, fact.Allowed, fact.Conditional},
		{"what covers itself is nothing", []string{authzDoc("ai", "p", `{rules: [{to: [{operation: {paths: [/v1/x], notPaths: [/v1/*]}}]}]}`)}, fact.Denied, fact.Denied},
		{"every method is no condition", []string{authzDoc("ai", "p", `{rules: [{to: [{operation: {methods: ["*"], paths: ["*"]}}]}]}`)}, fact.Allowed, fact.Allowed},
		{"dry-run ALLOW denies nothing by default", []string{strings.Replace(authzDoc("ai", "p", "{}"), "name: p", `name: p, annotations: {istio.io/dry-run: "true"}`, 1)}, fact.Allowed, fact.Allowed},
		{"AUDIT never decides", []string{authzDoc("ai", "p", "{action: AUDIT, rules: [{}]}")}, fact.Allowed, fact.Allowed},
		{"CUSTOM: its provider decides", []string{authzDoc("ai", "p", "{action: CUSTOM, provider: {name: x}, rules: [{}]}")}, fact.Conditional, fact.Conditional},
		{"CUSTOM: DENY still denies", []string{authzDoc("ai", "p", "{action: CUSTOM, provider: {name: x}, rules: [{}]}"), authzDoc("ai", "q", "{action: DENY, rules: [{}]}")}, fact.Denied, fact.Denied},
		{"two providers", []string{authzDoc("ai", "p", "{action: CUSTOM, provider: {name: x}, rules: [{}]}"), authzDoc("ai", "q", "{action: CUSTOM, provider: {name: y}, rules: [{}]}")}, fact.Undetermined, fact.Undetermined},
		{"an address of the cluster's choosing", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]}`)}, fact.Undetermined, fact.Undetermined},
		{"targetRefs do nothing on a sidecar", []string{authzDoc("ai", "p", `{targetRefs: [{kind: Service, group: "", name: w}]}`)}, fact.Allowed, fact.Allowed},
		{"a refused policy leaves all open", []string{authzDoc("ai", "p", `{action: DENY}`)}, fact.Undetermined, fact.Undetermined},
		{"but not what a DENY says", []string{authzDoc("ai", "p", `{rules: [{from: []}], x: y}`), authzDoc("ai", "q", `{action: DENY, rules: [{}]}`)}, fact.Denied, fact.Denied},
		{"a placeholder", []string{authzDoc("ai", "p", `{rules: [{from: [{source: {principals: ["cluster.local/ns/${NS}/sa/front"]}}]}]}`)}, fact.Undetermined, fact.Denied},
		{"matchExpressions is no field: nothing is known", []string{authzDoc("ai", "p", `{selector: {matchExpressions: [{key: app, operator: Exists}]}}`)}, fact.Undetermined, fact.Undetermined},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tree := authzBase(sample.Sidecar, c.policies...)
			if got := askAuthz(t, tree, 8080, front()).Verdict; got != c.front {
				t.Errorf("web/front: %s, want %s", got, c.front)
			}
			if got := askAuthz(t, tree, 8080, plain()).Verdict; got != c.plain {
				t.Errorf("plaintext: %s, want %s", got, c.plain)
			}
		})
	}
}

// HTTP attributes on ports that are not HTTP, and at ztunnel.
// istio/istio pilot/pkg/security/authz/model/model.go (checkError),
// pilot/pkg/serviceregistry/ambient/authorization.go (handleRule).
func TestAuthorizeByProtocol(t *testing.T) {
	t.Parallel()
	get := `{rules: [{to: [{operation: {methods: [GET]}}]}]}`
	noGet := `{action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}]}`
	for _, c := range []struct {
		name, labels, policy string
		http, tcp, detected  fact.Verdict
	}{
		{"ALLOW methods", sample.Sidecar, get, fact.Conditional, fact.Denied, fact.Conditional},
		{"DENY methods: TCP is denied whole", sample.Sidecar, noGet, fact.Conditional, fact.Denied, fact.Conditional},
		{"a whole ALLOW rule is dropped for one source of HTTP", sample.Sidecar, `{rules: [{from: [{source: {namespaces: [web]}}, {source: {requestPrincipals: ["*"]}}]}]}`, fact.Allowed, fact.Denied, fact.Conditional},
		{"CUSTOM on TCP rests on the provider", sample.Sidecar, `{action: CUSTOM, provider: {name: x}, rules: [{}]}`, fact.Conditional, fact.Undetermined, fact.Undetermined},
		{"ztunnel drops an ALLOW rule with methods", sample.Ambient, get, fact.Denied, fact.Denied, fact.Denied},
		{"what it makes of DENY methods depends on the release", sample.Ambient, noGet, fact.Undetermined, fact.Undetermined, fact.Undetermined},
		{"but not of other callers", sample.Ambient, `{action: DENY, rules: [{from: [{source: {namespaces: [x]}}], to: [{operation: {methods: [GET]}}]}]}`, fact.Allowed, fact.Allowed, fact.Allowed},
		{"ztunnel ignores CUSTOM", sample.Ambient, `{action: CUSTOM, provider: {name: x}, rules: [{}]}`, fact.Allowed, fact.Allowed, fact.Allowed},
		{"identities it knows", sample.Ambient, `{rules: [{` + byFront + `}]}`, fact.Allowed, fact.Allowed, fact.Allowed},
		{"a waypoint may decide", sample.Ambient + ", istio.io/use-waypoint: waypoint", `{rules: [{from: [{source: {namespaces: [x]}}]}]}`, fact.Undetermined, fact.Undetermined, fact.Undetermined},
		{"no sidecar, no authorization", "a: b", "{}", fact.Allowed, fact.Allowed, fact.Allowed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tree := authzBase(c.labels, authzDoc("ai", "p", c.policy))
			for port, want := range map[int]fact.Verdict{8080: c.http, 9000: c.tcp, 7000: c.detected} {
				if got := askAuthz(t, tree, port, front()).Verdict; got != want {
					t.Errorf("port %d: %s, want %s", port, got, want)
				}
			}
		})
	}
}

// A conditional answer says in a few words which requests.
func TestAuthorizeWhen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		spec string
		port int
		want string
	}{
		{`{rules: [{to: [{operation: {methods: [GET, HEAD], paths: [/health]}}, {operation: {paths: [/metrics]}}]}]}`, 8080, "GET|HEAD /health or /metrics"},
		{`{rules: [{to: [{operation: {methods: [GET]}}]}]}`, 7000, "over HTTP: GET"},
		{`{action: DENY, rules: [{to: [{operation: {paths: [/admin*]}}]}]}`, 8080, "not /admin*"},
		{`{action: DENY, rules: [{to: [{operation: {paths: [/admin*]}}]}]}`, 7000, "over HTTP: not /admin*"},
		{`{action: CUSTOM, provider: {name: oauth2}, rules: [{to: [{operation: {notPaths: [/dex/*]}}]}]}`, 8080, "as provider `oauth2` decides for no /dex/*"},
		{`{rules: [{from: [{source: {requestPrincipals: ["iss/*"]}}], when: [{key: "request.headers[x-a]", notValues: ["*"]}]}]}`, 8080, "token of iss/*, no header x-a *"},
	} {
		if got := askAuthz(t, authzBase(sample.Sidecar, authzDoc("ai", "p", c.spec)), c.port, front()).When; got != c.want {
			t.Errorf("%s\n is %q, want %q", c.spec, got, c.want)
		}
	}
}

// The proxy's own ports are open whatever policies say; the agent's is the one
// that the pod names, and 15020 is then a port like any other.
// istio/istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml
// (argument -d of istio-init), pkg/kube/inject/template.go (excludeInboundPort).
func TestAuthorizeProxyPorts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		labels, annotations string
		port                int
		want                fact.Verdict
	}{
		{sample.Sidecar, "", 8080, fact.Denied},
		{sample.Sidecar, "", 15020, fact.Allowed},
		{sample.Sidecar, "", 15021, fact.Allowed},
		{sample.Sidecar, "", 15090, fact.Allowed},
		{sample.Sidecar, `status.sidecar.istio.io/port: "15099"`, 15020, fact.Denied},
		{sample.Sidecar, `status.sidecar.istio.io/port: "15099"`, 15099, fact.Allowed},
		{sample.Sidecar, `status.sidecar.istio.io/port: "15099"`, 15021, fact.Allowed},
		{sample.Ambient, "", 15020, fact.Denied}, // ztunnel keeps none of them free
	} {
		tree := sample.Join(sample.Namespace(c.labels), sample.Pod("", c.annotations, ""), authzDoc("ai", "p", "{}"))
		if got := askAuthz(t, tree, c.port, front()).Verdict; got != c.want {
			t.Errorf("%s, %s: port %d is %s, want %s", c.labels, c.annotations, c.port, got, c.want)
		}
	}
}

// An unknown answer says what it rests on.
func TestAuthorizeOpen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		labels, spec string
		port         int
		want         string
	}{
		{"a: b, istio.io/rev: x", `{rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]}`, 8080, "a rule rests on"},
		{sample.Sidecar, `{action: DENY}`, 8080, "not every AuthorizationPolicy"},
		{sample.Sidecar, `{action: CUSTOM, provider: {name: x}, rules: [{}]}`, 9000, "the provider"},
		{sample.Ambient + ", istio.io/use-waypoint: x", `{}`, 8080, "policies may be attached to a waypoint"},
		{"istio-injection: '${INJECT}'", `{}`, 8080, "whether the workload is in the mesh"},
	} {
		if got := askAuthz(t, authzBase(c.labels, authzDoc("ai", "p", c.spec)), c.port, front()); got.Verdict != fact.Undetermined || !strings.HasPrefix(got.Missing, c.want) {
			t.Errorf("%s: %s, open %q, want %q", c.spec, got.Verdict, got.Missing, c.want)
		}
	}
}

// The policies that decide are named.
func TestAuthorizeBecause(t *testing.T) {
	t.Parallel()
	tree := authzBase(sample.Sidecar, authzDoc("ai", "deny-all", "{}"), authzDoc("ai", "front", "{rules: [{"+byFront+"}]}"))
	for _, c := range []struct {
		Caller
		want string
	}{
		{front(), "front spec.rules[0]"},
		{plain(), "deny-all spec, front spec"},
	} {
		var got []string
		for _, r := range askAuthz(t, tree, 8080, c.Caller).Because {
			got = append(got, r.Object.Name+" "+r.Path.String())
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("because of %q, want %q", got, c.want)
		}
	}
}

// A Gateway-API gateway obeys selectors and its targetRefs, a waypoint its
// targetRefs alone: istio/istio pilot/pkg/model/policyattachment.go.
func TestAuthorizeAtGateways(t *testing.T) {
	t.Parallel()
	pod := func(labels string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: w, namespace: ai, labels: {gateway.networking.k8s.io/gateway-name: gw, " + labels + "}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}\n"
	}
	ref := func(kind, name string) string {
		return "{targetRefs: [{group: gateway.networking.k8s.io, kind: " + kind + ", name: " + name + "}]}"
	}
	waypoint := "gateway.istio.io/managed: istio.io-mesh-controller"
	for _, c := range []struct {
		name, labels, policy string
		want                 fact.Verdict
	}{
		{"selector", "app: w", authzDoc("ai", "p", "{selector: {matchLabels: {app: w}}}"), fact.Denied},
		{"targetRef", "app: w", authzDoc("ai", "p", ref("Gateway", "gw")), fact.Denied},
		{"another gateway", "app: w", authzDoc("ai", "p", ref("Gateway", "other")), fact.Allowed},
		{"a gateway of another namespace", "app: w", authzDoc("web", "p", ref("Gateway", "gw")), fact.Allowed},
		{"waypoint and namespace-wide policy", waypoint, authzDoc("ai", "p", "{}"), fact.Allowed},
		{"waypoint and targetRef", waypoint, authzDoc("ai", "p", ref("Gateway", "gw")), fact.Denied},
		{"every waypoint", waypoint, authzDoc("istio-system", "p", ref("GatewayClass", "istio-waypoint")), fact.Denied},
		{"no waypoint", "app: w", authzDoc("istio-system", "p", ref("GatewayClass", "istio-waypoint")), fact.Allowed},
	} {
		if got := askAuthz(t, sample.Join(sample.Namespace(sample.Sidecar), pod(c.labels), c.policy), 8080, front()).Verdict; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// What Istio's webhook refuses: pkg/config/validation/validation.go
// (ValidateAuthorizationPolicy).
func TestRefusedAuthorization(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{
		`{action: DENY}`,
		`{action: CUSTOM, rules: [{}]}`,
		`{provider: {name: x}}`,
		`{selector: {matchLabels: {a: b}}, targetRefs: [{kind: Service, name: w}]}`,
		`{rules: [{from: [{source: {}}]}]}`,
		`{rules: [{to: [{}]}]}`,
		`{rules: [{from: [{source: {serviceAccounts: [a], namespaces: [b]}}]}]}`,
		`{rules: [{to: [{operation: {ports: [http]}}]}]}`,
		`{rules: [{from: [{source: {ipBlocks: [10.0.0.0/33]}}]}]}`,
		`{rules: [{when: [{key: source.labels, values: [a]}]}]}`,
		`{rules: [{when: [{key: request.headers, values: [a]}]}]}`,
		`{rules: [{when: [{key: "request.headers[x]"}]}]}`,
		`{rules: [{when: [{key: "request.headers[x]", notValues: [""]}]}]}`,
		`{action: CUSTOM, provider: {name: x}, rules: [{from: [{source: {namespaces: [a]}}]}]}`,
	} {
		_, s := policiesOf(t, authzDoc("ai", "p", spec))
		if found := len(s.Objects[0].Problems); found != 1 {
			t.Errorf("%s: %d problems, want 1", spec, found)
		}
	}
}

// Who may have no certificate is matched for certain by no rule about one.
// https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source
func TestAuthorizeACallerThatMayHaveNoCertificate(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]fact.Verdict{
		`{rules: [{from: [{source: {namespaces: [web]}}]}]}`:               fact.Undetermined,
		`{rules: [{from: [{source: {principals: ["*"]}}]}]}`:               fact.Undetermined,
		`{action: DENY, rules: [{from: [{source: {namespaces: [web]}}]}]}`: fact.Undetermined,
		`{rules: [{from: [{source: {namespaces: [shop]}}]}]}`:              fact.Denied,
		`{rules: [{}]}`: fact.Allowed,
	} {
		who := Caller{Mesh: fact.Unknown, Namespace: "web", Account: "front"}
		if got := askAuthz(t, authzBase(sample.Sidecar, authzDoc("ai", "p", spec)), 8080, who).Verdict; got != want {
			t.Errorf("%s: %s, want %s", spec, got, want)
		}
	}
}
