package inventory

import (
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// NameIndex finds the objects of a set by namespace and name. A name that two
// documents of the set define stands for neither: which of them is applied
// last nobody can tell.
type NameIndex struct {
	Services   map[string]*Service
	ConfigMaps map[string]*source.Object
	namespaces map[string]*Namespace
}

func newNameIndex(s *Inventory) *NameIndex {
	d := &NameIndex{Services: map[string]*Service{}, ConfigMaps: map[string]*source.Object{}, namespaces: s.Namespaces}
	for _, v := range s.Services {
		key := v.Namespace + "/" + v.Name
		if _, twice := d.Services[key]; twice {
			v = nil
		}
		d.Services[key] = v
	}
	for _, v := range s.made {
		d.Services[v.Namespace+"/"+v.Name] = v
	}
	for _, o := range s.Scope.Objects {
		if o.APIVersion != "v1" || o.Kind != "ConfigMap" || o.Name == "" {
			continue
		}
		key := o.Namespace + "/" + o.Name
		if _, twice := d.ConfigMaps[key]; twice {
			o = nil
		}
		d.ConfigMaps[key] = o
	}
	return d
}

// ResolveHost finds what a host name means in the pods of a workload. ok
// reports a Service of the set, external a name or address that is none of
// the cluster's; neither is said of a name that may be the cluster's and is
// not in the set.
//
// It follows the search list of a pod's resolver: <namespace>.svc.<domain>,
// svc.<domain>, <domain>, then the name itself.
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
func (s *Inventory) ResolveHost(from *Workload, host string) (v *Service, external, ok bool) {
	return s.Hosts.ResolveHost(from, host)
}

// ResolveHost finds what a host name means in the pods of a workload; see
// [Inventory.ResolveHost].
func (d *NameIndex) ResolveHost(from *Workload, host string) (v *Service, external, ok bool) {
	rooted := strings.HasSuffix(host, ".")
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	switch {
	case host == "" || from == nil || decode.IsPlaceholder(host) || aliased(from, host):
		return nil, false, false
	case IsAddress(host):
		return nil, !privateAddress(host), false
	case !searchesCluster(from):
		return nil, publicName(host), false
	}
	name, cluster := strings.CutSuffix(host, ".cluster.local")
	name, qualified := strings.CutSuffix(name, ".svc")
	if cluster && !qualified || rooted && !cluster {
		return nil, rooted && publicName(host), false
	}
	labels := strings.Split(name, ".")
	if v = d.searched(labels, from.Namespace, qualified); v != nil {
		return v, false, true
	}
	inside := len(labels) < 2 || qualified || d.namespaces[labels[len(labels)-1]] != nil
	return nil, !inside && publicName(host), false
}

// searched tries the labels before `.svc` as a name of the own namespace, and
// as one that ends with its namespace.
func (d *NameIndex) searched(labels []string, namespace string, qualified bool) *Service {
	if !qualified {
		if v := d.inNamespace(labels, namespace); v != nil {
			return v
		}
	}
	n := len(labels)
	return d.inNamespace(labels[:n-1], labels[n-1])
}

// inNamespace finds the Service that the labels before the namespace name: its
// own name, or one of its pods' when it is headless.
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#a-aaaa-records-1
func (d *NameIndex) inNamespace(labels []string, namespace string) *Service {
	switch len(labels) {
	case 1:
		return d.Services[namespace+"/"+labels[0]]
	case 2:
		if v := d.Services[namespace+"/"+labels[1]]; v != nil && v.Headless() && v.names(labels[0]) {
			return v
		}
	}
	return nil
}

// Headless reports a Service whose name resolves to the addresses of its pods.
func (v *Service) Headless() bool {
	return v.Spec.ClusterIP == corev1.ClusterIPNone && v.Spec.Type != corev1.ServiceTypeExternalName
}

// names reports whether a pod of the Service may be called so: a pod of a
// StatefulSet that the Service governs, or one that names its subdomain.
func (v *Service) names(pod string) bool {
	for _, w := range v.Selected {
		base, ordinal, _ := CutLast(pod, "-")
		switch {
		case w.Implied, w.Operated != nil:
			return true
		case w.Kind == "StatefulSet" && base == w.Name && IsNumber(ordinal):
			return true
		case w.Pod.Hostname == pod && w.Pod.Subdomain == v.Name:
			return true
		}
	}
	return false
}

// searchesCluster reports whether the workload's pods ask the cluster's DNS
// with its search list.
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy
func searchesCluster(w *Workload) bool {
	if w.Pod == nil {
		return true
	}
	switch w.Pod.DNSPolicy {
	case corev1.DNSDefault, corev1.DNSNone:
		return false
	case corev1.DNSClusterFirstWithHostNet:
		return true
	case corev1.DNSClusterFirst:
	}
	return !w.Pod.HostNetwork
}

// aliased reports a name that the pod's own hosts file answers.
func aliased(w *Workload, host string) bool {
	return w.Pod != nil && slices.ContainsFunc(w.Pod.HostAliases, func(a corev1.HostAlias) bool {
		return slices.ContainsFunc(a.Hostnames, func(h string) bool { return strings.EqualFold(h, host) })
	})
}

// IsAddress reports a host that is an IP address.
func IsAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// privateAddress reports an address that may be a pod's, a Service's or a
// node's: the cluster's ranges are not in manifests.
func privateAddress(host string) bool {
	a, err := netip.ParseAddr(host)
	shared := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10) // RFC 6598
	return err == nil && (a.IsPrivate() || a.IsLoopback() || a.IsUnspecified() || shared.Contains(a))
}

// publicName reports a name of the public DNS. Two labels are one only with a
// common top-level domain: `redis.cache` may be a Service of a namespace that
// is not in the tree.
func publicName(host string) bool {
	labels := strings.Split(host, ".")
	if len(labels) < 2 || slices.Contains(labels, "") {
		return false
	}
	top := labels[len(labels)-1]
	if len(labels) == 2 {
		return slices.Contains([]string{"com", "org", "net", "io", "ai", "co", "cloud", "dev", "app", "gov", "edu", "sh"}, top)
	}
	return !slices.Contains([]string{
		"local", "internal", "localhost", "svc", "lan", "corp", "home", "consul", "test", "example", "invalid",
	}, top) && !slices.Contains(labels, "svc")
}

// CutLast cuts a text at the last separator.
func CutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// IsNumber reports a text of digits alone.
func IsNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Host is the full name of the Service in the DNS of the cluster.
func (v *Service) Host() string { return v.Name + "." + v.Namespace + ".svc.cluster.local" }

// ShownHost is the host as a reader sees it where the namespace is not known.
func (v *Service) ShownHost() string {
	return v.Name + "." + fact.Display(v.Namespace) + ".svc.cluster.local"
}
