package analyzer

import "strings"

// What authorization rests on of the mesh configuration.

// rootOfMesh is the namespace whose policies hold for the whole mesh.
func (s *Mesh) rootOfMesh() string { return s.config.rootNamespace }

// trustDomains returns the mesh's own trust domain and its aliases. Unless the
// mesh configuration is known they are Istio's default and a guess.
// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-trust_domain
func (s *Mesh) trustDomains() (domains []string, known bool) {
	return s.config.trustDomains, s.config.ofMesh && s.config.trustKnown
}

const defaultTrustDomain = "cluster.local"

// mergesSlashes recognises a mesh configuration that makes one slash of many.
// https://istio.io/latest/docs/ops/best-practices/security/#customize-your-system-on-path-normalization
func (s *Policies) mergesSlashes() bool {
	for _, o := range s.inventory.objects {
		switch o.Kind {
		case "ConfigMap", "IstioOperator", "Istio":
			if strings.Contains(string(appendJSON(nil, o.Root)), "MERGE_SLASHES") {
				return true
			}
		}
	}
	return false
}
