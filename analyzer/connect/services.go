package connect

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// servicesNamed lists the Services that a user's name may mean: `name`,
// `namespace/name` or `namespace/name[Service]`.
func (s Sets) servicesNamed(name string) []*inventory.Service {
	var out []*inventory.Service
	plain, _ := strings.CutSuffix(name, "[Service]")
	for _, l := range s {
		for _, v := range l.Inventory.Services {
			if v.Name != "" && (name == v.Name || plain == fact.Display(v.Namespace)+"/"+v.Name) {
				out = append(out, v)
			}
		}
	}
	return out
}

// workloadsBehind lists the workloads that the Services lead to. Policies decide about
// pods, never about Services: "NetworkPolicies apply to a connection with a
// pod on one or both ends".
// https://kubernetes.io/docs/concepts/services-networking/network-policies/
func workloadsBehind(services []*inventory.Service) map[*inventory.Workload]bool {
	out := map[*inventory.Workload]bool{}
	for _, v := range services {
		for _, w := range v.Selected {
			out[w] = true
		}
	}
	return out
}

// noWorkloadBehind says why a Service leads to no workload of the tree.
func noWorkloadBehind(v *inventory.Service) error {
	name := fact.Display(v.Namespace) + "/" + v.Name
	switch {
	case v.Spec.Type == corev1.ServiceTypeExternalName:
		return fmt.Errorf("the Service %s is an ExternalName: it stands for a host name, not for pods", name)
	case !v.Selects():
		return fmt.Errorf("the Service %s has no selector: its endpoints are not in the manifests", name)
	case v.Facts.Selects == fact.No:
		return fmt.Errorf("the Service %s selects no pod of the manifests (%s)", name, v.Sel.String())
	}
	return fmt.Errorf("which pods the Service %s selects cannot be told from the manifests (%s)", name, v.Sel.String())
}

// portsMeant returns the ports that a question about one port means at each
// destination. Where the destination was named by a Service that has the port, it
// means the pod port that the Service leads to.
func (s Sets) portsMeant(to string, number int) (func(*Endpoint) netset.Ports, error) {
	if number == 0 {
		return func(*Endpoint) netset.Ports { return netset.WholePorts() }, nil
	}
	one := netset.Intervals{{First: number, Last: number}}
	plain := netset.Ports{one, one, one}
	through := map[*inventory.Workload]*netset.Ports{}
	dead := map[string]bool{}
	for _, v := range s.servicesNamed(to) {
		for i := range v.Spec.Ports {
			if p := &v.Spec.Ports[i]; int(p.Port) == number {
				addTarget(v, p, through, dead)
			}
		}
	}
	if len(dead) > 0 && !slices.ContainsFunc(slices.Collect(maps.Values(through)), func(set *netset.Ports) bool { return !set.Empty() }) {
		return nil, errors.New(strings.Join(slices.Sorted(maps.Keys(dead)), "; "))
	}
	return func(e *Endpoint) netset.Ports {
		if set := through[e.Workload]; e.Workload != nil && set != nil {
			return *set
		}
		return plain
	}, nil
}

// addTarget adds the pod ports behind a port of the Service to through. For a
// workload that does not declare the named port, it adds a message to dead.
func addTarget(v *inventory.Service, p *corev1.ServicePort, through map[*inventory.Workload]*netset.Ports, dead map[string]bool) {
	names := netset.Protocols()
	protocol := slices.Index(names[:], decode.OrTCP(p.Protocol))
	for _, w := range v.Selected {
		set := through[w]
		if set == nil {
			set = &netset.Ports{}
			through[w] = set
		}
		q := w.ServicePortTarget(p)
		if q == nil || q.Number == 0 || protocol < 0 {
			dead[fmt.Sprintf("the Service %s/%s leads port %d to `%s`, which %s does not declare", fact.Display(v.Namespace), v.Name, p.Port, inventory.Target(p).StrVal, w.ID)] = true
			continue
		}
		set[protocol] = set[protocol].Union(netset.Intervals{{First: q.Number, Last: q.Number}})
	}
}
