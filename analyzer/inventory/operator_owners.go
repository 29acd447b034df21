package inventory

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/operator"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// owners says which objects of the set belong to others.
type owners struct {
	makers map[string]bool // objects whose template makes whatever they own
	owning map[string]bool // objects that own something of the tree that has pods
}

// readOwners finds who owns what, in an export of a cluster.
func (s *Inventory) readOwners() owners {
	own := owners{makers: map[string]bool{}, owning: map[string]bool{}}
	for _, o := range s.Objects {
		kind := s.operators.Of(o.Object)
		switch {
		case kind != nil:
			s.decodeNested(o.Root.Get("metadata"), &o.Meta)
		case !isWorkloadKind(o.Kind):
			continue
		}
		if kind == nil || !kind.Partial && kind.ShownBy(o.Root) {
			own.makers[o.Namespace+"/"+o.Kind+"/"+o.Name] = true
		}
		if owner := controllerOf(o); owner != "" {
			own.owning[owner] = true
		}
	}
	return own
}

func controllerOf(o *decode.Decoded) string {
	for _, ref := range o.Meta.OwnerReferences {
		if ref.Controller != nil && *ref.Controller {
			return o.Namespace + "/" + ref.Kind + "/" + ref.Name
		}
	}
	return ""
}

// ownedInTree reports whether the object's pods are told by its owner.
func (own *owners) ownedInTree(o *decode.Decoded) bool {
	owner := controllerOf(o)
	return owner != "" && own.makers[owner]
}

// readCustom makes workloads of an object of another kind than Kubernetes' own.
func (s *Inventory) readCustom(o *decode.Decoded, own owners) {
	kind := s.operators.Of(o.Object)
	switch {
	case o.Typed != nil || o.Name == "":
	case kind == nil:
		s.readUnknown(o)
	case own.ownedInTree(o), kind.Partial && own.owning[o.Namespace+"/"+o.Kind+"/"+o.Name]:
		s.makers[o.Object] = true // its pods are told elsewhere
	default:
		s.makers[o.Object] = s.readOperated(o, kind)
	}
}

// toldPods reports whether the pods of an object that owns some are workloads
// of the model, all of them.
func (s *Inventory) toldPods(o *source.Object) bool {
	kind := s.operators.Of(o)
	return kind != nil && !kind.Opens && s.makers[o]
}

// addOperated notes objects of other kinds as pods: those that were not read
// and may own some, and those of operators' kinds that may or may not lie in a
// namespace.
func (g *gaps) addOperated(t operator.Table, objects []*decode.Decoded) {
	mayOwn := func(kind string) bool { return kind != "" && !isWorkloadKind(kind) && !podlessName(kind) }
	for kind := range g.Kinds {
		if mayOwn(kind) {
			g.Kinds["Pod"] = true
			break
		}
	}
	for _, gap := range g.List {
		if mayOwn(gap.Kind) {
			gap.Kind = "Pod"
			g.List = append(slices.Clip(g.List), gap)
		}
	}
	for _, o := range objects {
		switch {
		case t.Of(o.Object) == nil:
		case o.Namespace == "":
			g.mixed["Pod"] = true
		default:
			g.mixed["Pod/named"] = true
		}
	}
}

// podlessName recognises by name alone, which is all that is known of an object
// that was not read, the commonest kinds that own no pods.
func podlessName(kind string) bool {
	switch kind {
	case "ConfigMap", "Secret", "Service", "ServiceAccount", "Namespace", "Endpoints", "EndpointSlice", "Ingress", "IngressClass",
		"PersistentVolume", "PersistentVolumeClaim", "StorageClass", "LimitRange", "ResourceQuota", "PriorityClass", "RuntimeClass",
		"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "APIService",
		"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "HorizontalPodAutoscaler", "PodDisruptionBudget",
		"PeerAuthentication", "RequestAuthentication", "DestinationRule", "VirtualService", "ServiceEntry", "Sidecar", "Telemetry",
		"WorkloadEntry", "EnvoyFilter", "WasmPlugin", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute", "ReferenceGrant", "GatewayClass",
		"ServiceMonitor", "PodMonitor", "PrometheusRule", "Certificate", "Issuer", "ClusterIssuer", "ExternalSecret", "SecretStore", "ScaledObject":
		return true
	}
	return strings.HasSuffix(kind, "Policy")
}
