package inventory

import (
	"path"
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// closeNamespaces decides for each namespace whether every pod of it is known.
// Only there is "selects nothing" a fact: not where a controller, a chart or a
// kustomization of the tree may bring further pods, nor where something makes
// pods while it runs. A chart shares its
// namespace with whatever else is released there, and the namespace itself is
// the user's choice: https://helm.sh/docs/helm/helm_install/
func (s *Inventory) closeNamespaces() {
	made := s.findRuntimePods()
	everywhere := made.everywhere
	for _, o := range s.Objects {
		owner := podOwner(o.Object)
		everywhere = everywhere || owner == deploysAnywhere
		if s.scalesUnknown(o.Object) || owner == ownsPods && !s.toldPods(o.Object) {
			ns := s.Namespace(o.Namespace)
			ns.openKinds = append(ns.openKinds, o.Kind)
		}
	}
	release := s.Scope.Root != "" && s.Scope.Sets[0].Kind == source.ChartSet
	for _, ns := range s.Namespaces {
		ns.spawns = everywhere || made.in[ns.Name]
		switch {
		case !ns.hasPods:
			ns.Complete = fact.No
		case everywhere || made.in[ns.Name] || release && ns.Name == "" || len(ns.openKinds) > 0 || decode.IsPlaceholder(ns.Name) || s.sharedNamespace(ns) || ns.LooksLikePlatform() || s.Siblings.MeetsOthers(s.Place, ns.Name) ||
			s.Gaps.Unread(ns.Name, workloadKinds()...):
			ns.Complete = fact.Unknown
		default:
			ns.Complete = fact.Yes
		}
	}
}

// scalesUnknown reports an autoscaler of a workload that the manifests do not
// hold: its pods exist, and are defined elsewhere.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/#HorizontalPodAutoscalerSpec
func (s *Inventory) scalesUnknown(o *source.Object) bool {
	field := "scaleTargetRef"
	switch o.Kind {
	case "HorizontalPodAutoscaler", "ScaledObject":
	case "VerticalPodAutoscaler":
		field = "targetRef"
	default:
		return false
	}
	target := o.Root.Get("spec").Get(field)
	kind, ok := target.Get("kind").Str()
	if !ok && o.Kind == "ScaledObject" { // https://keda.sh/docs/latest/reference/scaledobject-spec/
		kind = "Deployment"
	}
	name, _ := target.Get("name").Str()
	return name != "" && isWorkloadKind(kind) && !slices.ContainsFunc(s.Namespace(o.Namespace).Index.All, func(w *Workload) bool {
		return w.Name == name && w.Kind == kind
	})
}

// CompleteFor narrows that for one object. The default namespace and the one that
// objects without a namespace go to are shared by whatever lies in a tree:
// there only the pods beside the object, in its own directory, are its own.
func (ns *Namespace) CompleteFor(o *source.Object) fact.Tri {
	if ns.Complete == fact.Yes && (ns.Name == "" || ns.Name == "default") && !ns.podDirs[path.Dir(o.File.Name)] {
		return fact.Unknown
	}
	return ns.Complete
}

func (ns *Namespace) addPodDir(o *source.Object) {
	if ns.podDirs == nil {
		ns.podDirs = map[string]bool{}
	}
	ns.hasPods = true
	ns.podDirs[path.Dir(o.File.Name)] = true
}

// podOwnership is what is known of a kind that is not decoded as a workload.
type podOwnership int

const (
	ownsNone podOwnership = iota
	ownsPods
	deploysAnywhere
)

// podOwner says whether a controller may make pods out of an object. Only
// kinds that are known to own none are trusted; everything else opens its
// namespace.
func podOwner(o *source.Object) podOwnership {
	if o.Followed {
		return ownsNone
	}
	switch o.Kind {
	case "Application", "ApplicationSet", "HelmRelease", "HelmChart", "Bundle", "Kustomization":
		return deploysAnywhere
	}
	if podlessGroup(o.Group()) || podlessKind(o.Group(), o.Kind) || source.IsPolicy(o) {
		return ownsNone
	}
	return ownsPods
}

// podlessGroup lists API groups none of whose kinds owns pods, besides the
// workloads that are decoded.
func podlessGroup(group string) bool {
	switch group {
	case "", "apps", "batch", "policy", "autoscaling", "extensions", "networking.k8s.io", "rbac.authorization.k8s.io",
		"storage.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io",
		"coordination.k8s.io", "scheduling.k8s.io", "certificates.k8s.io", "node.k8s.io", "discovery.k8s.io",
		"events.k8s.io", "flowcontrol.apiserver.k8s.io", "resource.k8s.io", "autoscaling.k8s.io", "snapshot.storage.k8s.io",
		"networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io",
		"inference.networking.k8s.io", "inference.networking.x-k8s.io", "policy.networking.k8s.io",
		"cert-manager.io", "external-secrets.io", "bitnami.com", "secrets-store.csi.x-k8s.io",
		"cilium.io", "crd.projectcalico.org", "projectcalico.org", "kyverno.io", "templates.gatekeeper.sh",
		"constraints.gatekeeper.sh", "kueue.x-k8s.io", "metrics.k8s.io", "metallb.io", "cloud.google.com", "networking.gke.io",
		"autoscaling.internal.knative.dev", "networking.internal.knative.dev", "caching.internal.knative.dev":
		return true
	}
	return false
}

func podlessKind(group, kind string) bool {
	switch group {
	case "monitoring.coreos.com":
		return kind != "Prometheus" && kind != "Alertmanager" && kind != "ThanosRuler" && kind != "PrometheusAgent"
	case "gateway.networking.k8s.io":
		return kind != "Gateway" // Istio and others deploy a proxy for it
	case "keda.sh":
		return kind != "ScaledJob"
	case "serving.kserve.io":
		return kind == "ServingRuntime" || kind == "ClusterServingRuntime" || kind == "ClusterStorageContainer" || kind == "LLMInferenceServiceConfig"
	case "trainer.kubeflow.org":
		return kind != "TrainJob"
	case "serving.knative.dev":
		return kind == "Route" || kind == "DomainMapping"
	case "argoproj.io":
		return kind == "WorkflowTemplate" || kind == "ClusterWorkflowTemplate" || kind == "AppProject"
	}
	return false
}
