package authz

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/inventorytest"
)

// policyFacts returns the facts of the AuthorizationPolicy ai/p.
func policyFacts(tb testing.TB, s *Policies) *fact.AuthorizationPolicyFacts {
	tb.Helper()
	for _, p := range s.policies {
		if p.Name == "p" {
			return s.policyFacts(p)
		}
	}
	tb.Fatal("no policy p")
	return nil
}

func firstRule(tb testing.TB, labels, spec string, extra ...string) fact.AuthzRuleFacts {
	tb.Helper()
	s, _ := policiesOf(tb, authzBase(labels, append(extra, authzDoc("ai", "p", spec))...))
	return policyFacts(tb, s).Rules[0]
}

// What narrows a rule.
func TestOpenRule(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]bool{
		`{rules: [{}]}`:                                 true,
		`{action: DENY, rules: [{}]}`:                   false,
		`{rules: [{to: [{operation: {paths: [/*]}}]}]}`: true,
		`{rules: [{to: [{operation: {methods: [GET]}}, {operation: {hosts: ["*"]}}]}]}`: true,
		`{rules: [{to: [{operation: {methods: ["*"], ports: ["8080"]}}]}]}`:             false,
		`{rules: [{from: [{source: {principals: ["*"]}}]}]}`:                            false,
		`{rules: [{from: [{source: {ipBlocks: [0.0.0.0/0, "::/0"]}}]}]}`:                true,
		`{rules: [{from: [{source: {ipBlocks: [0.0.0.0/0]}}]}]}`:                        false,
		`{rules: [{from: [{source: {notNamespaces: [web]}}]}]}`:                         false,
		`{rules: [{when: [{key: "request.headers[x]", notValues: ["*"]}]}]}`:            false,
	} {
		if got := firstRule(t, sample.Sidecar, spec).AllowsAll; got != want {
			t.Errorf("%s: open = %v, want %v", spec, got, want)
		}
	}
}

// Whether a policy of another kind limits callers beside a rule, and whether
// any does at all.
func TestCoverAndGuard(t *testing.T) {
	t.Parallel()
	allow := authzDoc("ai", "p", "{rules: [{}]}")
	for _, c := range []struct {
		name           string
		policies       []string
		covered, guard fact.Tri // on port 8080
	}{
		{"nothing", nil, fact.No, ""},
		{"ALLOW", []string{allow}, fact.Yes, fact.No},
		{"DENY of paths leaves the others open", []string{authzDoc("ai", "d", `{action: DENY, rules: [{to: [{operation: {paths: [/x]}}]}]}`)}, fact.No, ""},
		{"DENY notPrincipals is an allow-list", []string{authzDoc("ai", "d", `{action: DENY, rules: [{from: [{source: {notPrincipals: ["*"]}}]}]}`)}, fact.Yes, ""},
		{"on its port", []string{authzDoc("ai", "d", `{action: DENY, rules: [{from: [{source: {notPrincipals: ["*"]}}], to: [{operation: {ports: ["9000"]}}]}]}`)}, fact.No, ""},
		{"Kubeflow: a token is required beside", []string{allow, authzDoc("ai", "d", `{action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}], to: [{operation: {notPaths: [/dex/*]}}]}]}`)}, fact.Yes, fact.Yes},
		{"CUSTOM", []string{allow, authzDoc("ai", "d", `{action: CUSTOM, provider: {name: x}, rules: [{}]}`)}, fact.Yes, fact.Yes},
		{"the mesh's default", []string{authzDoc("istio-system", "d", "{}")}, fact.Yes, ""},
		{"dry-run", []string{strings.Replace(authzDoc("ai", "d", "{}"), "name: d", `name: d, annotations: {istio.io/dry-run: "true"}`, 1)}, fact.No, ""},
		{"refused", []string{authzDoc("ai", "d", `{action: DENY}`)}, fact.Unknown, ""},
		{"AUDIT", []string{authzDoc("ai", "d", `{action: AUDIT, rules: [{}]}`)}, fact.No, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			policies, s := policiesOf(t, authzBase(sample.Sidecar, c.policies...))
			w := inventorytest.Workload(t, s, "ai/w[Pod]")
			if got := policies.Cover(w, w.Ports[0]).Covered; got != c.covered {
				t.Errorf("covered = %s, want %s", got, c.covered)
			}
			if c.guard != "" {
				if got := policyFacts(t, policies).Rules[0].OtherPolicyRestricts; got != c.guard {
					t.Errorf("guarded = %s, want %s", got, c.guard)
				}
			}
		})
	}
}

