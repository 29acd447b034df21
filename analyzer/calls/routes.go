package calls

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// Route leads traffic from proxies to pods: an Ingress, or a route of one gateway.
type Route struct {
	Object   *source.Object // the Ingress, HTTPRoute, VirtualService or the like
	Sources  RouteSource
	Backends []RouteBackend // at least one
}

// RouteBackend is one place that a route sends traffic to.
type RouteBackend struct {
	Service      *inventory.Service      // nil for a pool
	pool         *source.Object          // an InferencePool; nil for a Service
	number       int                     // of the Service port; 0 for a pool and when several ports could be meant
	From         fact.Source             // the reference to it
	Destinations []inventory.Destination // empty when the pods are not known
}

// RouteSource says which clients connect to the backends of a route or scrape.
type RouteSource struct {
	Kind SourceKind
	// For pods: their labels and namespace ("" with AnyNamespace), and those of
	// the set, which may be none: the proxies may be deployed from elsewhere.
	Labels       map[string]string
	Namespace    string
	AnyNamespace bool
	Workloads    []*inventory.Workload
	// Gateway is the Gateway or Prometheus object of the set, nil for an Ingress
	// and where there is none.
	Gateway *source.Object
}

// SourceKind is what is known of the clients of a route.
type SourceKind int

const (
	// unknownSource means that the class, the Gateway or the controller is not known.
	unknownSource SourceKind = iota
	// PodSource means pods with given labels.
	PodSource
	// AddressSource means a load balancer outside the cluster that sends to pods.
	AddressSource
)

// routing finds the backends of the routes of a set, and what is scraped.
type routing struct {
	inventory *inventory.Inventory
	d         *inventory.NameIndex
	pods      inventory.WorkloadIndex // of every namespace
	gateways  map[string]*source.Object
	pools     map[string]*source.Object
	classes   map[string]string // controller of GatewayClass/name and IngressClass/name
	istio     map[string]*decode.Decoded
	subsets   map[*inventory.Service]map[string][]inventory.Selector
	routes    []Route
	scrapes   []Scrape
}

// Routes returns the routes of the set that have a backend, in the order of its
// objects.
func (c *Calls) Routes() []Route { return c.routing.routes }

func newRouting(s *inventory.Inventory) *routing {
	r := &routing{
		inventory: s, d: s.Hosts, gateways: map[string]*source.Object{}, pools: map[string]*source.Object{},
		classes: map[string]string{}, istio: map[string]*decode.Decoded{}, subsets: map[*inventory.Service]map[string][]inventory.Selector{},
	}
	for _, w := range s.Workloads {
		r.pods.Add(w)
	}
	for _, o := range s.Objects {
		r.register(o)
	}
	for _, o := range s.Objects {
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
func (r *routing) register(o *decode.Decoded) {
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
func (r *routing) proxies(labels map[string]string, namespace string, everywhere bool) RouteSource {
	src := RouteSource{Kind: PodSource, Labels: labels, Namespace: namespace, AnyNamespace: everywhere}
	index := &r.pods
	if !everywhere {
		ns := r.inventory.Namespaces[namespace]
		if ns == nil {
			return src
		}
		index = &ns.Index
	}
	src.Workloads, _ = index.Match(inventory.MapSelector(labels))
	return src
}

// add adds a route that has a backend.
func (r *routing) add(rt Route) {
	if len(rt.Backends) > 0 {
		r.routes = append(r.routes, rt)
	}
}

// serviceBackend is a Service port as proxies see it: by its endpoints.
func serviceBackend(v *inventory.Service, sp *corev1.ServicePort, from fact.Source) RouteBackend {
	b := RouteBackend{Service: v, From: from, Destinations: v.Behind(sp)}
	if sp != nil {
		b.number = int(sp.Port)
	}
	return b
}
