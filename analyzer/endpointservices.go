package analyzer

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// servicesCalled lists the Services that a user's name may mean: `name`,
// `namespace/name` or `namespace/name[Service]`.
func (m Sets) servicesCalled(name string) []*service {
	var out []*service
	plain, _ := strings.CutSuffix(name, "[Service]")
	for _, s := range m {
		for _, v := range s.inventory.services {
			if v.Name != "" && (name == v.Name || plain == display(v.Namespace)+"/"+v.Name) {
				out = append(out, v)
			}
		}
	}
	return out
}

// behind lists the workloads that the Services lead to. Policies decide about
// pods, never about Services: "NetworkPolicies apply to a connection with a
// pod on one or both ends".
// https://kubernetes.io/docs/concepts/services-networking/network-policies/
func behind(services []*service) map[*Workload]bool {
	out := map[*Workload]bool{}
	for _, v := range services {
		for _, w := range v.selected {
			out[w] = true
		}
	}
	return out
}

// nobodyBehind says why a Service stands for no workload.
func nobodyBehind(v *service) error {
	name := display(v.Namespace) + "/" + v.Name
	switch {
	case v.spec.Type == corev1.ServiceTypeExternalName:
		return fmt.Errorf("the Service %s is an ExternalName: it stands for a host name, not for pods", name)
	case !v.selects():
		return fmt.Errorf("the Service %s has no selector: its endpoints are not in the manifests", name)
	case v.facts.Selects == No:
		return fmt.Errorf("the Service %s selects no pod of the manifests (%s)", name, v.sel.String())
	}
	return fmt.Errorf("which pods the Service %s selects cannot be told from the manifests (%s)", name, v.sel.String())
}

// portsAsked returns which ports a question about one port means at each
// destination. Where the name of the destination is that of a Service which
// has the port, it is the Service's, and stands for the one that it leads to.
func (m Sets) portsAsked(to string, number int) (func(*Endpoint) portSet, error) {
	if number == 0 {
		return func(*Endpoint) portSet { return wholePorts() }, nil
	}
	one := intervals{{number, number}}
	plain := portSet{one, one, one}
	through := map[*Workload]*portSet{}
	dead := map[string]bool{}
	for _, v := range m.servicesCalled(to) {
		for i := range v.spec.Ports {
			if p := &v.spec.Ports[i]; int(p.Port) == number {
				v.lead(p, through, dead)
			}
		}
	}
	if len(dead) > 0 && !slices.ContainsFunc(slices.Collect(maps.Values(through)), func(set *portSet) bool { return !set.empty() }) {
		return nil, errors.New(strings.Join(slices.Sorted(maps.Keys(dead)), "; "))
	}
	return func(e *Endpoint) portSet {
		if set := through[e.Workload]; e.Workload != nil && set != nil {
			return *set
		}
		return plain
	}, nil
}

// lead notes the pod ports behind a port of the Service, and in words the
// workloads that have none of the name that it gives.
func (v *service) lead(p *corev1.ServicePort, through map[*Workload]*portSet, dead map[string]bool) {
	names := protocols()
	protocol := slices.Index(names[:], orTCP(p.Protocol))
	for _, w := range v.selected {
		set := through[w]
		if set == nil {
			set = &portSet{}
			through[w] = set
		}
		q := w.servicePortTarget(p)
		if q == nil || q.number == 0 || protocol < 0 {
			dead[fmt.Sprintf("the Service %s/%s leads port %d to `%s`, which %s does not declare", display(v.Namespace), v.Name, p.Port, target(p).StrVal, w.ID)] = true
			continue
		}
		set[protocol] = set[protocol].union(intervals{{q.number, q.number}})
	}
}
