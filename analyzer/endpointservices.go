package analyzer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// servicesCalled lists the Services that a user's name may mean: `name`,
// `namespace/name` or `namespace/name[Service]`.
func (m *Model) servicesCalled(name string) []*service {
	var out []*service
	plain, _ := strings.CutSuffix(name, "[Service]")
	for _, s := range m.sets {
		for _, v := range s.services {
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
func (m *Model) portsAsked(to string, number int) (func(*Endpoint) portSet, error) {
	if number == 0 {
		return func(*Endpoint) portSet { return wholePorts() }, nil
	}
	one := intervals{{number, number}}
	plain := portSet{one, one, one}
	through := map[*Workload]*portSet{}
	dead := map[string]bool{}
	found := false
	for _, v := range m.servicesCalled(to) {
		for i := range v.spec.Ports {
			p := &v.spec.Ports[i]
			if int(p.Port) != number {
				continue
			}
			for _, w := range v.selected {
				if through[w] == nil {
					through[w] = &portSet{}
				}
				if !w.lead(through[w], p) {
					dead[fmt.Sprintf("the Service %s/%s leads port %d to `%s`, which %s does not declare", display(v.Namespace), v.Name, number, target(p).StrVal, w.ID)] = true
					continue
				}
				found = true
			}
		}
	}
	if !found && len(dead) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(slices.Sorted(maps.Keys(dead)), "; "))
	}
	return func(e *Endpoint) portSet {
		if set := through[e.Workload]; set != nil && e.Workload != nil {
			return *set
		}
		return plain
	}, nil
}

// lead adds the workload's port behind a Service port. ok is false where the
// Service names a port that the workload does not have.
func (w *Workload) lead(to *portSet, p *corev1.ServicePort) (ok bool) {
	q := w.servicePortTarget(p)
	names := protocols()
	i := slices.Index(names[:], orTCP(p.Protocol))
	if q == nil || q.number == 0 || i < 0 {
		return false
	}
	to[i] = to[i].union(intervals{{q.number, q.number}})
	return true
}
