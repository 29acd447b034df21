package netpol_test

import (
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

func tier(kind, name, spec string) string {
	version := "v1alpha2"
	if kind != "ClusterNetworkPolicy" {
		version = "v1alpha1"
	}
	return "apiVersion: policy.networking.k8s.io/" + version + "\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec: " + spec + "\n"
}

// https://github.com/kubernetes-sigs/network-policy-api apis/v1alpha2/clusternetworkpolicy_types.go
// and apis/v1alpha1.
func TestConnectivityTiers(t *testing.T) {
	t.Parallel()
	closed := sample.NetworkPolicy("ai", "p", `{podSelector: {}}`)
	cnp := func(name, tierName, priority, action, more string) string {
		return tier("ClusterNetworkPolicy", name, "{tier: "+tierName+", priority: "+priority+", subject: {namespaces: {}}, ingress: [{action: "+action+", from: [{namespaces: {}}]"+more+"}]}")
	}
	toNetworks := func(networks string) string {
		return tier("ClusterNetworkPolicy", "a", "{tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: ["+networks+"]}]}]}")
	}
	for _, c := range []trap{
		{"18 Admin decides before NetworkPolicy [Tier]", []string{closed, cnp("a", "Admin", "1", "Accept", "")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"18 Deny is final [Action]", []string{cnp("a", "Admin", "1", "Deny", "")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"18 the lower priority value wins [Priority]", []string{cnp("a", "Admin", "2", "Deny", ""), cnp("b", "Admin", "1", "Accept", "")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"18 equal priorities are settled by nobody [Priority]", []string{cnp("a", "Admin", "1", "Deny", ""), cnp("b", "Admin", "1", "Accept", "")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Undetermined},
		{"18 Pass skips the rest of its tier [Action]", []string{cnp("a", "Admin", "1", "Pass", ""), cnp("b", "Admin", "2", "Deny", "")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"18 Pass leads to NetworkPolicy [Action]", []string{closed, cnp("a", "Admin", "1", "Pass", "")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"18 Baseline holds for pods that no NetworkPolicy selects [Tier]", []string{cnp("a", "Baseline", "1", "Deny", "")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"18 and for no others [Tier]", []string{sample.NetworkPolicy("ai", "p", `{podSelector: {}, ingress: [{}]}`), cnp("a", "Baseline", "1", "Deny", "")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"18 ports [Protocols]", []string{cnp("a", "Admin", "1", "Deny", ", protocols: [{tcp: {destinationPort: {number: 9090}}}]")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"18 a named port is the pod's [DestinationNamedPort]", []string{cnp("a", "Admin", "1", "Deny", ", protocols: [{destinationNamedPort: http}]")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"18 peers are pods: addresses are left alone [Namespaces]", []string{cnp("a", "Admin", "1", "Deny", "")}, sample.Outside, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"18 hostNetwork pods are no peers [Namespaces]", []string{cnp("a", "Admin", "1", "Deny", "")}, sample.AgentID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"18 networks [Networks]", []string{toNetworks("8.0.0.0/8")}, sample.FrontID, sample.Outside, "TCP", 80, fact.Denied},
		{"18 networks concern pods too, whose addresses are unknown [Networks]", []string{toNetworks("8.0.0.0/8")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Undetermined},
		{"18 all addresses are those of all pods [Networks]", []string{toNetworks(`0.0.0.0/0, "::/0"`)}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"18 what the API would refuse is unknown [MinItems]", []string{tier("ClusterNetworkPolicy", "a", "{tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny}]}")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Undetermined},
		{"18 AdminNetworkPolicy [v1alpha1]", []string{tier("AdminNetworkPolicy", "a", "{priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portNumber: {protocol: TCP, port: 8000}}]}]}")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"18 BaselineAdminNetworkPolicy [v1alpha1]", []string{tier("BaselineAdminNetworkPolicy", "default", "{subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: vllm}}}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}")}, sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
	} {
		c.check(t)
	}
}
