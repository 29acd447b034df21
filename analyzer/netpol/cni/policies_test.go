package cni_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader"
)

// mixedTown adds to the town a labelled namespace, a pod with an account of
// its own, and pods that only a Service tells of.
const mixedTown = `apiVersion: v1
kind: Namespace
metadata: {name: ai, labels: {team: ml, env: "${ENV}"}}
---
apiVersion: v1
kind: Pod
metadata: {name: job, namespace: ai, labels: {app: job, app.kubernetes.io/name: job, example.kubernetes.io/x: y}}
spec: {serviceAccountName: runner, containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Service
metadata: {name: hidden, namespace: far}
spec: {selector: {app: hidden}, ports: [{port: 80}]}
---
` + sample.Town

// left says which directions of which workload a policy leaves open: `vllm ie`.
func left(m *analyzer.Model) string {
	var out []string
	n := m.Sets[0].Network
	for _, w := range m.Workloads {
		in, eg := n.UnmodelledPolicy(w, fact.Ingress) != nil, n.UnmodelledPolicy(w, fact.Egress) != nil
		switch {
		case in && eg:
			out = append(out, w.Name+" ie")
		case in:
			out = append(out, w.Name+" i")
		case eg:
			out = append(out, w.Name+" e")
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

type leftCase struct{ name, kind, namespace, spec, want string }

func (c leftCase) check(t *testing.T, group string) {
	t.Helper()
	t.Run(c.name, func(t *testing.T) {
		t.Parallel()
		version, kind, _ := strings.Cut(c.kind, "/")
		head := "apiVersion: " + group + "/" + version + "\nkind: " + kind + "\nmetadata: {name: x"
		if c.namespace != "" {
			head += ", namespace: \"" + c.namespace + "\""
		}
		if got := left(analyzertest.Build(t, sample.Join(mixedTown, head+"}\n"+c.spec+"\n"))); got != c.want {
			t.Errorf("left open: %s, want %s", got, c.want)
		}
	})
}

// The workloads of mixedTown that are not on the host network, and with it.
const (
	allBoth  = "front ie, hidden ie, job ie, side ie, vllm ie"
	hostBoth = "agent ie, " + allBoth
)

// [cnp] is https://docs.cilium.io/en/stable/network/kubernetes/policy/, [l3]
// https://docs.cilium.io/en/stable/security/policy/layer3/, [intro]
// https://docs.cilium.io/en/stable/security/policy/intro/, [rule]
// cilium/cilium pkg/policy/api/rule.go and [utils] pkg/k8s/apis/cilium.io/utils.
func TestCiliumPolicies(t *testing.T) {
	t.Parallel()
	const cnp, ccnp = "v2/CiliumNetworkPolicy", "v2/CiliumClusterwideNetworkPolicy"
	selects := func(selector string) string { return "spec: {endpointSelector: " + selector + ", ingress: [{}]}" }
	for _, c := range []leftCase{
		{"pods of its namespace [cnp]", cnp, "ai", selects(`{}`), "job i, side i, vllm i"},
		{"matchLabels [l3]", cnp, "ai", selects(`{matchLabels: {app: vllm}}`), "vllm i"},
		{"nothing of the tree", cnp, "ai", selects(`{matchLabels: {app: other}}`), ""},
		{"matchLabels are ANDed [l3]", cnp, "ai", selects(`{matchLabels: {app: vllm, tier: web}}`), ""},
		{"k8s: is the pod's own label [l3]", cnp, "ai", selects(`{matchLabels: {"k8s:app": vllm}}`), "vllm i"},
		{"any: is from any source [l3]", cnp, "ai", selects(`{matchLabels: {"any:app": vllm}}`), "vllm i"},
		{"another source is not known", cnp, "ai", selects(`{matchLabels: {"container:app": vllm}}`), "job i, side i, vllm i"},
		{"another source and a label that is", cnp, "ai", selects(`{matchLabels: {"container:app": vllm, app: side}}`), "side i"},
		{"matchExpressions [l3]", cnp, "ai", selects(`{matchExpressions: [{key: "k8s:app", operator: In, values: [side, vllm]}]}`), "side i, vllm i"},
		{"NotIn with the key absent [l3]", cnp, "ai", selects(`{matchExpressions: [{key: tier, operator: NotIn, values: [model]}]}`), "job i, side i"},
		{"Exists [l3]", cnp, "ai", selects(`{matchExpressions: [{key: tier, operator: Exists}]}`), "vllm i"},
		{"DoesNotExist [l3]", cnp, "ai", selects(`{matchExpressions: [{key: "any:tier", operator: DoesNotExist}]}`), "job i, side i"},
		{"labels that Cilium leaves out of an identity [identity-relevant labels]", cnp, "ai", selects(`{matchExpressions: [{key: example.kubernetes.io/x, operator: DoesNotExist}]}`), "job i, side i, vllm i"},
		{"and those that it keeps [identity-relevant labels]", cnp, "ai", selects(`{matchExpressions: [{key: app.kubernetes.io/name, operator: DoesNotExist}]}`), "side i, vllm i"},
		{"reserved identities are no pods [l3]", cnp, "ai", selects(`{matchLabels: {"reserved:host": ""}}`), ""},
		{"written with a dot [utils]", cnp, "ai", selects(`{matchLabels: {"reserved.health": ""}}`), ""},
		{"an initialising pod has no labels yet [l3]", cnp, "ai", selects(`{matchLabels: {"reserved:init": ""}}`), "job i, side i, vllm i"},
		{"the namespace is its own, whatever the selector says [utils]", cnp, "ai", selects(`{matchLabels: {"k8s:io.kubernetes.pod.namespace": web, app: vllm}}`), "vllm i"},
		{"the service account is a label [cnp]", cnp, "ai", selects(`{matchLabels: {io.cilium.k8s.policy.serviceaccount: runner}}`), "job i"},
		{"and default if none is named [cnp]", cnp, "ai", selects(`{matchLabels: {"k8s:io.cilium.k8s.policy.serviceaccount": default}}`), "side i, vllm i"},
		{"the cluster's name is not known [cnp]", cnp, "ai", selects(`{matchLabels: {io.cilium.k8s.policy.cluster: one, app: vllm}}`), "vllm i"},
		{"ingress only [rule]", cnp, "ai", `spec: {endpointSelector: {}, ingress: [{fromEndpoints: [{}]}]}`, "job i, side i, vllm i"},
		{"egress only [rule]", cnp, "ai", `spec: {endpointSelector: {}, egress: [{toEntities: [world]}]}`, "job e, side e, vllm e"},
		{"ingressDeny [rule]", cnp, "ai", `spec: {endpointSelector: {}, ingressDeny: [{fromEntities: [world]}]}`, "job i, side i, vllm i"},
		{"egressDeny [rule]", cnp, "ai", `spec: {endpointSelector: {}, egressDeny: [{}]}`, "job e, side e, vllm e"},
		{"neither has no effect [rule: Rule]", cnp, "ai", `spec: {endpointSelector: {}, ingress: [], egress: null}`, ""},
		{"enableDefaultDeny [intro]", cnp, "ai", `spec: {endpointSelector: {}, enableDefaultDeny: {egress: true, ingress: false}}`, "job e, side e, vllm e"},
		{"rules without default deny still admit [intro]", cnp, "ai", `spec: {endpointSelector: {}, enableDefaultDeny: {ingress: false}, ingress: [{}]}`, "job i, side i, vllm i"},
		{"specs [cnp]", cnp, "ai", `specs: [{endpointSelector: {matchLabels: {app: vllm}}, ingress: [{}]}, {endpointSelector: {matchLabels: {app: side}}, egress: [{}]}]`, "side e, vllm i"},
		{"spec and specs [cnp]", cnp, "ai", "specs: [{endpointSelector: {matchLabels: {app: vllm}}, ingress: [{}]}]\nspec: {endpointSelector: {matchLabels: {app: side}}, egress: [{}]}", "side e, vllm i"},
		{"neither spec nor specs [utils]", cnp, "ai", ``, "job ie, side ie, vllm ie"},
		{"no selector [rule: Sanitize]", cnp, "ai", `spec: {ingress: [{}]}`, "job ie, side ie, vllm ie"},
		{"a node selector is for clusterwide policies [cnp]", cnp, "ai", `spec: {nodeSelector: {}, ingress: [{}]}`, ""},
		{"a placeholder for a label", cnp, "ai", selects(`{matchLabels: {app: "${APP}"}}`), "job i, side i, vllm i"},
		{"a placeholder for a selector", cnp, "ai", `spec: {endpointSelector: "${SELECTOR}", ingress: [{}]}`, "job i, side i, vllm i"},
		{"a placeholder for a rule", cnp, "ai", `spec: "${SPEC}"`, "job ie, side ie, vllm ie"},
		{"a placeholder for rules", cnp, "ai", `spec: {endpointSelector: {matchLabels: {app: vllm}}, egress: "${EGRESS}"}`, "vllm e"},
		{"a selector that is refused", cnp, "ai", selects(`{matchlabels: {app: vllm}}`), "job i, side i, vllm i"},
		{"a placeholder for its namespace", cnp, "${NS}", selects(`{matchLabels: {app: front}}`), "front i"},
		{"no namespace may be any", cnp, "", selects(`{matchLabels: {app: vllm}}`), "vllm i"},
		{"clusterwide [cnp]", ccnp, "", selects(`{}`), "front i, hidden i, job i, side i, vllm i"},
		{"clusterwide, by label; little is known of implied pods", ccnp, "", selects(`{matchLabels: {tier: model}}`), "hidden i, vllm i"},
		{"clusterwide, by namespace [l3]", ccnp, "", selects(`{matchLabels: {"k8s:io.kubernetes.pod.namespace": ai}}`), "job i, side i, vllm i"},
		{"clusterwide, by other namespaces [l3]", ccnp, "", selects(`{matchExpressions: [{key: "k8s:io.kubernetes.pod.namespace", operator: NotIn, values: [ai, far]}]}`), "front i"},
		{"clusterwide, by the namespace's label [l3]", ccnp, "", selects(`{matchLabels: {"k8s:io.cilium.k8s.namespace.labels.team": shop}}`), "front i, hidden i"},
		{"clusterwide, by its name label [l3]", ccnp, "", selects(`{matchLabels: {"k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name": web}}`), "front i"},
		{"a namespace label that is filled in", ccnp, "", selects(`{matchLabels: {"io.cilium.k8s.namespace.labels.env": prod, app: vllm}}`), "vllm i"},
		{"nodes, and with them the host network [host policies]", ccnp, "", `spec: {nodeSelector: {}, ingress: [{}]}`, "agent i"},
		{"routes [bgp]", "v2alpha1/CiliumBGPPeeringPolicy", "", `spec: {nodeSelector: {}}`, ""},
		{"an egress gateway may drop what leaves [egress gateway]", "v2/CiliumEgressGatewayPolicy", "", `spec: {}`, "front e, hidden e, job e, side e, vllm e"},
		{"a kind that nobody knows", "v3/CiliumMagicPolicy", "ai", ``, "job ie, side ie, vllm ie"},
		{"what is no policy", "v2alpha1/CiliumLoadBalancerIPPool", "", ``, ""},
	} {
		c.check(t, "cilium.io")
	}
}

// [np] is https://docs.tigera.io/calico/latest/reference/resources/networkpolicy,
// [gnp] .../globalnetworkpolicy, [wep] .../workloadendpoint, [felix]
// projectcalico/calico felix/calc/policy_sorter.go.
func TestCalicoPolicies(t *testing.T) {
	t.Parallel()
	const np, gnp = "v3/NetworkPolicy", "v3/GlobalNetworkPolicy"
	for _, c := range []leftCase{
		{"pods of its namespace [np]", np, "ai", `spec: {selector: "app == 'vllm'", types: [Ingress, Egress]}`, "vllm ie"},
		{"no selector is all [np]", np, "ai", `spec: {types: [Egress]}`, "job e, side e, vllm e"},
		{"types default to ingress [np]", np, "ai", `spec: {selector: all()}`, "job i, side i, vllm i"},
		{"types default to those with rules [np]", np, "ai", `spec: {egress: [{action: Deny}]}`, "job e, side e, vllm e"},
		{"to both [np]", np, "ai", `spec: {selector: has(tier), egress: [{action: Deny}], ingress: [{action: Pass}]}`, "vllm ie"},
		{"types win over rules [np]", np, "ai", `spec: {selector: has(tier), types: [Ingress], egress: [{action: Deny}]}`, "vllm i"},
		{"nothing of the tree", np, "ai", `spec: {selector: "app == 'front'"}`, ""},
		{"a label of Calico's own [wep]", np, "ai", `spec: {selector: "projectcalico.org/namespace == 'ai' && projectcalico.org/orchestrator == 'k8s' && app == 'vllm'"}`, "vllm i"},
		{"which other pods do not have [wep]", np, "ai", `spec: {selector: "projectcalico.org/namespace == 'web'"}`, ""},
		{"the service account [wep]", np, "ai", `spec: {selector: "projectcalico.org/serviceaccount == 'runner'"}`, "job i"},
		{"labels of service accounts are not read [np]", np, "ai", `spec: {selector: "app == 'vllm'", serviceAccountSelector: "role == 'x'"}`, "vllm i"},
		{"labels of accounts by profile are not read [wep]", np, "ai", `spec: {selector: "pcsa.role == 'x' && has(tier)"}`, "vllm i"},
		{"labels of the namespace by profile [wep]", gnp, "", `spec: {namespaceSelector: all(), selector: "pcns.team == 'ml' && app != 'job'"}`, "hidden i, side i, vllm i"},
		{"a selector that is refused", np, "ai", `spec: {selector: "app = vllm"}`, "job i, side i, vllm i"},
		{"a placeholder", np, "ai", `spec: {selector: "app == '${APP}'"}`, "job i, side i, vllm i"},
		{"a placeholder for types", np, "ai", `spec: {selector: has(tier), types: "${TYPES}"}`, "vllm ie"},
		{"a tier [np]", np, "ai", `spec: {tier: security, selector: has(tier), order: 10, ingress: [{action: Log}]}`, "vllm i"},
		{"global [gnp]", gnp, "", `spec: {selector: "app == 'front'", types: [Ingress]}`, "agent i, front i"},
		{"global, in namespaces by label [gnp]", gnp, "", `spec: {namespaceSelector: "team == 'shop'", types: [Egress]}`, "front e, hidden e"},
		{"by name [gnp]", gnp, "", `spec: {namespaceSelector: "projectcalico.org/name in {'web', 'mon'}", types: [Egress]}`, "front e"},
		{"global() is no namespace [np: selectors]", gnp, "", `spec: {namespaceSelector: global()}`, ""},
		{"rules for forwarded traffic [gnp: applyOnForward]", gnp, "", `spec: {selector: "role == 'node'", applyOnForward: true, types: [Ingress]}`, hostBoth},
		{"nothing is forwarded [gnp: applyOnForward]", gnp, "", `spec: {namespaceSelector: all(), selector: "role == 'node'", applyOnForward: false, types: [Ingress]}`, "hidden i"},
		{"staged policies decide nothing [stagednetworkpolicy]", "v3/StagedGlobalNetworkPolicy", "", `spec: {types: [Ingress]}`, ""},
		{"of Kubernetes either [stagedkubernetesnetworkpolicy]", "v3/StagedKubernetesNetworkPolicy", "ai", `spec: {podSelector: {}}`, ""},
		{"sets of networks are no policies [networkset]", "v3/GlobalNetworkSet", "", `spec: {nets: [10.0.0.0/8]}`, ""},
	} {
		c.check(t, "projectcalico.org")
	}
	for _, c := range []leftCase{
		{"stored without types, it is both [felix]", "v1/NetworkPolicy", "ai", `spec: {selector: has(tier), egress: [{action: Deny}]}`, "vllm ie"},
		{"stored with types [felix]", "v1/GlobalNetworkPolicy", "", `spec: {namespaceSelector: "team == 'ml'", selector: has(tier), types: [egress]}`, "hidden e, vllm e"},
	} {
		c.check(t, "crd.projectcalico.org")
	}
}

// [antrea] is https://antrea.io/docs/main/docs/antrea-network-policy/ and
// [types] antrea-io/antrea pkg/apis/crd/v1beta1/types.go.
func TestAntreaPolicies(t *testing.T) {
	t.Parallel()
	const np, cnp = "v1beta1/NetworkPolicy", "v1beta1/ClusterNetworkPolicy"
	rules := `, ingress: [{action: Drop}]}`
	for _, c := range []leftCase{
		{"pods of its namespace [types: AppliedTo]", np, "ai", `spec: {appliedTo: [{podSelector: {matchLabels: {app: vllm}}}]` + rules, "vllm i"},
		{"items are ORed [antrea]", np, "ai", `spec: {appliedTo: [{podSelector: {matchLabels: {app: vllm}}}, {podSelector: {matchLabels: {app: side}}}], egress: [{action: Allow}]}`, "side e, vllm e"},
		{"a direction without rules is left alone [antrea]", np, "ai", `spec: {appliedTo: [{podSelector: {}}], ingress: [], egress: [{action: Drop}]}`, "job e, side e, vllm e"},
		{"nothing of the tree", np, "ai", `spec: {appliedTo: [{podSelector: {matchLabels: {app: front}}}]` + rules, ""},
		{"each rule its own pods [antrea: appliedTo per rule]", np, "ai", `spec: {ingress: [{action: Drop, appliedTo: [{podSelector: {matchLabels: {app: vllm}}}]}], egress: [{action: Drop, appliedTo: [{podSelector: {matchLabels: {app: side}}}]}]}`, "side e, vllm i"},
		{"no pods at all is refused", np, "ai", `spec: {ingress: [{action: Drop}]}`, "job ie, side ie, vllm ie"},
		{"a group [types: AppliedTo.Group]", np, "ai", `spec: {appliedTo: [{group: g}]` + rules, "job i, side i, vllm i"},
		{"a namespace selector is the cluster policy's [types: AppliedTo]", np, "ai", `spec: {appliedTo: [{podSelector: {}, namespaceSelector: {matchLabels: {team: shop}}}]` + rules, "job i, side i, vllm i"},
		{"external entities are no pods [types: AppliedTo]", np, "ai", `spec: {appliedTo: [{externalEntitySelector: {}}]` + rules, ""},
		{"pods of every namespace [types: AppliedTo]", cnp, "", `spec: {priority: 5, tier: emergency, appliedTo: [{podSelector: {matchLabels: {app: front}}}]` + rules, "front i"},
		{"namespaces [types: AppliedTo]", cnp, "", `spec: {appliedTo: [{namespaceSelector: {matchLabels: {team: ml}}}]` + rules, "hidden i, job i, side i, vllm i"},
		{"pods and namespaces are ANDed [types: AppliedTo]", cnp, "", `spec: {appliedTo: [{podSelector: {matchLabels: {app: vllm}}, namespaceSelector: {matchLabels: {team: shop}}}]` + rules, ""},
		{"a service account [types: AppliedTo]", cnp, "", `spec: {appliedTo: [{serviceAccount: {name: runner, namespace: ai}}]` + rules, "front i, hidden i, job i, side i, vllm i"},
		{"nodes, and with them the host network [antrea: node NetworkPolicy]", cnp, "", `spec: {appliedTo: [{nodeSelector: {}}]` + rules, "agent i"},
		{"a placeholder", cnp, "", `spec: {appliedTo: [{podSelector: "${PODS}"}]` + rules, "front i, hidden i, job i, side i, vllm i"},
		{"a placeholder for everything", np, "ai", `spec: "${SPEC}"`, "job ie, side ie, vllm ie"},
		{"a placeholder for rules", np, "ai", `spec: {appliedTo: [{podSelector: {matchLabels: {app: vllm}}}], ingress: "${RULES}"}`, "vllm i"},
		{"what is no policy", "v1beta1/Tier", "", `spec: {priority: 1}`, ""},
		{"a kind that nobody knows", "v9/MagicPolicy", "", `spec: {}`, hostBoth},
	} {
		c.check(t, "crd.antrea.io")
	}
}

// https://ovn-kubernetes.io/features/network-security-controls/egress-firewall/
func TestOVNPolicies(t *testing.T) {
	t.Parallel()
	for _, c := range []leftCase{
		{"egress of the namespace", "v1/EgressFirewall", "ai", `spec: {egress: [{type: Deny, to: {cidrSelector: 0.0.0.0/0}}]}`, "job e, side e, vllm e"},
		{"routes decide nothing", "v1/AdminPolicyBasedExternalRoute", "", `spec: {}`, ""},
		{"nor do addresses", "v1/EgressIP", "", `spec: {}`, ""},
	} {
		c.check(t, "k8s.ovn.org")
	}
	leftCase{"before OVN [docs.openshift.com]", "v1/EgressNetworkPolicy", "web", `spec: {egress: []}`, "front e"}.check(t, "network.openshift.io")
}

// Facts, rows and explanations know the workload and the direction that a
// policy leaves open, and name the policy.
func TestOtherPoliciesDecideNothingElse(t *testing.T) {
	t.Parallel()
	cilium := func(spec string) string {
		return "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x, namespace: ai}\nspec: " + spec + "\n"
	}
	closed := sample.NetworkPolicy("ai", "p", `{podSelector: {}}`)
	onVLLM := `{endpointSelector: {matchLabels: {app: vllm}}, ingress: [{}]}`
	for _, c := range []struct {
		name      string
		manifests []string
		src, dst  string
		port      int
		want      fact.Verdict
	}{
		{"19 a pod that it selects", []string{closed, cilium(onVLLM)}, sample.FrontID, sample.VLLMID, 8000, fact.Undetermined},
		{"19 its neighbour", []string{closed, cilium(onVLLM)}, sample.FrontID, sample.SideID, 7000, fact.Denied},
		{"19 another direction", []string{cilium(onVLLM)}, sample.VLLMID, sample.FrontID, 80, fact.Allowed},
		{"19 egress", []string{cilium(`{endpointSelector: {matchLabels: {app: vllm}}, egress: [{}]}`)}, sample.VLLMID, sample.FrontID, 80, fact.Undetermined},
		{"19 egress leaves ingress alone", []string{cilium(`{endpointSelector: {matchLabels: {app: vllm}}, egress: [{}]}`)}, sample.FrontID, sample.VLLMID, 8000, fact.Allowed},
		{"19 host policies concern the host network", []string{"apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: x}\nspec: {nodeSelector: {}, ingress: [{}]}\n"}, sample.FrontID, sample.AgentID, 80, fact.Undetermined},
		{"19 and policies for pods do not", []string{"apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: x}\nspec: {endpointSelector: {matchLabels: {app: agent}}, ingress: [{}]}\n"}, sample.FrontID, sample.AgentID, 80, fact.Allowed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			analyzertest.CheckVerdict(t, append([]string{sample.Town}, c.manifests...), c.src, c.dst, "TCP", c.port, c.want)
		})
	}
	m := analyzertest.Build(t, sample.Join(sample.Town, cilium(onVLLM)))
	for id, want := range map[string][2]fact.Tri{sample.VLLMID: {fact.Unknown, fact.No}, sample.SideID: {fact.No, fact.No}, sample.FrontID: {fact.No, fact.No}} {
		if f := analyzertest.Workload(t, m, id).Facts; f.Ingress.Isolated != want[0] || f.Egress.Isolated != want[1] {
			t.Errorf("%s: ingress %s, egress %s; want %s", id, f.Ingress.Isolated, f.Egress.Isolated, want)
		}
	}
	if got := m.Unknowns; len(got) != 1 || !strings.Contains(got[0], "`"+sample.VLLMID+"`: CiliumNetworkPolicy `ai/x` is of a kind") {
		t.Errorf("unknowns = %q", got)
	}
	reasons, _, err := m.Sets.Why(sample.FrontID, sample.VLLMID, 8000)
	if err != nil || !slices.ContainsFunc(reasons, func(r fact.Reason) bool { return r.Object.Kind == "CiliumNetworkPolicy" }) {
		t.Errorf("why = %v, %v", reasons, err)
	}
}

// A document of such a kind that could not be read leaves everything open.
func TestOtherPoliciesUnread(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]fact.Tri{"CiliumNetworkPolicy": fact.Unknown, "GlobalNetworkPolicy": fact.Unknown, "AdminNetworkPolicy": fact.Unknown, "ConfigMap": fact.No} {
		broken := "apiVersion: x/v1\nkind: " + kind + "\nmetadata: {name: x, namespace: ai}\nspec: {a: [\n"
		tree, err := loader.Load(t.Context(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(sample.Join(sample.Town, broken))})
		if err != nil || len(tree.Problems) == 0 {
			t.Fatalf("%s: %v, problems %v", kind, err, tree.Problems)
		}
		m := analyzer.Build(t.Context(), tree)
		if got := analyzertest.Workload(t, m, sample.VLLMID).Facts.Ingress.Isolated; got != want {
			t.Errorf("%s: isolated = %s, want %s", kind, got, want)
		}
		_, verdict, err := m.Sets.Why(sample.FrontID, sample.VLLMID, 8000)
		if err != nil || verdict != map[fact.Tri]fact.Verdict{fact.Unknown: fact.Undetermined, fact.No: fact.Allowed}[want] {
			t.Errorf("%s: why = %s, %v", kind, verdict, err)
		}
	}
}

// Whatever stands in a field, nothing panics, and a rule for whom nobody knows
// leaves something open.
func TestOtherPoliciesOfAnyShape(t *testing.T) {
	t.Parallel()
	kinds := []string{
		"cilium.io/v2/CiliumNetworkPolicy", "cilium.io/v2/CiliumClusterwideNetworkPolicy", "projectcalico.org/v3/NetworkPolicy",
		"crd.projectcalico.org/v1/GlobalNetworkPolicy", "crd.antrea.io/v1beta1/NetworkPolicy", "crd.antrea.io/v1beta1/ClusterNetworkPolicy",
		"k8s.ovn.org/v1/EgressFirewall", "policy.networking.k8s.io/v1alpha2/ClusterNetworkPolicy",
	}
	shapes := []string{
		`spec: null`, `spec: []`, `spec: 1`, `specs: {}`, `specs: [null, 1, []]`, `spec: {endpointSelector: [], ingress: {}}`,
		`spec: {endpointSelector: {matchLabels: []}, ingress: 1}`, `spec: {endpointSelector: {matchExpressions: [{}]}, egress: [null]}`,
		`spec: {nodeSelector: 1, endpointSelector: null, enableDefaultDeny: []}`, `spec: {selector: [], types: {}, ingress: [null]}`,
		`spec: {selector: 1, namespaceSelector: {}, types: [null, 1]}`, `spec: {appliedTo: {}, ingress: [1]}`, `spec: {appliedTo: [null, 1, []], egress: [{}]}`,
		`spec: {ingress: [null, {appliedTo: [{podSelector: []}]}]}`, `spec: {subject: [], tier: {}, priority: x}`, `spec: {subject: {pods: null}, ingress: [null]}`,
	}
	for _, full := range kinds {
		i := strings.LastIndex(full, "/")
		for _, shape := range shapes {
			m := analyzertest.Build(t, sample.Join(mixedTown, "apiVersion: "+full[:i]+"\nkind: "+full[i+1:]+"\nmetadata: {name: x, namespace: ai}\n"+shape+"\n"))
			if _, _, err := m.Sets.Why(sample.FrontID, sample.VLLMID, 8000); err != nil {
				t.Errorf("%s %s: %v", full, shape, err)
			}
			if strings.HasPrefix(full, "cilium") && strings.Contains(shape, "matchExpressions") && left(m) == "" {
				t.Errorf("%s %s leaves nothing open", full, shape)
			}
		}
	}
}
