package decode

import (
	"reflect"
	"runtime"
	"sync"

	"google.golang.org/protobuf/proto"
	networkingistio "istio.io/api/networking/v1alpha3"
	securityistio "istio.io/api/security/v1beta1"
	telemetryistio "istio.io/api/telemetry/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// newTyped returns a pointer to the API type of a Kubernetes kind that is
// decoded whole, nil for every other kind. A version that Kubernetes no longer
// serves is not in the table: its fields are not those of today's type.
func newTyped(ref source.Ref) any {
	switch ref.APIVersion + "/" + ref.Kind {
	case "v1/Pod":
		return &corev1.Pod{}
	case "v1/ReplicationController":
		return &corev1.ReplicationController{}
	case "v1/Service":
		return &corev1.Service{}
	case "v1/Namespace":
		return &corev1.Namespace{}
	case "apps/v1/Deployment":
		return &appsv1.Deployment{}
	case "apps/v1/StatefulSet":
		return &appsv1.StatefulSet{}
	case "apps/v1/DaemonSet":
		return &appsv1.DaemonSet{}
	case "apps/v1/ReplicaSet":
		return &appsv1.ReplicaSet{}
	case "batch/v1/Job":
		return &batchv1.Job{}
	case "batch/v1/CronJob":
		return &batchv1.CronJob{}
	case "networking.k8s.io/v1/NetworkPolicy":
		return &networkingv1.NetworkPolicy{}
	}
	return nil
}

// Istio is an Istio resource. The API module has messages for specs only.
type Istio struct {
	Metadata metav1.ObjectMeta
	Spec     proto.Message // of the kinds of newIstio
}

// newIstio returns an empty object of an Istio kind, nil for every other kind.
// The served versions of one kind share their fields (istio/api keeps
// v1alpha3, v1beta1 and v1 in step).
func newIstio(ref source.Ref) *Istio {
	var spec proto.Message
	switch ref.Group() + "/" + ref.Kind {
	case "security.istio.io/PeerAuthentication":
		spec = &securityistio.PeerAuthentication{}
	case "security.istio.io/AuthorizationPolicy":
		spec = &securityistio.AuthorizationPolicy{}
	case "security.istio.io/RequestAuthentication":
		spec = &securityistio.RequestAuthentication{}
	case "networking.istio.io/DestinationRule":
		spec = &networkingistio.DestinationRule{}
	case "networking.istio.io/VirtualService":
		spec = &networkingistio.VirtualService{}
	case "networking.istio.io/Gateway":
		spec = &networkingistio.Gateway{}
	case "networking.istio.io/ServiceEntry":
		spec = &networkingistio.ServiceEntry{}
	case "networking.istio.io/Sidecar":
		spec = &networkingistio.Sidecar{}
	case "telemetry.istio.io/Telemetry":
		spec = &telemetryistio.Telemetry{}
	default:
		return nil
	}
	return &Istio{Spec: spec}
}

// Decoded is an object with its decoded form.
type Decoded struct {
	*source.Object
	Meta     metav1.ObjectMeta
	Typed    any // a pointer to the type of newTyped, an *Istio, or nil for any other kind
	Problems []FieldProblem
	// Believed is false for an object that the API server or istiod would
	// refuse, or that still holds placeholders: nothing is concluded from it.
	Believed bool
}

// decode reads an object into its API type.
func (d *Decoder) decode(o *source.Object) *Decoded {
	d.reset()
	out := &Decoded{Object: o}
	if o.Root.Kind != yaml.Map {
		return out
	}
	if t := newTyped(o.Ref); t != nil {
		v := reflect.ValueOf(t).Elem()
		d.into(o.Root, v)
		out.Typed = t
		out.Meta, _ = reflect.TypeAssert[metav1.ObjectMeta](v.FieldByName("ObjectMeta"))
	} else if i := newIstio(o.Ref); i != nil {
		d.istio(o.Root, i)
		out.Typed = i
		out.Meta = i.Metadata
	}
	if out.Typed != nil {
		d.duplicates(o)
		d.validate(out)
	}
	out.Problems = d.problems
	out.Believed = len(d.problems) == 0 && !d.templated
	return out
}

// istioTop are the fields of every Istio resource.
type istioTop struct{}

func (istioTop) fieldNames() []string {
	return []string{"apiVersion", "kind", "metadata", "spec", "status"}
}

func (d *Decoder) istio(root *yaml.Node, o *Istio) {
	d.parents = append(d.parents, istioTop{})
	for i := range root.Fields {
		f := &root.Fields[i]
		d.pushKey(f.Key.Text)
		switch f.Key.Text {
		case "apiVersion", "kind", "status":
		case "metadata":
			d.into(f.Value, reflect.ValueOf(&o.Metadata).Elem())
		case "spec":
			d.message(f.Value, o.Spec.ProtoReflect())
		default:
			d.unknownField(f.Key.Text, istioTop{})
		}
		d.pop()
	}
}

// All decodes objects in parallel and validates them. The result has one entry
// for each object, in their order.
func All(objects []*source.Object) []*Decoded {
	out := make([]*Decoded, len(objects))
	workers := min(runtime.GOMAXPROCS(0), len(objects)/64+1)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			d := NewDecoder()
			for i := w * len(objects) / workers; i < (w+1)*len(objects)/workers; i++ {
				out[i] = d.decode(objects[i])
			}
		})
	}
	wg.Wait()
	return out
}
