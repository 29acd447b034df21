package analyzer

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// resolveEntries marks the ports that callers from outside the pod network
// are led to: webhooks, which the API server calls, and backends of a load
// balancer that sends to pods.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
func (s *setModel) resolveEntries() {
	byName := map[string]*service{}
	for _, v := range s.services {
		byName[v.Namespace+"/"+v.Name] = v
	}
	for _, o := range s.objects {
		for _, name := range directBackends(o.Object) {
			if v := byName[o.Namespace+"/"+name]; v != nil {
				v.enterAll("loadbalancer")
			}
		}
		for _, ref := range webhookServices(o.Object) {
			ns, _ := ref.Get("namespace").Str()
			name, _ := ref.Get("name").Str()
			if v := byName[ns+"/"+name]; v != nil {
				v.enter(webhookPort(ref), "webhook", Source{Object: o.Object, Path: yaml.Path{"metadata", "name"}})
			}
		}
	}
}

// webhookPort is the Service port that a reference names, 443 if it names none.
func webhookPort(ref *yaml.Node) int {
	if p := ref.Get("port"); p != nil {
		if n, err := strconv.Atoi(p.Text); err == nil {
			return n
		}
	}
	return 443
}

// enterAll marks the pod ports behind every port of the Service.
func (v *service) enterAll(way string) {
	for i := range v.spec.Ports {
		v.enter(int(v.spec.Ports[i].Port), way, Source{})
	}
}

// directBackends returns the Services behind an Ingress whose load balancer
// sends to the pods themselves, so that no in-cluster proxy is their peer.
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#target-type
func directBackends(o *source.Object) []string {
	if o.Kind != "Ingress" || o.Root.Get("metadata").Get("annotations").Get("alb.ingress.kubernetes.io/target-type") == nil {
		return nil
	}
	if t, _ := o.Root.Get("metadata").Get("annotations").Get("alb.ingress.kubernetes.io/target-type").Str(); t != "ip" {
		return nil
	}
	var out []string
	spec := o.Root.Get("spec")
	add := func(backend *yaml.Node) {
		if name, ok := backend.Get("service").Get("name").Str(); ok {
			out = append(out, name)
		}
	}
	add(spec.Get("defaultBackend"))
	for _, rule := range spec.Get("rules").List() {
		for _, path := range rule.Get("http").Get("paths").List() {
			add(path.Get("backend"))
		}
	}
	return out
}

// webhookServices returns the service references through which the API server
// calls into the cluster.
func webhookServices(o *source.Object) []*yaml.Node {
	var out []*yaml.Node
	switch o.Kind {
	case "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration":
		for _, h := range o.Root.Get("webhooks").List() {
			out = append(out, h.Get("clientConfig").Get("service"))
		}
	case "CustomResourceDefinition":
		out = append(out, o.Root.Get("spec").Get("conversion").Get("webhook").Get("clientConfig").Get("service"))
	case "APIService":
		out = append(out, o.Root.Get("spec").Get("service"))
	}
	return slices.DeleteFunc(out, func(n *yaml.Node) bool { return n == nil })
}

// enter marks the pod ports behind one port of the Service.
func (v *service) enter(number int, way string, by Source) {
	for i := range v.spec.Ports {
		p := &v.spec.Ports[i]
		if int(p.Port) != number {
			continue
		}
		for _, w := range v.selected {
			if q := w.servicePortTarget(p); q != nil {
				q.enter(way)
				if way == "webhook" && q.webhook.Object == nil {
					q.webhook = by
				}
			}
		}
	}
}

// servicePortTarget returns the workload's port behind a Service port, nil if
// none is known.
func (w *Workload) servicePortTarget(p *corev1.ServicePort) *port {
	to := target(p)
	if to.StrVal != "" {
		return w.portNamed(to.StrVal, orTCP(p.Protocol))
	}
	return w.portNumbered(int(to.IntVal), orTCP(p.Protocol))
}
