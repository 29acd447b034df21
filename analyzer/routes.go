package analyzer

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/loader/source"
)

// route is one entry that leads traffic from proxies to pods: an Ingress, or a
// route of one gateway.
type route struct {
	object   *source.Object
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
	pool         *source.Object // an InferencePool; nil for a Service
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
	// gateway is the Gateway or Prometheus object of the set, nil for an Ingress
	// and when there is none.
	gateway *source.Object
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
	gateways map[string]*source.Object
	pools    map[string]*source.Object
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
		s: s, d: s.directory(), gateways: map[string]*source.Object{}, pools: map[string]*source.Object{},
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
