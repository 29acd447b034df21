package source

import (
	"strings"
)

// ClusterScoped reports whether objects of a kind live outside namespaces.
func ClusterScoped(kind string) bool {
	switch kind {
	case "Namespace", "Node", "PersistentVolume", "ClusterRole", "ClusterRoleBinding",
		"CustomResourceDefinition", "APIService", "StorageClass", "CSIDriver", "CSINode", "VolumeAttachment",
		"VolumeAttributesClass", "VolumeSnapshotClass", "VolumeSnapshotContent",
		"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
		"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
		"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
		"PriorityClass", "RuntimeClass", "IngressClass", "GatewayClass", "DeviceClass", "ResourceSlice",
		"FlowSchema", "PriorityLevelConfiguration", "CertificateSigningRequest", "ClusterTrustBundle",
		"PodSecurityPolicy", "ComponentStatus", "IPAddress", "ServiceCIDR", "StorageVersion",
		"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy",
		"CiliumClusterwideNetworkPolicy", "CiliumClusterwideEnvoyConfig", "CiliumCIDRGroup", "CiliumNode",
		"GlobalNetworkPolicy", "GlobalNetworkSet", "HostEndpoint", "IPPool", "FelixConfiguration",
		"ClusterIssuer", "ClusterSecretStore", "ClusterExternalSecret", "ClusterPolicy",
		"ClusterServingRuntime", "ClusterStorageContainer", "ClusterTrainingRuntime",
		"ClusterLocalModel", "ClusterQueue", "ResourceFlavor", "ConstraintTemplate", "NodePool",
		"EC2NodeClass", "Profile", "SecurityContextConstraints", "Project", "ClusterPolicyReport":
		return true
	}
	return false
}

// offCluster reports whether objects of that type are read by some tool and
// never reach a cluster.
func offCluster(apiVersion, kind string) bool {
	group, _, _ := strings.Cut(apiVersion, "/")
	switch group {
	case "kind.x-k8s.io", "cli.kyverno.io", "chainsaw.kyverno.io", "kuttl.dev", "aisec-lint", "skaffold",
		"ctlptl.dev", "k3d.io", "eksctl.io", "audit.k8s.io", "kubeadm.k8s.io", "apiserver.k8s.io", "builtin",
		"backstage.io", "test.gatekeeper.sh", "krew.googlecontainertools.github.com", "kpt.dev", "kfdef.apps.kubeflow.org",
		"helm.sh", "buf.build", "imageset.openshift.io", "mirror.openshift.io", "minikube.sigs.k8s.io":
		return true
	case "v1":
		return kind == "Config"
	}
	return strings.HasSuffix(group, ".config.k8s.io") && !strings.HasPrefix(group, "kustomize")
}

// isKustomization reports whether a type is one of kustomize's own.
func isKustomization(apiVersion, kind string) bool {
	return strings.HasPrefix(apiVersion, "kustomize.config.k8s.io/") ||
		kind == "Kustomization" && apiVersion == "" || kind == "Component" && apiVersion == ""
}

// memberKind returns the kind of a list's members: Pod for PodList, "" for List.
func memberKind(kind string) string { return strings.TrimSuffix(kind, "List") }

// IsPolicy reports a kind that says who may connect, or how the mesh treats
// connections.
func IsPolicy(o *Object) bool {
	switch o.Group() {
	case "networking.k8s.io":
		return o.Kind == "NetworkPolicy"
	case "policy.networking.k8s.io":
		return true
	case "security.istio.io":
		return o.Kind == "PeerAuthentication" || o.Kind == "AuthorizationPolicy" || o.Kind == "RequestAuthentication"
	case "telemetry.istio.io":
		return o.Kind == "Telemetry"
	}
	return isOtherPolicy(o.Group(), o.Kind)
}

// isOtherPolicy recognises by their kinds the policies of Cilium, Calico,
// Antrea and OVN that say who may connect.
func isOtherPolicy(group, kind string) bool {
	switch group {
	case "cilium.io", "crd.projectcalico.org", "projectcalico.org", "crd.antrea.io":
		switch kind {
		case "CiliumBGPPeeringPolicy", "CiliumLocalRedirectPolicy", "PolicyRecommendationScope":
			return false
		}
		return strings.Contains(kind, "Policy") && !strings.HasPrefix(kind, "Staged")
	case "k8s.ovn.org", "network.openshift.io":
		return kind == "EgressFirewall" || kind == "EgressNetworkPolicy"
	}
	return false
}