// Kubeflow's headers, and those that carry a credential, are not spoofable.
func TestSpoofableHeader(t *testing.T) {
	t.Parallel()
	when := func(key, values string) string {
		return `{when: [{key: "request.headers[` + key + `]", ` + values + `}]}`
	}
	for _, c := range []struct {
		spec string
		want bool
	}{
		{`{rules: [` + when("X-User", "values: [admin]") + `]}`, true},
		{`{rules: [` + when("kubeflow-userid", `notValues: ["*"]`) + `]}`, false},
		{`{rules: [` + when("x-user", `values: ["*"]`) + `]}`, false},
		{`{rules: [` + when("authorization", `values: ["Bearer *"]`) + `]}`, false},
		{`{rules: [` + when("x-api-key", `values: [abc]`) + `]}`, false},
		{`{rules: [{` + byFront + `, ` + when("x-user", "values: [admin]")[1:] + `]}`, false},
		{`{rules: [{from: [{source: {notPrincipals: [a]}}], ` + when("x-user", "values: [admin]")[1:] + `]}`, true},
		{`{rules: [` + when("Content-Type", "values: [application/json]") + `]}`, false},
		{`{action: DENY, rules: [` + when("x-user", "notValues: [admin]") + `]}`, true},
		{`{action: DENY, rules: [` + when("x-user", "values: [eve]") + `]}`, false},
		{`{action: DENY, rules: [{from: [{source: {notPrincipals: [a]}}], ` + when("x-user", "notValues: [admin]")[1:] + `]}`, false},
	} {
		if got := firstRule(t, sample.Sidecar, c.spec).Header.Spoofable; got != c.want {
			t.Errorf("%s: spoofable = %v, want %v", c.spec, got, c.want)
		}
	}
}

// https://istio.io/latest/docs/ops/best-practices/security/#authorization-policies
func TestEscapedPattern(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]string{
		`{action: DENY, rules: [{to: [{operation: {paths: [/admin*]}}]}]}`:                                                        "deny",
		`{action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}], to: [{operation: {hosts: [admin.example]}}]}]}`: "deny",
		`{action: DENY, rules: [{to: [{operation: {notPaths: [/v1/*]}}]}]}`:                                                       "none",
		`{action: DENY, rules: [{to: [{operation: {methods: [POST]}}]}]}`:                                                         "none",
		`{action: DENY, rules: [{to: [{operation: {paths: ["*"]}}]}]}`:                                                            "none",
		`{rules: [{to: [{operation: {notPaths: [/admin*]}}]}]}`:                                                                   "allow",
		`{rules: [{to: [{operation: {paths: [/v1/*], notPaths: [/v1/admin*]}}]}]}`:                                                "none",
		`{rules: [{` + byFront + `, to: [{operation: {notPaths: [/admin*]}}]}]}`:                                                  "none",
		`{rules: [{to: [{operation: {paths: [/v1/*]}}]}]}`:                                                                        "none",
	} {
		if got := firstRule(t, sample.Sidecar, spec).Pattern.Bypassable; got != want {
			t.Errorf("%s: escaped = %s, want %s", spec, got, want)
		}
	}
}

