package authz

import (
	"fmt"
	rand "math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"go4.org/netipx"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/naive"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/inventorytest"
)

// The symbolic engine agrees with the naive evaluator on random policies: what
// it allows or denies holds for every request of the caller, and each single
// request is decided alike. AISEC_LONG=1 asks about ten times as many sets.
func TestAuthorizationAgainstNaive(t *testing.T) {
	t.Parallel()
	sets := uint64(naive.Draws())
	said := map[fact.Verdict]int{}
	lopsided := 0
	for seed := range sets {
		r := random{rand.New(rand.NewPCG(seed, 23))}
		ambient := seed%5 == 4
		policies := r.authzPolicies(ambient)
		text := authzTree(t, policies, ambient)
		s, inventory := policiesOf(t, text)
		w := inventorytest.Workload(t, inventory, "ai/w[Pod]")
		for _, client := range naiveCallers() {
			for _, port := range []int{8080, 9000, 7000} {
				answer := s.Authorize(w, port, client)
				said[answer.Verdict]++
				if answer.Verdict == fact.Conditional && answer.When == "" {
					t.Fatalf("seed %d: a conditional answer says no condition\n%s", seed, text)
				}
				seen := map[bool]int{}
				for range 30 {
					q := r.request(client, port)
					want := naiveAuthorize(policies, "ai", map[string]string{"app": "w"}, &q, ambient)
					seen[want]++
					if bad := disagree(answer.Verdict, want); bad {
						t.Fatalf("seed %d, port %d: %s, but %+v is allowed: %v\n%s", seed, port, answer.Verdict, q, want, text)
					}
					if !q.http {
						continue
					}
					one := s.authorizeRequest(w, port, client, &httpRequest{method: q.method, path: q.path, host: q.host, headers: q.headers, token: q.token})
					if disagree(one.Verdict, want) || one.Verdict == fact.Conditional || one.Verdict == fact.Undetermined && client.Addresses.IsValid() && !ambient {
						t.Fatalf("seed %d, port %d: one request is %s, but %+v is allowed: %v\n%s", seed, port, one.Verdict, q, want, text)
					}
				}
				if answer.Verdict == fact.Undetermined && client.Addresses.IsValid() && !ambient {
					t.Fatalf("seed %d, port %d: everything is known, and yet the answer is unknown\n%s", seed, port, text)
				}
				if answer.Verdict == fact.Conditional && len(seen) == 1 {
					lopsided++
				}
			}
		}
	}
	t.Logf("%v, conditional with equal samples: %d", said, lopsided)
	for _, v := range []fact.Verdict{fact.Allowed, fact.Denied, fact.Conditional, fact.Undetermined} {
		if said[v] < int(sets)/10 {
			t.Errorf("only %d answers are %s: the sets are not random enough", said[v], v)
		}
	}
}

func disagree(v fact.Verdict, allowed bool) bool {
	return v == fact.Allowed && !allowed || v == fact.Denied && allowed
}

func naiveCallers() []Caller {
	at := netip.MustParseAddr("10.1.2.3")
	from := netipx.IPRangeFrom(at, at)
	return []Caller{
		{Mesh: fact.No, Addresses: from},
		{Mesh: fact.Yes, Namespace: "web", Account: "front", Addresses: from},
		{Mesh: fact.Yes, Namespace: "ai", Account: "default", Addresses: from},
		{Mesh: fact.Yes, Namespace: "web", Account: "front"},
	}
}

// random draws policies, and requests that they tell apart.
type random struct{ *rand.Rand }

func (r random) pick(of ...string) string { return of[r.IntN(len(of))] }

func (r random) request(c Caller, port int) naiveRequest {
	q := naiveRequest{namespace: c.Namespace, account: c.Account, addr: r.pick("10.1.2.3", "192.0.2.1"), port: port}
	if c.Addresses.IsValid() {
		q.addr = "10.1.2.3"
	}
	q.http = port == 8080 || port == 7000 && r.IntN(2) == 0
	if q.http {
		q.method, q.path = r.pick("GET", "POST", "PUT"), r.pick("/", "/admin", "/admin/x", "/v1/models", "/v1/models/m/infer", "/v1/models/m/n/infer", "*")
		q.host, q.headers = r.pick("w.ai", "W.ai", "other"), map[string]string{}
		if r.IntN(2) == 0 {
			q.headers["x-user"] = r.pick("alice", "bob")
		}
		q.token = r.pick("", "", "issuer/alice", "issuer/bob")
	}
	return q
}

func authzTree(tb testing.TB, policies []naiveAuthz, ambient bool) string {
	tb.Helper()
	label := sample.Sidecar
	if ambient {
		label = sample.Ambient
	}
	out := []string{
		"apiVersion: v1\nkind: Namespace\nmetadata: {name: ai, labels: {" + label + "}}\n",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: w, namespace: ai, labels: {app: w}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}, {containerPort: 9000}, {containerPort: 7000}]}]}\n",
		"apiVersion: v1\nkind: Service\nmetadata: {name: w, namespace: ai}\nspec: {selector: {app: w}, ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp-x, port: 9000}, {name: x, port: 7000}]}\n",
	}
	for i := range policies {
		out = append(out, sample.JSON(tb, policies[i].document(fmt.Sprintf("p%d", i))))
	}
	return sample.Join(out...)
}

