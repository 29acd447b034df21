package inventory

import (
	"slices"
	"strconv"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// resolveEntries marks the ports that callers from outside the pod network
// are led to: webhooks, which the API server calls, and backends of a load
// balancer that sends to pods.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference
func (s *Inventory) resolveEntries() {
	byName := map[string]*Service{}
	for _, v := range s.Services {
		byName[v.Namespace+"/"+v.Name] = v
	}
	for _, o := range s.Objects {
		for _, name := range directBackends(o.Object) {
			if v := byName[o.Namespace+"/"+name]; v != nil {
				v.enterAll("loadbalancer")
			}
		}
		for _, ref := range webhookServices(o.Object) {
			ns, _ := ref.Get("namespace").Str()
			name, _ := ref.Get("name").Str()
			if v := byName[ns+"/"+name]; v != nil {
				v.enter(webhookPort(ref), "webhook", fact.Source{Object: o.Object, Path: yaml.Path{"metadata", "name"}})
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
func (v *Service) enterAll(way string) {
	for i := range v.Spec.Ports {
		v.enter(int(v.Spec.Ports[i].Port), way, fact.Source{})
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
func (v *Service) enter(number int, way string, by fact.Source) {
	for i := range v.Spec.Ports {
		p := &v.Spec.Ports[i]
		if int(p.Port) != number {
			continue
		}
		for _, w := range v.Selected {
			if q := w.ServicePortTarget(p); q != nil {
				q.enter(way)
				if way == "webhook" && q.Webhook.Object == nil {
					q.Webhook = by
				}
			}
		}
	}
}
