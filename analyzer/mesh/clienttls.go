package mesh

import (
	"slices"

	networkingistio "istio.io/api/networking/v1alpha3"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// TLSMode is the TLS that a client is configured to send.
// https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings-TLSmode
type TLSMode string

// The modes.
const (
	AutoTLS         TLSMode = "AUTO" // no DestinationRule decides: enableAutoMtls does
	DisableTLS      TLSMode = "DISABLE"
	SimpleTLS       TLSMode = "SIMPLE"
	MutualTLSOfRule TLSMode = "MUTUAL" // with certificates that the rule names
	IstioMutualTLS  TLSMode = "ISTIO_MUTUAL"
	UnknownTLS      TLSMode = "UNKNOWN"
)

// ClientTLS is the TLS that a proxy sends to one port of a host.
type ClientTLS struct {
	Mode TLSMode
	From fact.Source // the block of the DestinationRule that decides; no object without one

	rule *destinationRule // nil where none decides
}

// ClientTLS finds the TLS that the proxy of a client sends to a subset ("" is
// the host itself) of a port of a host. host is the full name, owner the
// namespace that declares it.
func (m *Mesh) ClientTLS(client *inventory.Workload, host, owner string, port int, subset string) ClientTLS {
	unknown := ClientTLS{Mode: UnknownTLS}
	if m.Inventory.Gaps.Unread(client.Namespace, "DestinationRule") || !m.Config.RootKnown && len(m.rules.all) > 0 {
		return unknown
	}
	rules, known := m.lookup(client.Namespace, host, owner)
	if !known || m.imports(client, host, owner) != fact.Yes {
		return unknown
	}
	merged, known := mergedRules(rules, client.LabelSet)
	if !known {
		return unknown
	}
	answer := ClientTLS{Mode: AutoTLS}
	for i, c := range merged {
		next := c.tls(port, subset)
		if i > 0 && answer.Mode != next.Mode {
			return unknown
		}
		if i == 0 {
			answer = next
		}
	}
	return answer
}

// mergedRule is one result that the merge of a host's rules may have.
type mergedRule struct {
	policy  *destinationRule // whose trafficPolicy counts; nil where none has one
	subsets []*destinationRule
}

// mergedRules merges the rules of one host in one scope, as istiod does: rules
// that select the client come first; of equal selectors the first trafficPolicy
// counts and subsets add up; a rule for all clients may join those for some.
// The order is that of age: each rule that may be the oldest gives a result.
// known is false where the client's labels leave open whether a rule selects it.
//   - istio/istio pilot/pkg/model/push_context.go (sortConfigBySelectorAndCreationTime)
//   - istio/istio pilot/pkg/model/destination_rule.go (mergeDestinationRule)
//   - istio/istio pilot/pkg/model/sidecar.go (SidecarScope.DestinationRule)
func mergedRules(rules []*destinationRule, client inventory.LabelSet) (merged []mergedRule, known bool) {
	var own, common []*destinationRule
	for _, r := range rules {
		if !r.selects() {
			common = append(common, r)
			continue
		}
		switch r.sel.Matches(client) {
		case fact.Yes:
			own = append(own, r)
		case fact.Unknown:
			return nil, false
		case fact.No:
		}
	}
	switch {
	case !sameExport(common):
		// Old releases merge such rules, new ones take one of them.
		return unmerged(common, own), true
	case len(own) == 0:
		return mergeSameSelector(common, common), true
	}
	return mergeOwnAndCommon(own, common), true
}

// mergeOwnAndCommon merges rules that select the client with those for all
// clients.
func mergeOwnAndCommon(own, common []*destinationRule) []mergedRule {
	var out []mergedRule
	for _, head := range possiblyOldestRules(own) {
		var group []*destinationRule
		for _, r := range own {
			if r.sel.String() == head.sel.String() {
				group = append(group, r)
			}
		}
		// Whether such a rule also inherits from one for all clients differs between releases.
		out = append(out, mergeSameSelector(group, group)...)
		all := slices.Concat(group, common)
		if results := mergeSameSelector(group, all); results[0].policy != nil {
			out = append(out, results...)
		} else {
			out = append(out, mergeSameSelector(common, all)...)
		}
	}
	return out
}

func sameExport(rules []*destinationRule) bool {
	for _, r := range rules {
		if !slices.Equal(sortedSet(r.spec.GetExportTo()), sortedSet(rules[0].spec.GetExportTo())) {
			return false
		}
	}
	return true
}

func sortedSet(list []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

// unmerged gives a result for each rule alone.
func unmerged(lists ...[]*destinationRule) []mergedRule {
	var out []mergedRule
	for _, r := range slices.Concat(lists...) {
		m := mergedRule{subsets: []*destinationRule{r}}
		if r.spec.GetTrafficPolicy() != nil {
			m.policy = r
		}
		out = append(out, m)
	}
	return out
}

// mergeSameSelector gives a result for each rule of the group whose
// trafficPolicy may be the first; the subsets of all rules add up.
func mergeSameSelector(group, all []*destinationRule) []mergedRule {
	var with []*destinationRule
	for _, r := range group {
		if r.spec.GetTrafficPolicy() != nil {
			with = append(with, r)
		}
	}
	if len(with) == 0 {
		return []mergedRule{{subsets: all}}
	}
	var out []mergedRule
	for _, r := range possiblyOldestRules(with) {
		out = append(out, mergedRule{policy: r, subsets: all})
	}
	return out
}

// tls applies the trafficPolicy to a port: the port's own block replaces the
// rule's whole, its tls included, even where it has none; a subset's tls
// replaces the rule's, and its ports' blocks that again.
// istio/istio pilot/pkg/networking/util/util.go (MergeTrafficPolicy).
func (m *mergedRule) tls(port int, subset string) ClientTLS {
	out := ClientTLS{Mode: AutoTLS}
	if m.policy != nil {
		out = policyTLS(out, m.policy, m.policy.spec.GetTrafficPolicy(), port, yaml.Path{"spec", "trafficPolicy"})
	}
	if subset == "" {
		return out
	}
	var with []*destinationRule
	for _, r := range m.subsets {
		if subsetOf(r, subset) >= 0 {
			with = append(with, r)
		}
	}
	main := out
	for i, r := range possiblyOldestRules(with) {
		at := subsetOf(r, subset)
		next := policyTLS(main, r, r.spec.GetSubsets()[at].GetTrafficPolicy(), port, yaml.Path{"spec", "subsets", at, "trafficPolicy"})
		if i > 0 && next.Mode != out.Mode {
			return ClientTLS{Mode: UnknownTLS} // two rules define the subset: the older one's counts
		}
		out = next
	}
	return out
}

// subsetOf is the place of a subset in the rule's list, -1 without it.
func subsetOf(r *destinationRule, name string) int {
	return slices.IndexFunc(r.spec.GetSubsets(), func(s *networkingistio.Subset) bool { return s.GetName() == name })
}

func policyTLS(inherited ClientTLS, r *destinationRule, p *networkingistio.TrafficPolicy, port int, at yaml.Path) ClientTLS {
	out := inherited
	block := func(mode TLSMode, path yaml.Path) ClientTLS {
		return ClientTLS{Mode: mode, From: fact.Source{Object: r.Object, Path: path}, rule: r}
	}
	if t := p.GetTls(); t != nil {
		out = block(TLSMode(t.GetMode().String()), at.Join("tls"))
	}
	for i, level := range p.GetPortLevelSettings() {
		if int(level.GetPort().GetNumber()) != port || port == 0 {
			continue
		}
		if t := level.GetTls(); t != nil {
			return block(TLSMode(t.GetMode().String()), at.Join("portLevelSettings", i, "tls"))
		}
		return block(AutoTLS, at.Join("portLevelSettings", i))
	}
	return out
}
