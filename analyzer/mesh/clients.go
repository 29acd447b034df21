package mesh

import (
	"slices"

	networkingistio "istio.io/api/networking/v1alpha3"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// clientTLS is what a proxy is told to send to one port of a host.
type clientTLS struct {
	Mode     string           // AUTO, DISABLE, SIMPLE, MUTUAL, ISTIO_MUTUAL or UNKNOWN
	Rule     *destinationRule // nil where none decides
	Path     yaml.Path
	settings *networkingistio.ClientTLSSettings
}

// ClientTLS finds what clients of a namespace with these labels send to a
// subset ("" is the host itself) of a service port.
func (s *Mesh) ClientTLS(client *inventory.Workload, host, owner string, port int, subset string) clientTLS {
	unknown := clientTLS{Mode: "UNKNOWN"}
	if s.Inventory.Gaps.Unread(client.Namespace, "DestinationRule") || !s.Config.RootKnown && len(s.rules.all) > 0 {
		return unknown
	}
	rules, sure := s.lookup(client.Namespace, host, owner)
	if !sure || s.imports(client, host, owner) != fact.Yes {
		return unknown
	}
	var answer clientTLS
	for i, c := range mergedRules(rules, client.LabelSet) {
		next := c.tls(port, subset)
		if next.Mode == "" {
			next.Mode = "AUTO"
		}
		switch {
		case c.unsure:
			return unknown
		case i > 0 && answer.Mode != next.Mode:
			return unknown
		case i == 0:
			answer = next
		}
	}
	if answer.Mode == "" {
		answer.Mode = "AUTO"
	}
	return answer
}

// mergedRule is one way in which the rules of a host may come together.
type mergedRule struct {
	policy  *destinationRule // whose trafficPolicy counts; nil where none has one
	subsets []*destinationRule
	unsure  bool
}

// mergedRules merges the rules of one host in one scope, as istiod does: rules
// that select the client come first; of equal selectors the first trafficPolicy
// counts and subsets add up; a rule for all may join those for some. What comes
// first is a matter of age: each rule that may be the oldest gives a way.
//   - istio/istio pilot/pkg/model/push_context.go (sortConfigBySelectorAndCreationTime)
//   - istio/istio pilot/pkg/model/destination_rule.go (mergeDestinationRule)
//   - istio/istio pilot/pkg/model/sidecar.go (SidecarScope.DestinationRule)
func mergedRules(rules []*destinationRule, client inventory.LabelSet) []mergedRule {
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
			return []mergedRule{{unsure: true}}
		case fact.No:
		}
	}
	if !sameExport(common) {
		// Old releases merge such rules, new ones take one of them.
		return apart(common, own)
	}
	if len(own) == 0 {
		return waysOf(common, common)
	}
	return joined(own, common)
}

// joined merges rules that select the client with those for all.
func joined(own, common []*destinationRule) []mergedRule {
	var out []mergedRule
	for _, head := range oldestRules(own) {
		var group []*destinationRule
		for _, r := range own {
			if r.sel.String() == head.sel.String() {
				group = append(group, r)
			}
		}
		// Whether such a rule also takes what one for all says differs between releases.
		out = append(out, waysOf(group, group)...)
		all := slices.Concat(group, common)
		if ways := waysOf(group, all); ways[0].policy != nil {
			out = append(out, ways...)
		} else {
			out = append(out, waysOf(common, all)...)
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

// apart gives each rule as a way of its own.
func apart(lists ...[]*destinationRule) []mergedRule {
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

func waysOf(group, all []*destinationRule) []mergedRule {
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
	for _, r := range oldestRules(with) {
		out = append(out, mergedRule{policy: r, subsets: all})
	}
	return out
}

// tls applies the trafficPolicy to a port: the port's own block replaces the
// rule's whole, its tls included, even where it has none; a subset's tls
// replaces the rule's, and its ports' blocks that again.
// istio/istio pilot/pkg/networking/util/util.go (MergeTrafficPolicy).
func (m *mergedRule) tls(port int, subset string) clientTLS {
	var out clientTLS
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
	for i, r := range oldestRules(with) {
		at := subsetOf(r, subset)
		next := policyTLS(main, r, r.spec.GetSubsets()[at].GetTrafficPolicy(), port, yaml.Path{"spec", "subsets", at, "trafficPolicy"})
		if i > 0 && next.Mode != out.Mode {
			return clientTLS{Mode: "UNKNOWN"} // one subset twice: the older rule's counts
		}
		out = next
	}
	return out
}

func subsetOf(r *destinationRule, name string) int {
	return slices.IndexFunc(r.spec.GetSubsets(), func(s *networkingistio.Subset) bool { return s.GetName() == name })
}

func policyTLS(inherited clientTLS, r *destinationRule, p *networkingistio.TrafficPolicy, port int, at yaml.Path) clientTLS {
	out := inherited
	if t := p.GetTls(); t != nil {
		out = clientTLS{Mode: t.GetMode().String(), Rule: r, Path: at.Join("tls"), settings: t}
	}
	for i, level := range p.GetPortLevelSettings() {
		if int(level.GetPort().GetNumber()) != port || port == 0 {
			continue
		}
		if t := level.GetTls(); t != nil {
			return clientTLS{Mode: t.GetMode().String(), Rule: r, Path: at.Join("portLevelSettings", i, "tls"), settings: t}
		}
		return clientTLS{Mode: "AUTO", Rule: r, Path: at.Join("portLevelSettings", i)}
	}
	return out
}
