package decode_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// problems lists the schema problems of a tree as "line:column problem message | help".
func problems(t *testing.T, manifests string) []string {
	t.Helper()
	m := analyzertest.Build(t, manifests)
	var out []string
	for i := range m.Subjects {
		s := &m.Subjects[i]
		if f, ok := s.Facts.(*fact.FieldFacts); ok {
			at := s.From.Locate().Start
			out = append(out, fmt.Sprintf("%d:%d %s %s | %s", at.Line, at.Col, f.Problem, s.Names["message"], s.Names["help"]))
		}
	}
	return out
}

func TestSchemaProblems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, manifest, want string }{
		{
			"typo", "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p\nspec:\n  podSelectors: {}\n",
			"6:3 unknown-field `podSelectors` is not a field of `spec` | did you mean `podSelector`?",
		},
		{
			"indented too far", "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p\nspec:\n  podSelector: {}\n  ingress:\n    - from:\n        - podSelector: {}\n          ports: []\n",
			"10:11 unknown-field `ports` is not a field of `spec.ingress[0].from[0]` | it belongs to `spec.ingress[0]`: check the indentation",
		},
		{
			"enum", "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p\nspec:\n  policyTypes: [ingress]\n",
			"6:17 not-in-enum `ingress` is not a value of `policyTypes` | did you mean Ingress? Allowed: Ingress, Egress",
		},
		{
			"boolean for a string", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ai\n  labels:\n    istio-injection: on\n",
			"6:22 wrong-type `istio-injection` takes a string, not the boolean `on` | put it in quotes",
		},
		{
			"matchExpressions in Istio", "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: p, namespace: ai}\nspec:\n  selector:\n    matchExpressions: []\n",
			"6:5 unknown-field `matchExpressions` is not a field of `spec.selector` | remove it: the API server refuses or drops unknown fields",
		},
		{
			"mode in lower case", "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: p, namespace: ai}\nspec:\n  mtls:\n    mode: strict\n",
			"6:11 not-in-enum `strict` is not a value of `mode` | did you mean STRICT? Allowed: UNSET, DISABLE, PERMISSIVE, STRICT",
		},
		{
			"portLevelMtls without selector", "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: p, namespace: ai}\nspec:\n  portLevelMtls:\n    8080: {mode: DISABLE}\n",
			"5:3 not-allowed portLevelMtls needs a selector: Istio refuses the whole policy without one | add spec.selector.matchLabels for the workload that the ports belong to",
		},
		{
			"empty peer", "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n  ingress:\n    - from:\n        - {}\n",
			"7:11 missing-field the peer is empty",
		},
		{
			"duplicate key", "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  selector: {app: a}\n  ports: []\n  selector: {app: b}\n",
			"7:3 duplicate-key `spec.selector` is written twice, on lines 5 and 7; only the last counts",
		},
		{
			"endPort with a name", "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n  ingress:\n    - ports:\n        - port: http\n          endPort: 9000\n",
			"8:20 not-allowed endPort needs a numeric port beside it",
		},
		{"port above the last", netpolOn("  ingress:\n    - ports: [{port: 70000}]\n"), "6:22 not-allowed 70000 is not a port number"},
		{"port 0", netpolOn("  egress:\n    - ports: [{port: 0}]\n"), "6:22 not-allowed 0 is not a port number"},
		{"endPort above the last", netpolOn("  ingress:\n    - ports: [{port: 8000, endPort: 70000}]\n"), "6:37 not-allowed 70000 is not a port number"},
		{"port name", netpolOn("  ingress:\n    - ports: [{port: Bad_Name!}]\n"), "6:22 not-allowed `Bad_Name!` is not a port name"},
		{"port name that is too long", netpolOn("  ingress:\n    - ports: [{port: sixteen-letters-}]\n"), "6:22 not-allowed `sixteen-letters-` is not a port name"},
		{"number in quotes", netpolOn("  ingress:\n    - ports: [{port: '8080'}]\n"), "6:22 not-allowed `8080` is not a port name: the API server refuses the whole object | write the number without quotes"},
		{"label value", netpolOn("  podSelector: {matchLabels: {app: a b!}}\n"), "5:36 not-allowed `a b!` is not a label value"},
		{"label key", netpolOn("  ingress:\n    - from: [{podSelector: {matchLabels: {'a b': c}}}]\n"), "6:43 not-allowed `a b` is not a label key"},
		{"value of an expression", netpolOn("  ingress:\n    - from: [{namespaceSelector: {matchExpressions: [{key: a, operator: In, values: [b, '-c']}]}}]\n"), "6:89 not-allowed `-c` is not a label value"},
		{"key of an expression", netpolOn("  egress:\n    - to: [{podSelector: {matchExpressions: [{key: a/b/c, operator: Exists}]}}]\n"), "6:52 not-allowed `a/b/c` is not a label key"},
		{"operator of an expression", netpolOn("  podSelector: {matchExpressions: [{key: a, operator: in, values: [b]}]}\n"), "5:55 not-in-enum `in`"},
		{"In without values", netpolOn("  podSelector: {matchExpressions: [{key: a, operator: In}]}\n"), "5:36 missing-field operator In needs values"},
		{"no operator", netpolOn("  podSelector: {matchExpressions: [{key: a, values: [b]}]}\n"), "5:36 missing-field a requirement needs an operator"},
		{"Exists with values", netpolOn("  podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}\n"), "5:63 not-allowed operator Exists takes no values"},
		{"three policy types", netpolOn("  policyTypes: [Ingress, Egress, Ingress]\n"), "5:3 not-allowed policyTypes has more than two entries"},
		{"wildcard in a selector of Istio", "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p}\nspec: {selector: {matchLabels: {app: 'a*'}}}\n", "4:38 not-allowed a selector has no wildcards"},
		{
			"except outside its block", "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n  ingress:\n    - from:\n        - ipBlock: {cidr: 10.0.0.0/8, except: [192.168.0.0/16]}\n",
			"7:48 not-allowed `192.168.0.0/16` is not strictly inside `10.0.0.0/8`",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := problems(t, c.manifest)
			if len(got) != 1 || !strings.HasPrefix(got[0], c.want) {
				t.Errorf("got\n  %s\nwant one that starts with\n  %s", strings.Join(got, "\n  "), c.want)
			}
		})
	}
}

