package analyzer

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/loader"
)

// route is one entry that leads traffic from proxies to pods: an Ingress, or a
// route of one gateway.
type route struct {
	object   *loader.Object
	entry    routeEntry
	sources  routeSource
	backends []routeBackend
}

// routeEntry is the interface that a route belongs to.
type routeEntry int

const (
	ingressEntry routeEntry = iota
	gatewayAPIEntry
	istioEntry
)

// routeBackend is one place that a route sends traffic to.
type routeBackend struct {
	service      *service       // nil for a pool
	pool         *loader.Object // an InferencePool; nil for a Service
	number       int            // of the Service port; 0 for a pool and when several ports could be meant
	from         Source         // the reference to it
	destinations []destination  // empty when the pods are not known
}

// routeSource says whose connections arrive at the backends.
type routeSource struct {
	kind sourceKind
	// For pods: their labels and namespace ("" with anyNamespace), and those of
	// the set. None need be there: what makes the proxies may lie elsewhere.
	labels       map[string]string
	namespace    string
	anyNamespace bool
	workloads    []*Workload
	// gateway is the Gateway of the set, nil for an Ingress and when it is not
	// in the set.
	gateway *loader.Object
}

type sourceKind int

const (
	// unknownSource: the class, the Gateway or the controller is not known.
	unknownSource sourceKind = iota
	// podSource: pods that labels name.
	podSource
	// addressSource: a load balancer outside the cluster that sends to pods.
	addressSource
)

// routing finds what the routes of a set lead to.
type routing struct {
	s        *setModel
	d        *directory
	pods     workloadIndex // of every namespace
	gateways map[string]*loader.Object
	pools    map[string]*loader.Object
	classes  map[string]string // controller of GatewayClass/name and IngressClass/name
	istio    map[string]*decoded
	subsets  map[*service]map[string][]selector
	routes   []route
	scrapes  []scrape
}

// routes returns the entries of the set, in the order of its objects.
func (s *setModel) routes() []route { return s.routing().routes }

func newRouting(s *setModel) *routing {
	r := &routing{
		s: s, d: s.directory(), gateways: map[string]*loader.Object{}, pools: map[string]*loader.Object{},
		classes: map[string]string{}, istio: map[string]*decoded{}, subsets: map[*service]map[string][]selector{},
	}
	for _, w := range s.workloads {
		r.pods.add(w)
	}
	for _, o := range s.objects {
		r.register(o)
	}
	for _, o := range s.objects {
		switch o.Group() + "/" + o.Kind {
		case "networking.k8s.io/Ingress":
			r.ingress(o.Object)
		case "networking.istio.io/VirtualService":
			r.virtualService(o)
		case "gateway.networking.k8s.io/HTTPRoute", "gateway.networking.k8s.io/GRPCRoute", "gateway.networking.k8s.io/TLSRoute",
			"gateway.networking.k8s.io/TCPRoute", "gateway.networking.k8s.io/UDPRoute":
			r.gatewayRoute(o.Object)
		}
	}
	r.readScrapes()
	return r
}

// register indexes what routes refer to.
func (r *routing) register(o *decoded) {
	key := o.Namespace + "/" + o.Name
	switch o.Group() + "/" + o.Kind {
	case "gateway.networking.k8s.io/Gateway":
		r.gateways[key] = o.Object
	case "inference.networking.k8s.io/InferencePool", "inference.networking.x-k8s.io/InferencePool":
		r.pools[key] = o.Object
	case "gateway.networking.k8s.io/GatewayClass":
		r.classes["GatewayClass/"+o.Name], _ = o.Root.Get("spec").Get("controllerName").Str()
	case "networking.k8s.io/IngressClass":
		r.classes["IngressClass/"+o.Name], _ = o.Root.Get("spec").Get("controller").Str()
	case "networking.istio.io/Gateway", "networking.istio.io/VirtualService":
		r.istio[o.Kind+"/"+key] = o
	case "networking.istio.io/DestinationRule":
		r.registerSubsets(o)
	}
}

// proxies are the pods with these labels, in one namespace or in all.
func (r *routing) proxies(labels map[string]string, namespace string, everywhere bool) routeSource {
	src := routeSource{kind: podSource, labels: labels, namespace: namespace, anyNamespace: everywhere}
	index := &r.pods
	if !everywhere {
		ns := r.s.namespaces[namespace]
		if ns == nil {
			return src
		}
		index = &ns.index
	}
	src.workloads, _ = index.match(mapSelector(labels))
	return src
}

