package calls

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// ingress reads an Ingress of networking.k8s.io/v1.
// https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource
func (r *routing) ingress(o *source.Object) {
	if o.APIVersion != "networking.k8s.io/v1" {
		return
	}
	rt := Route{Object: o, Sources: r.ingressSource(o)}
	add := func(backend *yaml.Node, at yaml.Path) {
		ref := backend.Get("service")
		name, _ := ref.Get("name").Str()
		v := r.d.Services[o.Namespace+"/"+name]
		if v == nil {
			return
		}
		var sp *corev1.ServicePort
		if n, ok := decode.NodeInt(ref.Get("port").Get("number")); ok {
			sp = v.PortOf(n, "TCP")
		} else if port, ok := ref.Get("port").Get("name").Str(); ok {
			sp = v.PortCalled(port)
		}
		rt.Backends = append(rt.Backends, serviceBackend(v, sp, fact.Source{Object: o, Path: at.Join("service", "name")}))
	}
	spec := o.Root.Get("spec")
	if b := spec.Get("defaultBackend"); b != nil {
		add(b, yaml.Path{"spec", "defaultBackend"})
	}
	for i, rule := range spec.Get("rules").List() {
		for j, p := range rule.Get("http").Get("paths").List() {
			add(p.Get("backend"), yaml.Path{"spec", "rules", i, "http", "paths", j, "backend"})
		}
	}
	r.add(rt)
}

// ingressSource finds the controller of an Ingress. Its class is a name that the
// cluster's owner chose; only controllers whose pods are in the set, or whose
// load balancer sends to pods directly, are recognised.
// https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class
func (r *routing) ingressSource(o *source.Object) RouteSource {
	annotations := o.Root.Get("metadata").Get("annotations")
	class, ok := o.Root.Get("spec").Get("ingressClassName").Str()
	if !ok {
		class, _ = annotations.Get("kubernetes.io/ingress.class").Str()
	}
	controller := r.classes["IngressClass/"+class]
	switch {
	case class == "" || decode.IsPlaceholder(class):
	case controller == "ingress.k8s.aws/alb" || controller == "" && class == "alb":
		// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#target-type
		if t, _ := annotations.Get("alb.ingress.kubernetes.io/target-type").Str(); t == "ip" {
			return RouteSource{Kind: AddressSource}
		}
	case controller == "k8s.io/ingress-nginx" || controller == "" && class == "nginx":
		return r.controllerPods(map[string]string{"app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller"})
	case controller == "traefik.io/ingress-controller" || controller == "" && class == "traefik":
		return r.controllerPods(map[string]string{"app.kubernetes.io/name": "traefik"})
	case controller == "istio.io/ingress-controller" || controller == "" && class == "istio":
		return r.controllerPods(map[string]string{"istio": "ingressgateway"})
	}
	return RouteSource{}
}

// controllerPods returns a controller only where the set has its pods.
func (r *routing) controllerPods(labels map[string]string) RouteSource {
	if src := r.proxies(labels, "", true); len(src.Workloads) > 0 {
		return src
	}
	return RouteSource{}
}
