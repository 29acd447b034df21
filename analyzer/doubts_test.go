package analyzer

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/authz"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
)

// Each test of this file is about one guard that turns a claim into silence: a
// thing that the tree does not settle.

// A stray dash is only recognised where the tree holds every pod of the
// policy's namespace: else the pods that the second peer is for may be there.
func TestSplitPeerInAnOpenNamespace(t *testing.T) {
	const (
		split = `{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: shop}}}, {podSelector: {matchLabels: {app: front}}}]}]}`
		crd   = "apiVersion: example.org/v1\nkind: Mystery\nmetadata: {name: m, namespace: ai}\n"
	)
	for _, c := range []struct {
		name string
		more []string
		want fact.Tri
	}{
		{"every pod is known", nil, fact.Yes},
		{"a kind that may make pods", []string{crd}, fact.No},
	} {
		if f := policyFactsOf(t, append([]string{peerTree, in("ai", "pol", split)}, c.more...)...); f.Rules[0].SplitPeer != c.want {
			t.Errorf("%s: %s, want %s", c.name, f.Rules[0].SplitPeer, c.want)
		}
	}
}

// Of a namespace that the cluster fills, a policy of its own may select pods
// that the tree does not hold.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#working-with-namespaces
func TestPoliciesOfASharedNamespace(t *testing.T) {
	for namespace, want := range map[string]fact.Tri{"shop": fact.No, "kube-public": fact.Unknown, "openshift-dns": fact.Unknown, "istio-system": fact.Unknown} {
		f := policyFactsOf(t, declared(namespace), podIn(namespace, "server"), in(namespace, "pol", `{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: nobody}}}]}]}`))
		if got := f.Rules[0].Peers[0].Matches; got != want {
			t.Errorf("%s: the peer finds %s, want %s", namespace, got, want)
		}
	}
}

// Policies add up: one that may select the pod may admit what the others do not.
// https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
func TestAdmissionByAPolicyThatMaySelect(t *testing.T) {
	closed := in("ai", "closed", `{podSelector: {}}`)
	open := in("ai", "open", `{podSelector: {matchLabels: {app: a}}, ingress: [{}]}`)
	for labels, want := range map[string]fact.Tri{"app: b": fact.No, "app: a": fact.Yes, "app: '${APP}'": fact.Unknown} {
		f := portFacts(t, workload(t, build(t, docs(namespaceDoc("a: b"), pod(labels, "", ""), closed, open)), "ai/w[Pod]"), 8000)
		if f.Everyone.Admitted != want {
			t.Errorf("%s: everyone is admitted: %s, want %s", labels, f.Everyone.Admitted, want)
		}
	}
}

// Who may have no certificate is matched for certain by no rule about one.
// https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source
func TestAuthorizeACallerThatMayHaveNoCertificate(t *testing.T) {
	for spec, want := range map[string]fact.Verdict{
		`{rules: [{from: [{source: {namespaces: [web]}}]}]}`:               fact.Unsure,
		`{rules: [{from: [{source: {principals: ["*"]}}]}]}`:               fact.Unsure,
		`{action: DENY, rules: [{from: [{source: {namespaces: [web]}}]}]}`: fact.Unsure,
		`{rules: [{from: [{source: {namespaces: [shop]}}]}]}`:              fact.Denied,
		`{rules: [{}]}`: fact.Allowed,
	} {
		who := authz.Caller{Mesh: fact.Unknown, Namespace: "web", Account: "front"}
		if got := askAuthz(t, authzBase(sidecarLabel, authzDoc("ai", "p", spec)), 8080, who).Verdict; got != want {
			t.Errorf("%s: %s, want %s", spec, got, want)
		}
	}
}

// The webhook reads a pod's revision where the namespace names none.
// istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml
func TestRevisionOfTheNamespaceFirst(t *testing.T) {
	for namespace, want := range map[string]string{
		"a: b":                    "sidecar revision",
		"istio.io/rev: stable":    "sidecar revision",
		"istio.io/rev: '${REV}'":  "unknown unread",
		"istio-injection: 'none'": "none namespace-disabled",
	} {
		m := workload(t, build(t, docs(namespaceDoc(namespace), pod("istio.io/rev: canary", "", ""))), "ai/w[Pod]").Facts.Mesh
		if got := string(m.Member) + " " + m.Reason; got != want {
			t.Errorf("%s: %s, want %s", namespace, got, want)
		}
		if object := m.From.Object; want == "sidecar revision" && (object.Kind == "Namespace") != strings.Contains(namespace, "rev") {
			t.Errorf("%s: decided by the %s", namespace, object.Kind)
		}
	}
}

// Proxies of some releases send mutual TLS to the pods of headless Services
// whatever those take.
func TestOutcomeOfAHeadlessService(t *testing.T) {
	for clusterIP, want := range map[string]string{"": "plaintext", "clusterIP: None, ": "unknown"} {
		server := "apiVersion: v1\nkind: Service\nmetadata: {name: vllm, namespace: ai}\nspec: {" + clusterIP + "selector: {app: vllm}, ports: [{name: http, port: 8000, targetPort: 8000}]}\n"
		got := ""
		for row := range build(t, docs(clientNS, client, vllm, server, namespaceDoc(meshed), peerAuth("ai", "ns", disabled))).Sets.MTLSClients(mesh.MTLSOptions{}) {
			if row.Client.ID == "web/c[Pod]" && row.Port == 8000 {
				got = string(row.Outcome)
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", clusterIP, got, want)
		}
	}
}

// A policy for every pod of a namespace names a port for those that have it.
func TestNamedPortOfSomePods(t *testing.T) {
	other := func(port string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: other, namespace: ai, labels: {app: other}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: " + port + "}]}]}\n"
	}
	for _, c := range []struct{ name, selector, port, want string }{
		{"for every pod", `{}`, "8000", "all"},
		{"for both, one serves the number without the name", `{matchExpressions: [{key: app, operator: In, values: [server, other]}]}`, "8000", "some"},
		{"for both, one serves another number", `{matchExpressions: [{key: app, operator: In, values: [server, other]}]}`, "9000", "all"},
	} {
		f := policyFactsOf(t, peerTree, other(c.port), in("ai", "pol", `{podSelector: `+c.selector+`, ingress: [{ports: [{port: http}]}]}`))
		if got := f.Rules[0].Ports[0].Declared; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A call may reach a pod of the Service of which the port is not known, and
// which may take plaintext.
func TestOutsidersOfAServiceInPart(t *testing.T) {
	server := func(name, port string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", namespace: ai, labels: {app: s}}\nspec: {containers: [{name: c, image: i, ports: [{name: " + port + ", containerPort: 8000}]}]}\n"
	}
	const (
		service = "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ai}\nspec: {selector: {app: s}, ports: [{port: 80, targetPort: web}]}\n"
		outside = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: c, namespace: web}\nspec: {containers: [{name: c, image: i, env: [{name: URL, value: 'http://s.ai:80'}]}]}\n"
	)
	for second, want := range map[string]int{"web": 1, "grpc": 0} {
		m := build(t, docs(namespaceDoc(meshed), server("one", "web"), server("two", second), service, outside, peerAuth("ai", "ns", strict)))
		if got := len(portFacts(t, workload(t, m, "ai/one[Pod]"), 8000).PlaintextCallers); got != want {
			t.Errorf("the second pod names its port %s: %d outsiders, want %d", second, got, want)
		}
	}
}