func netpolOn(spec string) string {
	return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: ai}\nspec:\n" + spec
}

// What the API server refuses is not believed to isolate, and what it accepts is.
// kubernetes pkg/apis/networking/validation/validation.go (ValidateNetworkPolicySpec).
func TestRefusedPolicy(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]fact.Tri{
		"  podSelector: {}\n  ingress: [{ports: [{port: 65535}]}]\n":                      fact.Yes,
		"  podSelector: {}\n  ingress: [{ports: [{port: 8000, endPort: 65535}]}]\n":       fact.Yes,
		"  podSelector: {}\n  ingress: [{ports: [{port: fifteen-letters}]}]\n":            fact.Yes,
		"  podSelector: {}\n  ingress: [{ports: [{port: 65536}]}]\n":                      fact.Unknown,
		"  podSelector: {}\n  ingress: [{ports: [{port: 0}]}]\n":                          fact.Unknown,
		"  podSelector: {}\n  ingress: [{ports: [{port: 8000, endPort: 70000}]}]\n":       fact.Unknown,
		"  podSelector: {}\n  ingress: [{ports: [{port: Bad_Name!}]}]\n":                  fact.Unknown,
		"  podSelector: {matchExpressions: [{key: z, operator: NotIn, values: [a b]}]}\n": fact.Unknown,
	} {
		m := analyzertest.Build(t, sample.Join(sample.Namespace("a: b"), sample.Pod("", "", ""), netpolOn(spec)))
		if got := analyzertest.Workload(t, m, "ai/w[Pod]").Facts.Ingress.Isolated; got != want {
			t.Errorf("%s isolated: %s, want %s", spec, got, want)
		}
	}
}

// What another tool fills in is no mistake, and what a cluster wrote neither.
func TestSchemaSilence(t *testing.T) {
	t.Parallel()
	for name, manifest := range map[string]string{
		"placeholder for a number": "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  ports: [{port: \"${PORT}\"}]\n",
		"placeholders of a policy": netpolOn("  podSelector: {matchLabels: {app: \"${APP}\", '{{ key }}': x}, matchExpressions: [{key: $(KEY), operator: In, values: [<name>]}]}\n  ingress: [{ports: [{port: \"${PORT}\"}]}]\n"),
		"empty label value":        netpolOn("  podSelector: {matchLabels: {app: ''}}\n"),
		"status of an export":      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}}\nstatus: {}\n",
		"a version of the past":    "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: d}\nspec: {rollbackTo: {revision: 1}}\n",
		"quantities and times":     "apiVersion: v1\nkind: Pod\nmetadata: {name: p, creationTimestamp: null}\nspec: {containers: [{name: c, image: i, resources: {limits: {cpu: 2, memory: 1Gi}}}]}\n",
		"durations of Istio":       "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d}\nspec: {host: h, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 30ms}}, outlierDetection: {consecutive5xxErrors: 7}}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := problems(t, manifest); len(got) > 0 {
				t.Errorf("unexpected: %s", strings.Join(got, "\n"))
			}
		})
	}
}