// https://istio.io/latest/docs/concepts/security/#dependency-on-mutual-tls
func TestPlaintextAndIdentity(t *testing.T) {
	t.Parallel()
	const (
		denyFront  = `{action: DENY, rules: [{` + byFront + `}]}`
		allowBut   = `{rules: [{from: [{source: {notNamespaces: [web]}}]}]}`
		allowFront = `{rules: [{` + byFront + `}]}`
	)
	for _, c := range []struct {
		name, labels, spec, mode string
		extra                    []string
		want                     string
	}{
		{"DENY principals under Istio's default", sample.Sidecar, denyFront, "", nil, "escapes"},
		{"under PERMISSIVE", sample.Sidecar, denyFront, "PERMISSIVE", nil, "escapes"},
		{"under STRICT", sample.Sidecar, denyFront, "STRICT", nil, "none"},
		{"by when", sample.Sidecar, `{action: DENY, rules: [{when: [{key: source.namespace, values: [web]}]}]}`, "", nil, "escapes"},
		{"ALLOW by negation", sample.Sidecar, allowBut, "", nil, "passes"},
		{"ALLOW by negation of authenticated callers", sample.Sidecar, `{rules: [{from: [{source: {principals: ["*"], notNamespaces: [web]}}]}]}`, "", nil, "none"},
		{"ALLOW is safe under PERMISSIVE", sample.Sidecar, allowFront, "PERMISSIVE", nil, "none"},
		{"and allows nobody under DISABLE", sample.Sidecar, allowFront, "DISABLE", nil, "nobody"},
		{"DENY by negation is safe", sample.Sidecar, `{action: DENY, rules: [{from: [{source: {notPrincipals: ["*"]}}]}]}`, "", nil, "none"},
		{"an ALLOW list denies plaintext anyway", sample.Sidecar, denyFront, "", []string{authzDoc("ai", "q", `{rules: [{from: [{source: {principals: ["*"]}}]}]}`)}, "none"},
		{"another port", sample.Sidecar, `{action: DENY, rules: [{` + byFront + `, to: [{operation: {ports: ["1234"]}}]}]}`, "", nil, "none"},
		{"Istio's default speaks for no unknown mesh", "a: b", denyFront, "", nil, "none"},
		{"ambient", sample.Ambient, denyFront, "", nil, "escapes"},
		{"dry-run is another rule's", sample.Sidecar, allowBut, "STRICT", nil, "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			extra := c.extra
			if c.mode != "" {
				extra = append(extra, sample.PeerAuthentication("ai", "m", "{mtls: {mode: "+c.mode+"}}"))
			}
			if got := firstRule(t, c.labels, c.spec, extra...).Identity.Plaintext; got != c.want {
				t.Errorf("plaintext = %s, want %s", got, c.want)
			}
		})
	}
}

// https://istio.io/latest/docs/tasks/security/authorization/authz-tcp/
func TestHTTPOnTCP(t *testing.T) {
	t.Parallel()
	to := func(fields string) string { return `rules: [{to: [{operation: {` + fields + `}}]}]` }
	for _, c := range []struct{ spec, want string }{
		{"{" + to(`methods: [GET]`) + "}", "some"},
		{"{" + to(`methods: [GET], ports: ["9000"]`) + "}", "all"},
		{"{" + to(`methods: [GET], ports: ["8080"]`) + "}", "none"},
		{"{" + to(`methods: [GET], ports: ["7000"]`) + "}", "none"},
		{"{" + to(`methods: [GET], notPorts: ["8080", "7000"]`) + "}", "all"},
		{"{" + to(`ports: ["9000"]`) + "}", "none"},
	} {
		if got := firstRule(t, sample.Sidecar, c.spec).TCPPorts; got != c.want {
			t.Errorf("%s: on TCP %s, want %s", c.spec, got, c.want)
		}
	}
	if got := firstRule(t, sample.Ambient, "{"+to(`methods: [GET]`)+"}"); got.TCPPorts != "none" || got.UnsupportedByZtunnel != fact.Yes {
		t.Errorf("ambient: on TCP %s, ztunnel %s", got.TCPPorts, got.UnsupportedByZtunnel)
	}
}

