package inventory

// IstioSystem is Istio's default for meshConfig.rootNamespace.
// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-root_namespace
const IstioSystem = "istio-system"

// GatewayGroup is the API group of the Gateway API.
const GatewayGroup = "gateway.networking.k8s.io"
