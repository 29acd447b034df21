package analyzer

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/loader"
)

// unmodelled are policies of other kinds that may change what NetworkPolicies
// decide.
type unmodelled struct {
	cluster    bool
	namespaces map[string]bool
}

// note remembers a policy of Cilium, Calico, Antrea, OVN or the tiers of
// policy.networking.k8s.io.
func (u *unmodelled) note(o *loader.Object) {
	switch o.Group() {
	case "cilium.io", "crd.projectcalico.org", "projectcalico.org", "crd.antrea.io", "policy.networking.k8s.io", "k8s.ovn.org":
	default:
		return
	}
	if !strings.Contains(o.Kind, "Policy") && o.Kind != "EgressFirewall" {
		return
	}
	if o.Namespace == "" {
		u.cluster = true
		return
	}
	if u.namespaces == nil {
		u.namespaces = map[string]bool{}
	}
	u.namespaces[o.Namespace] = true
}

func (u *unmodelled) covers(namespace string) bool {
	return u.cluster || u.namespaces[namespace]
}
