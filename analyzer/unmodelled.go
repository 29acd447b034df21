package analyzer

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/loader"
)

// unmodelled are policies of other kinds that may change what NetworkPolicies
// decide; the first of each scope stands for all.
type unmodelled struct {
	cluster    *loader.Object
	namespaces map[string]*loader.Object
}

// note remembers a policy of Cilium, Calico, Antrea or OVN.
func (u *unmodelled) note(o *loader.Object) {
	switch o.Group() {
	case "cilium.io", "crd.projectcalico.org", "projectcalico.org", "crd.antrea.io", "k8s.ovn.org":
	default:
		return
	}
	if !strings.Contains(o.Kind, "Policy") && o.Kind != "EgressFirewall" {
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

// foreign returns a policy that nothing here understands, nil if none concerns
// the namespace.
func (u *unmodelled) foreign(namespace string) *loader.Object {
	if u.cluster != nil {
		return u.cluster
	}
	return u.namespaces[namespace]
}
