package decode

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	securityistio "istio.io/api/security/v1beta1"

	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// peerAuthentication follows the rules by which Istio refuses the whole policy:
// portLevelMtls needs a selector and at least one entry, its keys are ports, and
// a selector has no wildcards.
//   - https://istio.io/latest/docs/reference/config/security/peer_authentication/ (portLevelMtls)
//   - istio/api security/v1beta1/peer_authentication.proto and
//     type/v1beta1/selector.proto (XValidation)
//   - istio/istio pkg/config/validation/validation.go (ValidatePeerAuthentication)
func (d *Decoder) peerAuthentication(o *source.Object, p *securityistio.PeerAuthentication) {
	at := yaml.Path{"spec", "portLevelMtls"}
	if len(p.GetPortLevelMtls()) > 0 && len(p.GetSelector().GetMatchLabels()) == 0 {
		d.refuse("not-allowed", at, "portLevelMtls needs a selector: Istio refuses the whole policy without one",
			"add spec.selector.matchLabels for the workload that the ports belong to")
	}
	if n := o.Root.Get("spec").Get("portLevelMtls"); n != nil && n.Kind == yaml.Map && len(n.Fields) == 0 {
		d.refuse("not-allowed", at, "portLevelMtls is empty: Istio refuses the whole policy", "remove it, or name a port")
	}
	for _, number := range slices.Sorted(maps.Keys(p.GetPortLevelMtls())) {
		if number == 0 || number > netset.LastPort {
			d.refuse("not-allowed", at.Join(strconv.FormatUint(uint64(number), 10)), fmt.Sprintf("%d is not a port: Istio refuses the whole policy", number), "write a pod port from 1 to 65535")
		}
	}
	d.workloadSelector(p.GetSelector())
}