// add notes a route that leads somewhere.
func (r *routing) add(rt route) {
	if len(rt.backends) > 0 {
		r.routes = append(r.routes, rt)
	}
}

// serviceBackend is a Service port as proxies see it: by its endpoints.
func serviceBackend(v *service, sp *corev1.ServicePort, from Source) routeBackend {
	b := routeBackend{service: v, from: from, destinations: v.behind(sp)}
	if sp != nil {
		b.number = int(sp.Port)
	}
	return b
}

// ingress reads an Ingress of networking.k8s.io/v1.
// https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource
func (r *routing) ingress(o *loader.Object) {
	if o.APIVersion != "networking.k8s.io/v1" {
		return
	}
	rt := route{object: o, entry: ingressEntry, sources: r.ingressSource(o)}
	add := func(backend *loader.Node, at loader.Path) {
		ref := backend.Get("service")
		name, _ := ref.Get("name").Str()
		v := r.d.services[o.Namespace+"/"+name]
		if v == nil {
			return
		}
		var sp *corev1.ServicePort
		if n, ok := nodeInt(ref.Get("port").Get("number")); ok {
			sp = v.portOf(n, "TCP")
		} else if port, ok := ref.Get("port").Get("name").Str(); ok {
			sp = v.portCalled(port)
		}
		rt.backends = append(rt.backends, serviceBackend(v, sp, Source{Object: o, Path: at.Join("service", "name")}))
	}
	spec := o.Root.Get("spec")
	if b := spec.Get("defaultBackend"); b != nil {
		add(b, loader.Path{"spec", "defaultBackend"})
	}
	for i, rule := range spec.Get("rules").List() {
		for j, p := range rule.Get("http").Get("paths").List() {
			add(p.Get("backend"), loader.Path{"spec", "rules", i, "http", "paths", j, "backend"})
		}
	}
	r.add(rt)
}

// ingressSource finds the controller of an Ingress. Its class is a name that
// the cluster's owner chose; only controllers whose pods are in the set, or
// whose load balancer sends to the pods, are told.
// https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class
func (r *routing) ingressSource(o *loader.Object) routeSource {
	annotations := o.Root.Get("metadata").Get("annotations")
	class, ok := o.Root.Get("spec").Get("ingressClassName").Str()
	if !ok {
		class, _ = annotations.Get("kubernetes.io/ingress.class").Str()
	}
	controller := r.classes["IngressClass/"+class]
	switch {
	case class == "" || isPlaceholder(class):
	case controller == "ingress.k8s.aws/alb" || controller == "" && class == "alb":
		// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#target-type
		if t, _ := annotations.Get("alb.ingress.kubernetes.io/target-type").Str(); t == "ip" {
			return routeSource{kind: addressSource}
		}
	case controller == "k8s.io/ingress-nginx" || controller == "" && class == "nginx":
		return r.controllerPods(map[string]string{"app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller"})
	case controller == "traefik.io/ingress-controller" || controller == "" && class == "traefik":
		return r.controllerPods(map[string]string{"app.kubernetes.io/name": "traefik"})
	case controller == "istio.io/ingress-controller" || controller == "" && class == "istio":
		return r.controllerPods(map[string]string{"istio": "ingressgateway"})
	}
	return routeSource{}
}

// controllerPods believes in a controller only where its pods are seen.
func (r *routing) controllerPods(labels map[string]string) routeSource {
	if src := r.proxies(labels, "", true); len(src.workloads) > 0 {
		return src
	}
	return routeSource{}
}

// portCalled returns the Service port of that name, nil if there is none.
func (v *service) portCalled(name string) *corev1.ServicePort {
	for i := range v.spec.Ports {
		if v.spec.Ports[i].Name == name && name != "" {
			return &v.spec.Ports[i]
		}
	}
	return nil
}

func nodeInt(n *loader.Node) (int, bool) {
	if n == nil || n.Kind != loader.Int {
		return 0, false
	}
	i, err := strconv.ParseInt(strings.ReplaceAll(n.Text, "_", ""), 0, 32)
	return int(i), err == nil
}

// podPort is the pods' port of that number, made up when no manifest speaks of
// it: a number needs no declaration.
func (w *Workload) podPort(number int, from Source) *port {
	if p := w.portNumbered(number, "TCP"); p != nil {
		return p
	}
	return &port{number: number, protocol: "TCP", from: from}
}