func (p *naiveAuthz) document(name string) map[string]any {
	spec := map[string]any{}
	if p.action != "" {
		spec["action"] = p.action
	}
	if p.selector != nil {
		spec["selector"] = map[string]any{"matchLabels": p.selector}
	}
	var rules []any
	for _, r := range p.rules {
		rule := map[string]any{}
		wrap := func(items []map[string][]string, list, key string) {
			var out []any
			for _, item := range items {
				out = append(out, map[string]any{key: item})
			}
			if len(out) > 0 {
				rule[list] = out
			}
		}
		wrap(r.from, "from", "source")
		wrap(r.to, "to", "operation")
		var when []any
		for _, w := range r.when {
			c := map[string]any{"key": w.key}
			if len(w.values) > 0 {
				c["values"] = w.values
			}
			if len(w.not) > 0 {
				c["notValues"] = w.not
			}
			when = append(when, c)
		}
		if len(when) > 0 {
			rule["when"] = when
		}
		rules = append(rules, rule)
	}
	if len(rules) > 0 {
		spec["rules"] = rules
	}
	meta := map[string]any{"name": name, "namespace": p.namespace}
	if p.dryRun {
		meta["annotations"] = map[string]string{"istio.io/dry-run": "true"}
	}
	return map[string]any{"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": meta, "spec": spec}
}

func (r random) authzPolicies(ambient bool) []naiveAuthz {
	var out []naiveAuthz
	for range r.IntN(5) {
		p := naiveAuthz{namespace: r.pick("ai", "ai", "ai", "istio-system", "web"), action: r.pick("", "ALLOW", "ALLOW", "DENY", "DENY", "AUDIT"), dryRun: r.IntN(8) == 0}
		if r.IntN(2) == 0 {
			p.selector = []map[string]string{{"app": "w"}, {"app": "w"}, {"app": "v"}}[r.IntN(3)]
		}
		rules := r.IntN(3)
		if p.action == "DENY" {
			rules++ // without rules istiod refuses it
		}
		for range rules {
			p.rules = append(p.rules, r.authzRule(p.action == "DENY" && ambient))
		}
		out = append(out, p)
	}
	return out
}

// authzRule draws a rule; layer4 leaves out what ztunnel does not know.
func (r random) authzRule(layer4 bool) naiveAuthzRule {
	var rule naiveAuthzRule
	sources := []string{"principals", "notPrincipals", "namespaces", "notNamespaces", "ipBlocks", "notIpBlocks", "requestPrincipals", "notRequestPrincipals", "serviceAccounts", "notServiceAccounts"}
	operations := []string{"ports", "notPorts", "methods", "notMethods", "paths", "notPaths", "hosts", "notHosts"}
	for range r.IntN(3) {
		rule.from = append(rule.from, r.authzFields(sources, layer4))
	}
	for range r.IntN(3) {
		rule.to = append(rule.to, r.authzFields(operations, layer4))
	}
	if r.IntN(3) == 0 {
		keys := map[string]string{"source.namespace": "namespaces", "source.principal": "principals", "source.ip": "ipBlocks", "destination.port": "ports", "request.headers[x-user]": "header", "request.auth.principal": "requestPrincipals"}
		names := []string{"source.namespace", "source.principal", "source.ip", "destination.port", "request.headers[x-user]", "request.auth.principal"}
		if layer4 {
			names = names[:4]
		}
		w := naiveWhen{key: r.pick(names...)}
		if r.IntN(2) == 0 {
			w.values = r.authzValues(keys[w.key])
		} else {
			w.not = r.authzValues(keys[w.key])
		}
		rule.when = append(rule.when, w)
	}
	return rule
}

func (r random) authzFields(names []string, layer4 bool) map[string][]string {
	out := map[string][]string{}
	for len(out) == 0 || r.IntN(3) == 0 {
		field := r.pick(names...)
		if layer4 && naiveHTTP(field) {
			continue
		}
		kind, negative := strings.CutPrefix(field, "not")
		out[field] = r.authzValues(strings.ToLower(kind[:1]) + kind[1:])
		if negative && r.IntN(4) == 0 {
			delete(out, field)
		}
	}
	accounts := func(k string) bool { return strings.Contains(strings.ToLower(k), "serviceaccounts") }
	keys := make([]string, 0, len(out))
	for k := range out {
		keys = append(keys, k)
	}
	if slices.ContainsFunc(keys, accounts) { // never beside principals or namespaces
		for _, k := range keys {
			if l := strings.ToLower(k); strings.HasSuffix(l, "principals") && !strings.Contains(l, "request") || strings.HasSuffix(l, "namespaces") {
				delete(out, k)
			}
		}
	}
	return out
}

func (r random) authzValues(kind string) []string {
	pool := map[string][]string{
		"principals":        {"*", "cluster.local/ns/web/sa/front", "cluster.local/ns/ai/sa/default", "cluster.local/ns/web/*", "*/sa/front", "*/ns/web/sa/front", "web"},
		"namespaces":        {"*", "web", "ai", "we*", "*b", "other"},
		"serviceAccounts":   {"web/front", "default", "ai/default", "front"},
		"ipBlocks":          {"10.0.0.0/8", "10.1.2.3", "192.0.2.0/24", "0.0.0.0/0"},
		"requestPrincipals": {"*", "issuer/alice", "issuer/*", "*/bob"},
		"ports":             {"8080", "9000", "7000", "80"},
		"methods":           {"GET", "POST", "*", "P*"},
		"paths":             {"*", "/admin", "/admin*", "/v1/*", "*/infer", "/v1/models/{*}/infer", "/v1/{**}"},
		"hosts":             {"w.ai", "W.AI", "*.ai", "*", "other"},
		"header":            {"*", "alice", "b*"},
	}[kind]
	out := []string{pool[r.IntN(len(pool))]}
	if r.IntN(3) == 0 {
		out = append(out, pool[r.IntN(len(pool))])
	}
	return out
}
