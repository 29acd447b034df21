package netpol

import (
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// External is a pod that every cluster has, or that the tree speaks of, and
// whose manifest lies elsewhere: cluster DNS, istiod, a gateway's proxies. Part
// of what policies ask for is known of it, the rest is open.
type ExternalPod struct {
	Name            string
	Namespace       string             // "" where nobody knows in which it lives
	Labels          inventory.LabelSet // of the pod
	NotAPod         bool               // it is no pod: no selector finds it, only addresses do
	network         *Network           // among whose namespaces it may live
	namespaceLabels inventory.LabelSet // of its namespace, where that is known
}

func (n *Network) External(x ExternalPod) *Endpoint {
	x.network = n
	if ns := n.inventory.Namespaces[x.Namespace]; ns != nil {
		x.namespaceLabels = ns.Labels
	} else {
		x.namespaceLabels = inventory.LabelSet{Known: inventory.NamespaceLabels(x.Namespace, nil), Open: true}
	}
	return &Endpoint{Kind: ExternalEndpoint, External: &x}
}

// clusterDNS are the pods that cluster DNS may be. Names and labels:
// https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/
// (k8s-app=kube-dns in kube-system, kept by CoreDNS), and for OpenShift
// https://docs.redhat.com/en/documentation/openshift_container_platform/4.17/html/networking_operators/dns-operator
func (n *Network) clusterDNS() []*Endpoint {
	pod := func(namespace, key, value string) *Endpoint {
		return n.External(ExternalPod{Name: "cluster DNS", Namespace: namespace, Labels: inventory.LabelSet{Known: map[string]string{key: value}, Open: true}})
	}
	return []*Endpoint{
		pod("kube-system", "k8s-app", "kube-dns"),
		pod("openshift-dns", "dns.operator.openshift.io/daemonset-dns", "default"),
	}
}

// APIServer calls webhooks. It runs in the host network of the control plane
// or outside the cluster, so that no selector finds it.
// https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/
func (n *Network) APIServer() []*Endpoint {
	return []*Endpoint{n.External(ExternalPod{Name: "the API server", NotAPod: true})}
}

// finds answers whether the peer selects the stranger.
func (p *peerSelector) selectsExternal(x *ExternalPod) fact.Tri {
	if x.NotAPod {
		return fact.No
	}
	return inventory.Both(x.network.mayRunIn(p, x), p.pods.Matches(x.Labels))
}

// mayRunIn answers whether the peer's namespaces hold the stranger.
func (n *Network) mayRunIn(p *peerSelector, x *ExternalPod) fact.Tri {
	switch {
	case p.own != nil:
		return n.mayRunInNamespace(p.own, x, true)
	case x.Namespace != "":
		return p.namespaces.Matches(x.namespaceLabels)
	case p.namespaces.Empty():
		return fact.Yes
	}
	for ns, answer := range n.namespacesOf(p.namespaces) {
		if inventory.Both(answer, n.mayRunInNamespace(ns, x, false)) != fact.No {
			return fact.Unknown
		}
	}
	if name, ok := p.namespaces.Equalities()[inventory.NameLabel]; ok && n.inventory.Namespaces[name] != nil {
		return fact.No // that namespace alone, and it holds no such pod
	}
	return fact.Unknown
}

// mayRunInNamespace: a pod that the tree does not hold is in no namespace of which every
// pod is known. Of a namespace that is not the policy's own, that takes more:
// who writes a policy for the pods of `ingress-nginx` means pods that are there.
func (n *Network) mayRunInNamespace(ns *inventory.Namespace, x *ExternalPod, own bool) fact.Tri {
	switch {
	case x.Namespace != "" && ns.Name != "":
		return map[bool]fact.Tri{true: fact.Yes, false: fact.No}[ns.Name == x.Namespace]
	case own && ns.Complete == fact.Yes && !ns.LooksLikePlatform(), ns.DeclaredInFull() && !ns.MayHostPlatformTools():
		return fact.No
	}
	return fact.Unknown
}

// admitsStranger: a selector may find it; a block of addresses may be meant
// for it, since nobody knows its address.
func (m *Matcher) admitsExternal(x *ExternalPod) fact.Tri {
	answer := fact.No
	if len(m.Ranges) > 0 {
		answer = fact.Unknown
	}
	for _, p := range m.selectors {
		if p == nil {
			continue
		}
		switch p.selectsExternal(x) {
		case fact.Yes:
			return fact.Yes
		case fact.Unknown:
			answer = fact.Unknown
		case fact.No:
		}
	}
	return answer
}