// Values that name nobody, or too many.
func TestAuthzReferences(t *testing.T) {
	t.Parallel()
	pod := func(name, app, account string) string {
		return fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: web, labels: {app: %s}}\nspec: {serviceAccountName: %s, containers: [{name: c, image: i}]}\n", name, app, account)
	}
	web := []string{pod("front", "front", "front"), pod("v1", "reviews", "reviews"), pod("v2", "reviews", "reviews"), pod("a", "a", "both"), pod("b", "b", "both")}
	from := func(field, value string) string {
		return `{rules: [{from: [{source: {` + field + `: ["` + value + `"]}}]}]}`
	}
	path := func(values string) string { return `{rules: [{to: [{operation: {paths: [` + values + `]}}]}]}` }
	for _, c := range []struct{ spec, want string }{
		{from("principals", "cluster.local/ns/web/sa/front"), ""},
		{from("principals", "cluster.local/ns/web/sa/frnt"), "no-account front"},
		{from("serviceAccounts", "web/nobody"), "no-account"},
		{from("principals", "another.mesh/ns/web/sa/nobody"), ""},
		{from("principals", "cluster.local/ns/elsewhere/sa/x"), ""},
		{from("principals", "spiffe://cluster.local/ns/web/sa/front"), "spiffe-prefix cluster.local/ns/web/sa/front"},
		{from("principals", "*/ns/web/sa/*"), "literal-wildcard"},
		{from("principals", "cluster.local/ns/web/sa/*"), ""},
		{from("namespaces", "a*b"), ""}, // a wildcard there
		{from("principals", "cluster.local/ns/web/sa/reviews"), ""},
		{from("principals", "cluster.local/ns/web/sa/both"), "shared-account"},
		{from("principals", "cluster.local/ns/elsewhere/sa/default"), "default-account"},
		{from("notPrincipals", "cluster.local/ns/web/sa/both"), ""},
		{path(`/a/*/b`), "literal-wildcard"},
		{path(`"*admin*"`), "literal-wildcard"},
		{path(`"/a/{*}/b"`), ""},
		{path(`"/dex/*", "/dex/**"`), ""},
		{`{rules: [{to: [{operation: {ports: ["80"]}}]}]}`, "service-port 8080"},
		{`{rules: [{to: [{operation: {ports: ["4242"]}}]}]}`, ""},
		{`{action: DENY, rules: [{to: [{operation: {ports: ["9000"]}}]}]}`, ""},
	} {
		var got []string
		for _, r := range firstRule(t, sample.Sidecar, c.spec, web...).References {
			got = append(got, r.Problem)
			for _, name := range []string{"suggestion", "target"} {
				if n := strings.Trim(r.Names[name], "`"); n != "" {
					got = append(got, n)
				}
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q, want %q", c.spec, s, c.want)
		}
	}
}

// Whether a token is required: by itself a RequestAuthentication lets requests
// without one through.
// https://istio.io/latest/docs/reference/config/security/request_authentication/
func TestTokenRequired(t *testing.T) {
	t.Parallel()
	request := func(spec string) string {
		return "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: r, namespace: ai}\nspec: " + spec + "\n"
	}
	all := request("{jwtRules: [{issuer: i}]}")
	for _, c := range []struct {
		name, labels string
		docs         []string
		want         fact.Tri
		ztunnel      fact.Tri
	}{
		{"nothing asks", sample.Sidecar, []string{all}, fact.No, fact.No},
		{"an ALLOW without a token in it", sample.Sidecar, []string{all, authzDoc("ai", "p", "{rules: [{"+byFront+"}]}")}, fact.No, fact.No},
		{"requestPrincipals", sample.Sidecar, []string{all, authzDoc("ai", "p", `{rules: [{from: [{source: {requestPrincipals: ["*"]}}]}]}`)}, fact.Yes, fact.No},
		{"a claim", sample.Sidecar, []string{all, authzDoc("ai", "p", `{rules: [{when: [{key: "request.auth.claims[iss]", values: [i]}]}]}`)}, fact.Yes, fact.No},
		{"for the mesh", sample.Sidecar, []string{all, authzDoc("istio-system", "p", `{action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}]}]}`)}, fact.Yes, fact.No},
		{"of another workload", sample.Sidecar, []string{all, authzDoc("ai", "p", `{selector: {matchLabels: {app: v}}, rules: [{from: [{source: {requestPrincipals: ["*"]}}]}]}`)}, fact.No, fact.No},
		{"a provider may ask", sample.Sidecar, []string{all, authzDoc("ai", "p", "{action: CUSTOM, provider: {name: x}, rules: [{}]}")}, fact.Yes, fact.No},
		{"a refused policy may", sample.Sidecar, []string{all, authzDoc("ai", "p", "{action: DENY}")}, fact.Unknown, fact.No},
		{"it selects nothing", sample.Sidecar, []string{request("{selector: {matchLabels: {app: v}}, jwtRules: [{issuer: i}]}")}, fact.Unknown, fact.No},
		{"ztunnel verifies nothing", sample.Ambient, []string{all}, fact.No, fact.Yes},
		{"a waypoint does", sample.Ambient + ", istio.io/use-waypoint: w", []string{all}, fact.Unknown, fact.No},
	} {
		policies, _ := policiesOf(t, authzBase(c.labels, c.docs...))
		for _, r := range policies.requests {
			if f := policies.requestFacts(r); f.TokenRequired != c.want || f.UnsupportedByZtunnel != c.ztunnel {
				t.Errorf("%s: required %s, ztunnel %s; want %s, %s", c.name, f.TokenRequired, f.UnsupportedByZtunnel, c.want, c.ztunnel)
			}
		}
	}
}

