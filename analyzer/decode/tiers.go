package decode

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const TierGroup = "policy.networking.k8s.io"

// The types of the tiers, as far as verdicts rest on them. They are written
// here and not imported: the API is alpha, and its module would bring
// controller-runtime into the chain.
// https://github.com/kubernetes-sigs/network-policy-api apis/v1alpha2/clusternetworkpolicy_types.go
// (v1beta1 has the same fields) and, for AdminNetworkPolicy, apis/v1alpha1 of v0.1.

type TierObject struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   metav1.ObjectMeta `json:"metadata"`
	Spec       tierSpec          `json:"spec"`
}

type tierSpec struct {
	Tier     string         `json:"tier"`
	Priority *int32         `json:"priority"`
	Subject  TierPeer       `json:"subject"`
	Ingress  []TierRuleSpec `json:"ingress"`
	Egress   []TierRuleSpec `json:"egress"`
}

type TierRuleSpec struct {
	Name      string         `json:"name"`
	Action    string         `json:"action"`
	From      []TierPeer     `json:"from"`
	To        []TierPeer     `json:"to"`
	Protocols []TierProtocol `json:"protocols"` // v1alpha2
	Ports     []TierPort     `json:"ports"`     // v1alpha1
}

type TierPeer struct {
	Namespaces  *metav1.LabelSelector `json:"namespaces"`
	Pods        *tierPods             `json:"pods"`
	Nodes       *metav1.LabelSelector `json:"nodes"`
	Networks    []string              `json:"networks"`
	DomainNames []string              `json:"domainNames"`
}

type tierPods struct {
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector"`
	PodSelector       *metav1.LabelSelector `json:"podSelector"`
}

type TierProtocol struct {
	TCP       *TierDestination `json:"tcp"`
	UDP       *TierDestination `json:"udp"`
	SCTP      *TierDestination `json:"sctp"`
	NamedPort string           `json:"destinationNamedPort"`
}

type TierDestination struct {
	Port *struct {
		Number int32 `json:"number"`
		Range  *struct {
			Start int32 `json:"start"`
			End   int32 `json:"end"`
		} `json:"range"`
	} `json:"destinationPort"`
}

type TierPort struct {
	Number *struct {
		Protocol string `json:"protocol"`
		Port     int32  `json:"port"`
	} `json:"portNumber"`
	NamedPort *string `json:"namedPort"`
	Range     *struct {
		Protocol string `json:"protocol"`
		Start    int32  `json:"start"`
		End      int32  `json:"end"`
	} `json:"portRange"`
}
