package netpol_test

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// Every field of both generations, and what either refuses. [v1alpha2],
// [v1alpha1] and [v1beta1] are
// https://github.com/kubernetes-sigs/network-policy-api apis/<version>, by the
// field whose comment or kubebuilder marker is meant.
func TestTierAPI(t *testing.T) {
	t.Parallel()
	cnp := func(spec string) []string {
		return []string{tier("ClusterNetworkPolicy", "a", "{tier: Admin, priority: 1, subject: {namespaces: {}}, "+spec+"}")}
	}
	anp := func(spec string) []string {
		return []string{tier("AdminNetworkPolicy", "a", "{priority: 1, subject: {namespaces: {}}, "+spec+"}")}
	}
	banp := func(spec string) []string {
		return []string{tier("BaselineAdminNetworkPolicy", "default", "{subject: {namespaces: {}}, "+spec+"}")}
	}
	subject := func(subject string) []string {
		return []string{tier("ClusterNetworkPolicy", "a", "{tier: Admin, priority: 1, subject: "+subject+", ingress: [{action: Deny, from: [{namespaces: {}}]}]}")}
	}
	deny := func(protocols string) []string {
		return cnp("ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [" + protocols + "]}]")
	}
	denyOld := func(ports string) []string {
		return anp("ingress: [{action: Deny, from: [{namespaces: {}}], ports: [" + ports + "]}]")
	}
	from := func(peers string) []string { return cnp("ingress: [{action: Deny, from: [" + peers + "]}]") }
	to := func(peers string) []string { return cnp("egress: [{action: Deny, to: [" + peers + "]}]") }
	rules := func(n int, rule string) string { return strings.Repeat(rule+", ", n-1) + rule }
	const passAll, denyAll = "{action: Pass, from: [{pods: {podSelector: {matchLabels: {app: none}}}}]}", "{action: Deny, from: [{namespaces: {}}]}"
	beta := func(spec string) []string {
		return []string{strings.Replace(cnp(spec)[0], "v1alpha2", "v1beta1", 1)}
	}
	for _, c := range []trap{
		// Subjects.
		{"pods [v1alpha2: Subject.Pods]", subject(`{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: vllm}}}}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Denied},
		{"other pods [v1alpha2: Subject.Pods]", subject(`{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: vllm}}}}`), sample.FrontID, sample.SideID, "TCP", 1, fact.Allowed},
		{"pods of every namespace if none is named [v1alpha2: NamespacedPod.NamespaceSelector]", subject(`{pods: {podSelector: {}}}`), sample.FrontID, sample.SideID, "TCP", 1, fact.Denied},
		{"the pods must be named [v1alpha2: NamespacedPod.PodSelector]", subject(`{pods: {namespaceSelector: {}}}`), sample.FrontID, sample.SideID, "TCP", 1, fact.Undetermined},
		{"namespaces [v1alpha2: Subject.Namespaces]", subject(`{namespaces: {matchLabels: {team: shop}}}`), sample.SideID, sample.FrontID, "TCP", 1, fact.Denied},
		{"of which nothing is known [v1alpha2: Subject.Namespaces]", subject(`{namespaces: {matchLabels: {team: ml}}}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"one field only [v1alpha2: Subject, MaxProperties]", subject(`{namespaces: {}, pods: {podSelector: {}}}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"one field at least [v1alpha2: Subject, MinProperties]", subject(`{}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"networks are no subject [v1alpha2: Subject]", subject(`{networks: [10.0.0.0/8]}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"hostNetwork pods are no subject [v1alpha2: Subject]", subject(`{namespaces: {}}`), sample.FrontID, sample.AgentID, "TCP", 1, fact.Allowed},
		// Peers.
		{"sameLabels of the first v1alpha1 [v1alpha1: NamespaceSet]", anp("ingress: [{action: Deny, from: [{namespaces: {sameLabels: [team]}}]}]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"notSameLabels of the first v1alpha1 [v1alpha1: NamespaceSet]", anp("ingress: [{action: Deny, from: [{namespaces: {notSameLabels: [team]}}]}]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"namespaceSelector of the first v1alpha1 [v1alpha1: NamespaceSet]", anp("ingress: [{action: Deny, from: [{namespaces: {namespaceSelector: {}}}]}]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"an empty peer fails closed, or is refused [v1alpha2: IngressPeer]", from(`{}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"a null peer [v1alpha2: IngressPeer]", from(`null`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"two fields of a peer [v1alpha2: IngressPeer, MaxProperties]", from(`{namespaces: {}, pods: {podSelector: {}}}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"no peers [v1alpha2: From, MinItems]", from(``), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"peers left out [v1alpha2: From]", cnp("ingress: [{action: Deny}]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"26 peers [v1alpha2: From, MaxItems]", from(rules(26, "{namespaces: {}}")), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"26 peers are few in v1alpha1 [v1alpha1: From, MaxItems]", anp("ingress: [{action: Deny, from: [" + rules(26, "{namespaces: {}}") + "]}]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Denied},
		{"peers are ORed [v1alpha2: From]", from(`{namespaces: {matchLabels: {team: none}}}, {pods: {podSelector: {matchLabels: {app: front}}}}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Denied},
		{"networks in ingress [v1alpha2: IngressPeer]", from(`{networks: [0.0.0.0/0]}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"to in ingress [v1alpha2: IngressRule]", cnp("ingress: [{action: Deny, from: [{namespaces: {}}], to: [{namespaces: {}}]}]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"from in egress [v1alpha2: EgressRule]", cnp("egress: [{action: Deny, from: [{namespaces: {}}], to: [{namespaces: {}}]}]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		// Networks, nodes and domain names.
		{"a network's address [v1alpha2: Networks]", to(`{networks: [8.0.0.0/8]}`), sample.FrontID, sample.Outside, "TCP", 1, fact.Denied},
		{"another address [v1alpha2: Networks]", to(`{networks: [9.0.0.0/8]}`), sample.FrontID, sample.Outside, "TCP", 1, fact.Allowed},
		{"bits beside the prefix [v1alpha2: CIDR]", to(`{networks: [8.1.2.3/8]}`), sample.FrontID, sample.Outside, "TCP", 1, fact.Denied},
		{"which v1beta1 refuses [v1beta1: CIDR]", beta("egress: [{action: Deny, to: [{networks: [8.1.2.3/8]}]}]"), sample.FrontID, sample.Outside, "TCP", 1, fact.Undetermined},
		{"no CIDR [v1alpha2: CIDR]", to(`{networks: [8.8.8.8]}`), sample.FrontID, sample.Outside, "TCP", 1, fact.Undetermined},
		{"no networks [v1alpha2: Networks, MinItems]", to(`{networks: []}`), sample.FrontID, sample.Outside, "TCP", 1, fact.Undetermined},
		{"26 networks [v1alpha2: Networks, MaxItems]", to(`{networks: [` + rules(26, "9.0.0.0/8") + `]}`), sample.FrontID, sample.Outside, "TCP", 1, fact.Undetermined},
		{"IPv4 alone, of a pod that may have either [v1alpha2: Networks]", to(`{networks: [0.0.0.0/0]}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"a pod that an earlier rule passes [v1alpha2: Networks]", cnp(`egress: [{action: Pass, to: [{namespaces: {}}]}, {action: Deny, to: [{networks: [0.0.0.0/0, "::/0"]}]}]`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Allowed},
		{"and the addresses behind it [v1alpha2: Networks]", cnp(`egress: [{action: Pass, to: [{namespaces: {}}]}, {action: Deny, to: [{networks: [0.0.0.0/0, "::/0"]}]}]`), sample.FrontID, sample.Outside, "TCP", 1, fact.Denied},
		{"nodes are addresses that nobody knows [v1alpha2: Nodes]", to(`{nodes: {}}`), sample.FrontID, sample.Outside, "TCP", 1, fact.Undetermined},
		{"and those of hostNetwork pods [v1alpha2: Nodes]", to(`{nodes: {}}`), sample.FrontID, sample.AgentID, "TCP", 1, fact.Undetermined},
		{"and of no other pods [v1alpha2: Nodes]", to(`{nodes: {}}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Allowed},
		{"domain names are addresses that nobody knows [v1alpha2: DomainNames]", cnp("egress: [{action: Accept, to: [{domainNames: [example.com]}]}, {action: Deny, to: [{networks: [8.0.0.0/8]}]}]"), sample.FrontID, sample.Outside, "TCP", 1, fact.Undetermined},
		{"domain names are accepted only [v1alpha2: DomainNames]", to(`{domainNames: [example.com]}, {networks: [8.0.0.0/8]}`), sample.FrontID, "9.9.9.9", "TCP", 1, fact.Undetermined},
		{"addresses name no ports [v1alpha2: EgressRule, XValidation]", cnp("egress: [{action: Deny, to: [{networks: [8.0.0.0/8]}], protocols: [{destinationNamedPort: http}]}]"), sample.FrontID, sample.Outside, "TCP", 1, fact.Undetermined},
		// Protocols of v1alpha2.
		{"a number [v1alpha2: Port.Number]", deny(`{tcp: {destinationPort: {number: 8000}}}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"of its protocol [v1alpha2: UDP]", deny(`{udp: {destinationPort: {number: 8000}}}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"sctp [v1alpha2: SCTP]", deny(`{sctp: {destinationPort: {number: 8000}}}`), sample.FrontID, sample.VLLMID, "SCTP", 8000, fact.Denied},
		{"the start of a range [v1alpha2: PortRange]", deny(`{tcp: {destinationPort: {range: {start: 7999, end: 8000}}}}`), sample.FrontID, sample.VLLMID, "TCP", 7999, fact.Denied},
		{"the end of a range [v1alpha2: PortRange]", deny(`{tcp: {destinationPort: {range: {start: 7999, end: 8000}}}}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"beyond a range [v1alpha2: PortRange]", deny(`{tcp: {destinationPort: {range: {start: 7999, end: 8000}}}}`), sample.FrontID, sample.VLLMID, "TCP", 8001, fact.Allowed},
		{"a range of one [v1alpha2: PortRange, XValidation]", deny(`{tcp: {destinationPort: {range: {start: 8000, end: 8000}}}}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Undetermined},
		{"a range backwards [v1alpha2: PortRange, XValidation]", deny(`{tcp: {destinationPort: {range: {start: 9000, end: 8000}}}}`), sample.FrontID, sample.VLLMID, "TCP", 8500, fact.Undetermined},
		{"a number and a range [v1alpha2: Port, MaxProperties]", deny(`{tcp: {destinationPort: {number: 1, range: {start: 2, end: 3}}}}`), sample.FrontID, sample.VLLMID, "TCP", 9, fact.Undetermined},
		{"neither [v1alpha2: Port, MinProperties]", deny(`{tcp: {destinationPort: {}}}`), sample.FrontID, sample.VLLMID, "TCP", 9, fact.Undetermined},
		{"no port [v1alpha2: TCP, MinProperties]", deny(`{tcp: {}}`), sample.FrontID, sample.VLLMID, "TCP", 9, fact.Undetermined},
		{"two protocols in one [v1alpha2: Protocol, MaxProperties]", deny(`{tcp: {destinationPort: {number: 1}}, udp: {destinationPort: {number: 1}}}`), sample.FrontID, sample.VLLMID, "TCP", 9, fact.Undetermined},
		{"a port too high [v1alpha2: Port.Number, Maximum]", deny(`{tcp: {destinationPort: {number: 65536}}}`), sample.FrontID, sample.VLLMID, "TCP", 9, fact.Undetermined},
		{"a name has the pod's number and protocol [v1alpha2: DestinationNamedPort]", deny(`{destinationNamedPort: gossip}`), sample.FrontID, sample.VLLMID, "UDP", 7946, fact.Denied},
		{"and no other protocol [v1alpha2: DestinationNamedPort]", deny(`{destinationNamedPort: gossip}`), sample.FrontID, sample.VLLMID, "TCP", 7946, fact.Allowed},
		{"a name that the pod does not have [v1alpha2: DestinationNamedPort]", deny(`{destinationNamedPort: grpc}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Allowed},
		{"an empty list [v1alpha2: Protocols, MinItems]", deny(``), sample.FrontID, sample.VLLMID, "TCP", 9, fact.Undetermined},
		{"26 protocols [v1alpha2: Protocols, MaxItems]", deny(rules(26, "{tcp: {destinationPort: {number: 1}}}")), sample.FrontID, sample.VLLMID, "TCP", 9, fact.Undetermined},
		{"the old ports [v1alpha2: IngressRule]", cnp("ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portNumber: {port: 1}}]}]"), sample.FrontID, sample.VLLMID, "TCP", 9, fact.Undetermined},
		// Ports of v1alpha1.
		{"portNumber [v1alpha1: Port]", denyOld(`{portNumber: {protocol: UDP, port: 53}}`), sample.FrontID, sample.VLLMID, "UDP", 53, fact.Denied},
		{"the protocol defaults to TCP [v1alpha1: Port]", denyOld(`{portNumber: {port: 8000}}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"and to no other [v1alpha1: Port]", denyOld(`{portNumber: {port: 8000}}`), sample.FrontID, sample.VLLMID, "UDP", 8000, fact.Allowed},
		{"portRange [v1alpha1: PortRange]", denyOld(`{portRange: {start: 1, end: 65535}}`), sample.FrontID, sample.VLLMID, "TCP", 65535, fact.Denied},
		{"a range backwards [v1alpha1: PortRange]", denyOld(`{portRange: {start: 9, end: 8}}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"namedPort [v1alpha1: NamedPort]", denyOld(`{namedPort: http}`), sample.FrontID, sample.VLLMID, "TCP", 8000, fact.Denied},
		{"two fields [v1alpha1: Port, MaxProperties]", denyOld(`{namedPort: http, portNumber: {port: 1}}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"a protocol that there is not [v1alpha1: Port]", denyOld(`{portNumber: {protocol: ICMP, port: 1}}`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"the new protocols [v1alpha1: IngressRule]", anp("ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{destinationNamedPort: http}]}]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"allPorts of the first v1alpha1 [v1alpha1: Ports]", anp("ingress: [{action: Deny, from: [{namespaces: {}}], ports: {allPorts: true}}]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		// Actions, rules and priorities.
		{"Allow is v1alpha1's [v1alpha2: Action]", cnp("ingress: [{action: Allow, from: [{namespaces: {}}]}]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"Accept is v1alpha2's [v1alpha1: Action]", anp("ingress: [{action: Accept, from: [{namespaces: {}}]}]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"the first rule that matches [v1alpha2: Ingress]", cnp("ingress: [" + denyAll + ", {action: Accept, from: [{namespaces: {}}]}]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Denied},
		{"25 rules [v1alpha2: Ingress, MaxItems]", cnp("ingress: [" + rules(24, passAll) + ", " + denyAll + "]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Denied},
		{"26 rules [v1alpha2: Ingress, MaxItems]", cnp("ingress: [" + rules(25, passAll) + ", " + denyAll + "]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"26 rules are few in v1alpha1 [v1alpha1: Ingress, MaxItems]", anp("ingress: [" + rules(26, denyAll) + "]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Denied},
		{"no rules affect nothing [v1alpha2: Ingress]", cnp("egress: []"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Allowed},
		{"priority 1000 [v1alpha2: Priority, Maximum]", []string{tier("ClusterNetworkPolicy", "a", "{tier: Admin, priority: 1000, subject: {namespaces: {}}, ingress: ["+denyAll+"]}")}, sample.FrontID, sample.VLLMID, "TCP", 1, fact.Denied},
		{"priority 1001 [v1alpha2: Priority, Maximum]", []string{tier("ClusterNetworkPolicy", "a", "{tier: Admin, priority: 1001, subject: {namespaces: {}}, ingress: ["+denyAll+"]}")}, sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"priority -1 [v1alpha2: Priority, Minimum]", []string{tier("ClusterNetworkPolicy", "a", "{tier: Admin, priority: -1, subject: {namespaces: {}}, ingress: ["+denyAll+"]}")}, sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"no priority [v1alpha2: Priority]", []string{tier("ClusterNetworkPolicy", "a", "{tier: Admin, subject: {namespaces: {}}, ingress: ["+denyAll+"]}")}, sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"another tier [v1alpha2: Tier]", []string{tier("ClusterNetworkPolicy", "a", "{tier: Middle, priority: 1, subject: {namespaces: {}}, ingress: ["+denyAll+"]}")}, sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		// Baseline of v1alpha1.
		{"baseline denies [v1alpha1: BaselineAdminNetworkPolicy]", banp("ingress: [" + denyAll + "]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Denied},
		{"baseline passes nothing [v1alpha1: BaselineAdminNetworkPolicyRuleAction]", banp("ingress: [{action: Pass, from: [{namespaces: {}}]}]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"baseline is named default [v1alpha1: BaselineAdminNetworkPolicy, XValidation]", []string{strings.Replace(banp("ingress: [" + denyAll + "]")[0], "name: default", "name: b", 1)}, sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"baseline has no priority [v1alpha1: BaselineAdminNetworkPolicySpec]", banp("priority: 1, ingress: [" + denyAll + "]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"admin passes to baseline [v1alpha1: Action]", append(anp("ingress: [{action: Pass, from: [{namespaces: {}}]}]"), banp("ingress: ["+denyAll+"]")...), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Denied},
		{"admin allows before baseline [v1alpha1: Action]", append(anp("ingress: [{action: Allow, from: [{namespaces: {}}]}]"), banp("ingress: ["+denyAll+"]")...), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Allowed},
		// Versions.
		{"v1beta1 is v1alpha2 [v1beta1]", beta("ingress: [" + denyAll + "]"), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Denied},
		{"both generations have no order between them", append(cnp("ingress: ["+denyAll+"]"), anp("ingress: [{action: Allow, from: [{namespaces: {}}]}]")...), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"a placeholder", cnp(`ingress: [{action: "${ACTION}", from: [{namespaces: {}}]}]`), sample.FrontID, sample.VLLMID, "TCP", 1, fact.Undetermined},
		{"other kinds of the group decide nothing", []string{strings.Replace(tier("ClusterNetworkPolicy", "a", "{networks: [10.0.0.0/8]}"), "ClusterNetworkPolicy", "ExternalNetworkSet", 1)}, sample.FrontID, sample.VLLMID, "TCP", 1, fact.Allowed},
	} {
		c.check(t)
	}
}
