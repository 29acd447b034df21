package analyzer

import (
	"reflect"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// otherScopes reads whom a policy of another kind selects, and in which
// directions. None are of an object that decides nothing about connections.
func otherScopes(o *source.Object) []otherScope {
	switch o.Group() {
	case "cilium.io":
		return ciliumScopes(o)
	case "crd.projectcalico.org", "projectcalico.org":
		return calicoScopes(o)
	case "crd.antrea.io":
		return antreaScopes(o)
	case "k8s.ovn.org", "network.openshift.io":
		return ovnScopes(o)
	}
	return nil
}

// ovnScopes: an EgressFirewall, and OpenShift's older EgressNetworkPolicy,
// limit the egress of every pod of their namespace.
// https://ovn-kubernetes.io/features/network-security-controls/egress-firewall/
func ovnScopes(o *source.Object) []otherScope {
	if o.Kind != "EgressFirewall" && o.Kind != "EgressNetworkPolicy" {
		return nil // routes and addresses
	}
	return []otherScope{{egress: true, hint: every(), pods: everyPodOf}}
}

func labelled(sel selector) func(*Workload) Tri {
	return func(w *Workload) Tri { return sel.matches(w.labels) }
}

// unread is the answer for a kind of policy that nobody here has heard of.
func unread(o *source.Object) []otherScope {
	if !strings.Contains(o.Kind, "Policy") || strings.HasPrefix(o.Kind, "Staged") {
		return nil
	}
	return []otherScope{everything(o)}
}

// given reports a value that is there: null and empty lists are nothing.
func given(n *yaml.Node) bool {
	return n != nil && n.Kind != yaml.Null && (n.Kind != yaml.List || len(n.Items) > 0)
}

// truth reads a boolean; what fills a placeholder may be either.
func truth(n *yaml.Node) bool {
	return given(n) && (n.Kind != yaml.Bool || parseBool(n.Text))
}

// selectorAt reads a LabelSelector. One that the API server would refuse, or
// that is filled in by another tool, is invalid: it selects unknowably.
func selectorAt(n *yaml.Node) selector {
	if parsed, ok := labelSelectorAt(n); ok {
		return labelSelector(parsed)
	}
	return selector{}
}

func labelSelectorAt(n *yaml.Node) (*metav1.LabelSelector, bool) {
	var out metav1.LabelSelector
	d := newDecoder()
	d.into(n, reflect.ValueOf(&out).Elem())
	return &out, len(d.problems) == 0 && !d.templated && n.Kind == yaml.Map
}

// account is the name of the workload's service account.
func (w *Workload) account() (string, Tri) {
	switch {
	case w.pod == nil:
		return "", Unknown
	case w.pod.ServiceAccountName != "":
		return w.pod.ServiceAccountName, Yes
	case w.pod.DeprecatedServiceAccount != "":
		return w.pod.DeprecatedServiceAccount, Yes
	case w.partial() || w.operated != nil && w.operated.anyAccount:
		return "", Unknown
	}
	return "default", Yes
}

// get returns a label, and whether it is there.
func (l labelSet) get(key string) (string, Tri) {
	value, known := l.known[key]
	switch {
	case known:
		return value, Yes
	case l.mayHold(key):
		return "", Unknown
	}
	return "", No
}
