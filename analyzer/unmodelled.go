package analyzer

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/loader"
)

// unmodelled are policies of other kinds that may change what NetworkPolicies
// decide; the first of each scope stands for all.
type unmodelled struct {
	tiers      bool // of policy.networking.k8s.io, which connectivity models and facts do not
	cluster    *loader.Object
	namespaces map[string]*loader.Object
}

// note remembers a policy of Cilium, Calico, Antrea or OVN, or of the tiers of
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
	if o.Group() == tierGroup {
		u.tiers = true
		return
	}
	u.add(o)
}

func (u *unmodelled) add(o *loader.Object) {
	switch {
	case o.Namespace == "" && u.cluster == nil:
		u.cluster = o
	case o.Namespace != "" && u.namespaces[o.Namespace] == nil:
		if u.namespaces == nil {
			u.namespaces = map[string]*loader.Object{}
		}
		u.namespaces[o.Namespace] = o
	}
}

// covers answers for the facts that rest on NetworkPolicies alone.
func (u *unmodelled) covers(namespace string) bool {
	return u.tiers || u.foreign(namespace) != nil
}

// foreign returns a policy that not even connectivity understands, nil if none
// concerns the namespace.
func (u *unmodelled) foreign(namespace string) *loader.Object {
	if u.cluster != nil {
		return u.cluster
	}
	return u.namespaces[namespace]
}