// The spelling that a message shows is one that the policy does not catch.
func TestSpelling(t *testing.T) {
	t.Parallel()
	merging := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: 'pathNormalization: {normalization: MERGE_SLASHES}'}\n"
	for _, c := range []struct {
		item, want string
		extra      []string
	}{
		{`paths: [/admin*]`, "`//admin`", nil},
		{`paths: [/admin, //admin, /x]`, "`///admin`", nil},
		{`paths: ["*/admin"]`, "`/admin/`", nil},
		{`hosts: [a.example]`, "`a.example:8080`", nil},
		{`hosts: ["a.example*"]`, "", nil},
		{`paths: [/admin*]`, "`/ADMIN`", []string{merging}},
		{`paths: [/1*]`, "", []string{merging}},
	} {
		f := firstRule(t, sample.Sidecar, "{action: DENY, rules: [{to: [{operation: {"+c.item+"}}]}]}", c.extra...).Pattern
		if got := f.Names["spelling"]; got != c.want || (f.Bypassable == "none") != (c.want == "") {
			t.Errorf("%s: %q (%s), want %q", c.item, got, f.Bypassable, c.want)
		}
	}
}

// A policy for a Service is its waypoint's:
// https://istio.io/latest/docs/reference/config/security/authorization-policy/ (targetRefs).
func TestTargets(t *testing.T) {
	t.Parallel()
	service := func(labels string) string {
		return "apiVersion: v1\nkind: Service\nmetadata: {name: v, namespace: ai, labels: {" + labels + "}}\nspec: {selector: {app: w}, ports: [{port: 80}]}\n"
	}
	for _, c := range []struct {
		name, labels, ref, service string
		found, waypoint            fact.Tri
	}{
		{"no waypoint", sample.Sidecar, "kind: Service, name: v", service(""), fact.Yes, fact.No},
		{"none is none", sample.Ambient, "kind: Service, name: v", service("istio.io/use-waypoint: none"), fact.Yes, fact.No},
		{"of the Service", sample.Ambient, "kind: Service, name: v", service("istio.io/use-waypoint: x"), fact.Yes, fact.Yes},
		{"of the namespace", sample.Ambient + ", istio.io/use-waypoint: x", "kind: Service, name: v", service(""), fact.Yes, fact.Yes},
		{"another tool decides", sample.Ambient, "kind: Service, name: v", service("istio.io/use-waypoint: '${WAYPOINT}'"), fact.Yes, fact.Unknown},
		{"no such Service", sample.Sidecar, "kind: Service, name: u", service(""), fact.No, fact.Unknown},
		{"no such Gateway", sample.Sidecar, "kind: Gateway, group: gateway.networking.k8s.io, name: u", service(""), fact.No, fact.Unknown},
		{"of another kind", sample.Sidecar, "kind: GatewayClass, group: gateway.networking.k8s.io, name: u", service(""), fact.Unknown, fact.Unknown},
	} {
		policies, _ := policiesOf(t, authzBase(c.labels, c.service, authzDoc("ai", "p", "{targetRefs: [{"+c.ref+"}]}")))
		f := policyFacts(t, policies).Targets[0]
		if f.Found != c.found || f.Waypoint != c.waypoint {
			t.Errorf("%s: found %s, waypoint %s; want %s, %s", c.name, f.Found, f.Waypoint, c.found, c.waypoint)
		}
	}
}
