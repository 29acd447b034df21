package mesh

import (
	"net/netip"
	"slices"
	"strings"

	networkingistio "istio.io/api/networking/v1alpha3"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// destinationRule is a DestinationRule: how clients connect to a host.
type destinationRule struct {
	*decode.Decoded
	spec *networkingistio.DestinationRule
	host string // in full
	sel  inventory.Selector
}

func (r *destinationRule) selects() bool { return r.spec.GetWorkloadSelector() != nil }

// exportsTo reports that clients of a namespace may see the rule. A rule for
// single workloads never leaves its namespace.
// istio/istio pilot/pkg/model/push_context.go (setDestinationRules).
func (r *destinationRule) exportsTo(namespace string, privateByDefault bool) bool {
	to := r.spec.GetExportTo()
	switch {
	case r.selects():
		return namespace == r.Namespace
	case len(to) == 0:
		return !privateByDefault || namespace == r.Namespace
	}
	return slices.Contains(to, "*") || slices.Contains(to, namespace) || namespace == r.Namespace && slices.Contains(to, ".")
}

// privateOnly reports a rule that only its own namespace sees.
func (r *destinationRule) privateOnly(privateByDefault bool) bool {
	to := r.spec.GetExportTo()
	if r.selects() || len(to) == 0 {
		return r.selects() || privateByDefault
	}
	return len(to) == 1 && (to[0] == "." || to[0] == r.Namespace)
}

// ruleIndex finds the rules of one scope for a host.
type ruleIndex struct {
	specific, wildcard map[string][]*destinationRule
	placeholder        bool // some rule's host is a placeholder
}

func (x *ruleIndex) add(r *destinationRule) {
	if x.specific == nil {
		x.specific, x.wildcard = map[string][]*destinationRule{}, map[string][]*destinationRule{}
	}
	switch {
	case decode.IsPlaceholder(r.host):
		x.placeholder = true
	case strings.HasPrefix(r.host, "*"):
		x.wildcard[r.host] = append(x.wildcard[r.host], r)
	default:
		x.specific[r.host] = append(x.specific[r.host], r)
	}
}

// find returns the rules of the most specific host that matches: the name
// itself, else the longest wildcard.
// istio/istio pilot/pkg/model/config.go (MostSpecificHostMatch).
func (x *ruleIndex) find(host string) []*destinationRule {
	if x == nil {
		return nil
	}
	if rules := x.specific[host]; len(rules) > 0 {
		return rules
	}
	best := ""
	for h := range x.wildcard {
		if strings.HasSuffix(host, h[1:]) && len(h) > len(best) {
			best = h
		}
	}
	return x.wildcard[best]
}

// destinationRules holds the scopes in which the rule of a host is looked up, in
// this order: the client's own namespace, what the namespace of the Service
// exports, what the root namespace exports.
type destinationRules struct {
	all         []*destinationRule
	local       map[string]*ruleIndex
	exported    map[string]*ruleIndex
	rootPrivate ruleIndex
	// privateByDefault: rules without exportTo are visible in their own namespace only.
	privateByDefault bool
}

// readDestinationRules fills the index.
func (m *Mesh) readDestinationRules() {
	m.rules = destinationRules{local: map[string]*ruleIndex{}, exported: map[string]*ruleIndex{}, privateByDefault: m.Config.rulesPrivate}
	for o, spec := range decode.Each[*networkingistio.DestinationRule](m.Inventory.Objects) {
		r := &destinationRule{Decoded: o, spec: spec, host: fullHost(spec.GetHost(), o.Namespace)}
		r.sel = inventory.MapSelector(spec.GetWorkloadSelector().GetMatchLabels())
		m.rules.add(r, m.Config.isRoot(o.Namespace))
		m.selective[o.Namespace] = m.selective[o.Namespace] || r.selects()
	}
}

func (b *destinationRules) add(r *destinationRule, root bool) {
	b.all = append(b.all, r)
	index := func(m map[string]*ruleIndex) *ruleIndex {
		if m[r.Namespace] == nil {
			m[r.Namespace] = &ruleIndex{}
		}
		return m[r.Namespace]
	}
	if to := r.spec.GetExportTo(); r.selects() || len(to) == 0 || r.exportsTo(r.Namespace, false) {
		index(b.local).add(r)
	}
	switch {
	case !r.privateOnly(b.privateByDefault):
		index(b.exported).add(r)
	case root:
		b.rootPrivate.add(r)
	}
}

// fullHost completes a short name with the namespace of the object that has it.
// A name with a dot is taken as it stands, `reviews.prod` included.
// istio/istio pilot/pkg/model/virtualservice.go (ResolveShortnameToFQDN).
func fullHost(host, namespace string) string {
	if host == "" || host == "*" || strings.Contains(host, ".") || decode.IsPlaceholder(host) {
		return host
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	return host + "." + namespace + ".svc.cluster.local"
}

// lookup returns the rules for a host in the first scope that has any. client
// and owner are the namespaces of the client and of the host. known is false
// where the manifests leave open which rules these are.
// istio/istio pilot/pkg/model/push_context.go (destinationRule, getExportedDestinationRuleFromNamespace).
func (m *Mesh) lookup(client, host, owner string) (rules []*destinationRule, known bool) {
	b := &m.rules
	first := b.local[client]
	if m.Config.isRoot(client) {
		first = &b.rootPrivate
	}
	if first != nil && first.placeholder {
		return nil, false
	}
	if found := first.find(host); len(found) > 0 {
		return found, true
	}
	for _, ns := range []string{owner, m.Config.RootNamespace} {
		x := b.exported[ns]
		if x == nil {
			continue
		}
		found := x.find(host)
		visible := 0
		for _, r := range found {
			if r.exportsTo(client, b.privateByDefault) {
				visible++
			}
		}
		switch {
		case x.placeholder, visible > 0 && visible < len(found): // releases differ in what they merge
			return nil, false
		case visible > 0:
			return found, true
		}
	}
	return nil, true
}

// possiblyOldestRules returns the rules that may be the oldest: see
// possiblyInForce.
func possiblyOldestRules(rules []*destinationRule) []*destinationRule {
	return possiblyOldest(rules, func(r *destinationRule) *decode.Decoded { return r.Decoded })
}
