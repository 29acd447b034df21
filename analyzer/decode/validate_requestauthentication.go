package decode

import (
	securityistio "istio.io/api/security/v1beta1"
	typeistio "istio.io/api/type/v1beta1"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// requestAuthentication follows istio/istio pkg/config/validation/validation.go
// (ValidateRequestAuthentication) as far as it checks which workloads the policy
// is for; jwtRules are not validated.
func (d *Decoder) requestAuthentication(p *securityistio.RequestAuthentication) {
	d.oneTarget(p.GetSelector(), TargetsOf(p))
}

// oneTarget is validateOneOfSelectorType and validateWorkloadSelector of the same
// file, for RequestAuthentication and AuthorizationPolicy.
func (d *Decoder) oneTarget(sel *typeistio.WorkloadSelector, targets []*typeistio.PolicyTargetReference) {
	if sel != nil && len(targets) > 0 {
		d.refuse("not-allowed", yaml.Path{"spec", "selector"}, "selector stands beside targetRefs: Istio refuses both together", "keep the one that names what the policy is for")
	}
	d.workloadSelector(sel)
}
