package authz

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
)

const defaultTrustDomain = "cluster.local"

// mergesSlashes recognises a mesh configuration that makes one slash of many.
// https://istio.io/latest/docs/ops/best-practices/security/#customize-your-system-on-path-normalization
func (s *Policies) mergesSlashes() bool {
	for _, o := range s.inventory.Objects {
		switch o.Kind {
		case "ConfigMap", "IstioOperator", "Istio":
			if strings.Contains(string(decode.AppendJSON(nil, o.Root)), "MERGE_SLASHES") {
				return true
			}
		}
	}
	return false
}
