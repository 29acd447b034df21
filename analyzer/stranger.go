package analyzer

// stranger is a pod that every cluster has, or that the tree speaks of, and
// whose manifest lies elsewhere: cluster DNS, istiod, a gateway's proxies. Part
// of what policies ask for is known of it, the rest is open.
type stranger struct {
	name      string
	namespace string   // "" where nobody knows in which it lives
	labels    labelSet // of the pod
	nowhere   bool     // it is no pod: no selector finds it, only addresses do
	network   *network // among whose namespaces it may live
	home      labelSet // of its namespace, where that is known
}

func (n *network) meet(x stranger) *party {
	x.network = n
	if ns := n.inventory.namespaces[x.namespace]; ns != nil {
		x.home = ns.labels
	} else {
		x.home = labelSet{known: namespaceLabels(x.namespace, nil), open: true}
	}
	return &party{kind: strangerParty, stranger: &x}
}

// clusterDNS are the pods that cluster DNS may be. Names and labels:
// https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/
// (k8s-app=kube-dns in kube-system, kept by CoreDNS), and for OpenShift
// https://docs.redhat.com/en/documentation/openshift_container_platform/4.17/html/networking_operators/dns-operator
func (n *network) clusterDNS() []*party {
	pod := func(namespace, key, value string) *party {
		return n.meet(stranger{name: "cluster DNS", namespace: namespace, labels: labelSet{known: map[string]string{key: value}, open: true}})
	}
	return []*party{
		pod("kube-system", "k8s-app", "kube-dns"),
		pod("openshift-dns", "dns.operator.openshift.io/daemonset-dns", "default"),
	}
}

// apiServer calls webhooks. It runs in the host network of the control plane
// or outside the cluster, so that no selector finds it.
// https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/
func (n *network) apiServer() []*party {
	return []*party{n.meet(stranger{name: "the API server", nowhere: true})}
}

// finds answers whether the peer selects the stranger.
func (p *peerSelector) finds(x *stranger) Tri {
	if x.nowhere {
		return No
	}
	return both(x.network.lives(p, x), p.pods.matches(x.labels))
}

// lives answers whether the peer's namespaces hold the stranger.
func (n *network) lives(p *peerSelector, x *stranger) Tri {
	switch {
	case p.own != nil:
		return n.livesIn(p.own, x, true)
	case x.namespace != "":
		return p.namespaces.matches(x.home)
	case p.namespaces.empty():
		return Yes
	}
	for ns, answer := range n.namespacesOf(p.namespaces) {
		if both(answer, n.livesIn(ns, x, false)) != No {
			return Unknown
		}
	}
	if name, ok := p.namespaces.equalities()[nameLabel]; ok && n.inventory.namespaces[name] != nil {
		return No // that namespace alone, and it holds no such pod
	}
	return Unknown
}

// livesIn: a pod that the tree does not hold is in no namespace of which every
// pod is known. Of a namespace that is not the policy's own, that takes more:
// who writes a policy for the pods of `ingress-nginx` means pods that are there.
func (n *network) livesIn(ns *namespace, x *stranger, own bool) Tri {
	switch {
	case x.namespace != "" && ns.name != "":
		return map[bool]Tri{true: Yes, false: No}[ns.name == x.namespace]
	case own && ns.closed == Yes && !ns.isForTools(), ns.claimed() && !ns.hostsTools():
		return No
	}
	return Unknown
}

// admitsStranger: a selector may find it; a block of addresses may be meant
// for it, since nobody knows its address.
func (m *matcher) admitsStranger(x *stranger) Tri {
	answer := No
	if len(m.ranges) > 0 {
		answer = Unknown
	}
	for _, p := range m.selectors {
		if p == nil {
			continue
		}
		switch p.finds(x) {
		case Yes:
			return Yes
		case Unknown:
			answer = Unknown
		case No:
		}
	}
	return answer
}
