package netpol

import (
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// ExternalPod is a pod that every cluster has or that the tree refers to, and
// whose manifest is not in the tree: cluster DNS, istiod, the proxies of a
// gateway. Some of what selectors ask for is known of it, the rest is open.
type ExternalPod struct {
	Name      string             // in messages
	Namespace string             // empty where it is not known
	Labels    inventory.LabelSet // of the pod
	NotAPod   bool               // no selector selects it; only addresses do

	network         *Network // whose namespaces it may run in
	namespaceLabels inventory.LabelSet
}

// External returns the endpoint of a pod that the tree does not hold.
func (n *Network) External(x ExternalPod) *Endpoint {
	x.network = n
	if ns := n.inventory.Namespaces[x.Namespace]; ns != nil {
		x.namespaceLabels = ns.Labels
	} else {
		x.namespaceLabels = inventory.LabelSet{Known: inventory.NamespaceLabels(x.Namespace, nil), Open: true}
	}
	return &Endpoint{Kind: ExternalEndpoint, External: &x}
}

// clusterDNS returns the pods that cluster DNS may be. Names and labels:
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

// APIServer returns the caller of webhooks. It runs in the host network of the
// control plane or outside the cluster, so that no selector selects it.
// https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/
func (n *Network) APIServer() *Endpoint {
	return n.External(ExternalPod{Name: "the API server", NotAPod: true})
}

// selectsExternal answers whether the peer's selectors select the pod.
func (p *Peer) selectsExternal(x *ExternalPod) fact.Tri {
	if x.NotAPod {
		return fact.No
	}
	return inventory.Both(x.network.mayRunIn(p, x), p.pods.Matches(x.Labels))
}

// mayRunIn answers whether the pod runs in a namespace that the peer selects.
func (n *Network) mayRunIn(p *Peer, x *ExternalPod) fact.Tri {
	switch {
	case p.own != nil:
		return n.mayRunInNamespace(p.own, x, true)
	case x.Namespace != "":
		return p.namespaces.Matches(x.namespaceLabels)
	case p.namespaces.Empty():
		return fact.Yes
	}
	for ns, answer := range p.resolved.within {
		if inventory.Both(answer, n.mayRunInNamespace(ns, x, false)) != fact.No {
			return fact.Unknown
		}
	}
	if name, ok := p.namespaces.Equalities()[inventory.NameLabel]; ok && n.inventory.Namespaces[name] != nil {
		return fact.No // the peer means that namespace alone, and the pod does not run there
	}
	return fact.Unknown
}

// mayRunInNamespace answers for one namespace; own says that it is the
// policy's own. A pod that the tree does not hold does not run in a namespace
// of which every pod is known. For another namespace than the policy's own
// that takes more: who writes a policy for the pods of `ingress-nginx` means
// pods that are there, whether or not the tree holds them.
func (n *Network) mayRunInNamespace(ns *inventory.Namespace, x *ExternalPod, own bool) fact.Tri {
	switch {
	case x.Namespace != "" && ns.Name != "":
		if ns.Name == x.Namespace {
			return fact.Yes
		}
		return fact.No
	case own && ns.Complete == fact.Yes && !ns.LooksLikePlatform(), ns.DeclaredInFull() && !ns.MayHostPlatformTools():
		return fact.No
	}
	return fact.Unknown
}
