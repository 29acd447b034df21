package decode

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/loader/source"
)

// TierGroup is the API group of the Admin and Baseline tiers.
const TierGroup = "policy.networking.k8s.io"

// TierPolicy is a policy of the Admin or Baseline tier, as far as verdicts rest
// on it. The types are written here and not imported: the API is alpha, and its
// module would bring controller-runtime into the program.
// https://github.com/kubernetes-sigs/network-policy-api apis/v1alpha2/clusternetworkpolicy_types.go
// (v1beta1 has the same fields) and, for AdminNetworkPolicy, apis/v1alpha1 of v0.1.
type TierPolicy struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   metav1.ObjectMeta `json:"metadata"`
	Spec       TierSpec          `json:"spec"`
}

// TierSpec is the spec of a policy of either generation.
type TierSpec struct {
	Tier     string     `json:"tier"` // v1alpha2: Admin or Baseline
	Priority *int32     `json:"priority"`
	Subject  TierPeer   `json:"subject"`
	Ingress  []TierRule `json:"ingress"`
	Egress   []TierRule `json:"egress"`
}

// TierRule is one rule of either direction.
type TierRule struct {
	Name      string         `json:"name"`
	Action    string         `json:"action"`
	From      []TierPeer     `json:"from"`      // of an ingress rule
	To        []TierPeer     `json:"to"`        // of an egress rule
	Protocols []TierProtocol `json:"protocols"` // v1alpha2
	Ports     []TierPort     `json:"ports"`     // v1alpha1
}

// TierPeer is a subject or a peer; exactly one field is set.
type TierPeer struct {
	Namespaces  *metav1.LabelSelector `json:"namespaces"`
	Pods        *TierPods             `json:"pods"`
	Nodes       *metav1.LabelSelector `json:"nodes"`
	Networks    []string              `json:"networks"`
	DomainNames []string              `json:"domainNames"`
}

// TierPods selects pods of namespaces.
type TierPods struct {
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector"`
	PodSelector       *metav1.LabelSelector `json:"podSelector"`
}

// TierProtocol is one item of v1alpha2's protocols; exactly one field is set.
type TierProtocol struct {
	TCP       *TierDestination `json:"tcp"`
	UDP       *TierDestination `json:"udp"`
	SCTP      *TierDestination `json:"sctp"`
	NamedPort string           `json:"destinationNamedPort"`
}

// TierDestination holds a destination port: its number or its range.
type TierDestination struct {
	Port *struct {
		Number int32      `json:"number"`
		Range  *TierRange `json:"range"`
	} `json:"destinationPort"`
}

// TierRange is a range of ports, both ends included.
type TierRange struct {
	Start int32 `json:"start"`
	End   int32 `json:"end"`
}

// TierPort is one item of v1alpha1's ports; exactly one field is set.
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

// Admin reports the Admin tier; false is Baseline.
func (p *TierPolicy) Admin() bool { return p.Kind == "AdminNetworkPolicy" || p.Spec.Tier == "Admin" }

// Tier decodes a policy of policy.networking.k8s.io. It returns nil for a
// version or kind that is not known, and for one that its API refuses.
func Tier(o *source.Object) *TierPolicy {
	api := tierAPIOf(o)
	if api == nil || len(o.Duplicates) > 0 {
		return nil
	}
	var p TierPolicy
	d := NewDecoder()
	if !d.Into(o.Root, &p) || !api.allows(&p) {
		return nil
	}
	return &p
}
