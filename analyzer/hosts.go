package analyzer

import (
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/loader/source"
)

// directory finds the objects of a set by namespace and name. A name that two
// documents of the set define stands for neither: which of them is applied
// last nobody can tell.
type directory struct {
	services   map[string]*service
	configMaps map[string]*source.Object
	namespaces map[string]*namespace
}

func newDirectory(s *setModel) *directory {
	d := &directory{services: map[string]*service{}, configMaps: map[string]*source.Object{}, namespaces: s.namespaces}
	for _, v := range s.services {
		key := v.Namespace + "/" + v.Name
		if _, twice := d.services[key]; twice {
			v = nil
		}
		d.services[key] = v
	}
	for _, v := range s.made {
		d.services[v.Namespace+"/"+v.Name] = v
	}
	for _, o := range s.set.Objects {
		if o.APIVersion != "v1" || o.Kind != "ConfigMap" || o.Name == "" {
			continue
		}
		key := o.Namespace + "/" + o.Name
		if _, twice := d.configMaps[key]; twice {
			o = nil
		}
		d.configMaps[key] = o
	}
	return d
}

// resolveHost finds what a host name means in the pods of a workload. ok
// reports a Service of the set, external a name or address that is none of
// the cluster's; neither is said of a name that may be the cluster's and is
// not in the set.
//
// It follows the search list of a pod's resolver: <namespace>.svc.<domain>,
// svc.<domain>, <domain>, then the name itself.
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
func (s *setModel) resolveHost(from *Workload, host string) (v *service, external, ok bool) {
	return s.directory().resolveHost(from, host)
}

func (d *directory) resolveHost(from *Workload, host string) (v *service, external, ok bool) {
	rooted := strings.HasSuffix(host, ".")
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	switch {
	case host == "" || from == nil || isPlaceholder(host) || aliased(from, host):
		return nil, false, false
	case isAddress(host):
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
func (d *directory) searched(labels []string, namespace string, qualified bool) *service {
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
func (d *directory) inNamespace(labels []string, namespace string) *service {
	switch len(labels) {
	case 1:
		return d.services[namespace+"/"+labels[0]]
	case 2:
		if v := d.services[namespace+"/"+labels[1]]; v != nil && v.headless() && v.names(labels[0]) {
			return v
		}
	}
	return nil
}

// headless reports a Service whose name resolves to the addresses of its pods.
func (v *service) headless() bool {
	return v.spec.ClusterIP == corev1.ClusterIPNone && v.spec.Type != corev1.ServiceTypeExternalName
}

// names reports whether a pod of the Service may be called so: a pod of a
// StatefulSet that the Service governs, or one that names its subdomain.
func (v *service) names(pod string) bool {
	for _, w := range v.selected {
		base, ordinal, _ := cutLast(pod, "-")
		switch {
		case w.implied, w.operated != nil:
			return true
		case w.Kind == "StatefulSet" && base == w.Name && isNumber(ordinal):
			return true
		case w.pod.Hostname == pod && w.pod.Subdomain == v.Name:
			return true
		}
	}
	return false
}

// searchesCluster reports whether the workload's pods ask the cluster's DNS
// with its search list.
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy
func searchesCluster(w *Workload) bool {
	if w.pod == nil {
		return true
	}
	switch w.pod.DNSPolicy {
	case corev1.DNSDefault, corev1.DNSNone:
		return false
	case corev1.DNSClusterFirstWithHostNet:
		return true
	case corev1.DNSClusterFirst:
	}
	return !w.pod.HostNetwork
}

// aliased reports a name that the pod's own hosts file answers.
func aliased(w *Workload, host string) bool {
	return w.pod != nil && slices.ContainsFunc(w.pod.HostAliases, func(a corev1.HostAlias) bool {
		return slices.ContainsFunc(a.Hostnames, func(h string) bool { return strings.EqualFold(h, host) })
	})
}

func isAddress(host string) bool {
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

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
