package mesh

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	networkingistio "istio.io/api/networking/v1alpha3"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// destinationRule says how clients talk to a host.
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

// privateOnly reports a rule that its own namespace alone sees.
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
	opaque             bool // some rule's host is a placeholder
}

func (x *ruleIndex) add(r *destinationRule) {
	if x.specific == nil {
		x.specific, x.wildcard = map[string][]*destinationRule{}, map[string][]*destinationRule{}
	}
	switch {
	case decode.IsPlaceholder(r.host):
		x.opaque = true
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

// destinationRules holds the scopes in which a client looks, in this order: its own
// namespace, what the service's exports, what the root namespace exports.
type destinationRules struct {
	all         []*destinationRule
	local       map[string]*ruleIndex
	exported    map[string]*ruleIndex
	rootPrivate ruleIndex
	byDefault   bool // rules without exportTo are private
}

// readDestinationRules fills the index.
func (s *Mesh) readDestinationRules() {
	s.rules = destinationRules{local: map[string]*ruleIndex{}, exported: map[string]*ruleIndex{}, byDefault: s.Config.rulesPrivate}
	for _, o := range s.Inventory.Objects {
		i, ok := o.Typed.(*decode.Istio)
		if !ok || !o.Believed {
			continue
		}
		if spec, ok := i.Spec.(*networkingistio.DestinationRule); ok {
			r := &destinationRule{Decoded: o, spec: spec, host: fullHost(spec.GetHost(), o.Namespace)}
			r.sel = inventory.MapSelector(spec.GetWorkloadSelector().GetMatchLabels())
			s.rules.add(r, s.Config.isRoot(o.Namespace))
		}
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
	case !r.privateOnly(b.byDefault):
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

// lookup returns the rules for a host in the first scope that has any, and
// whether manifests tell that these are the ones.
// istio/istio pilot/pkg/model/push_context.go (destinationRule, getExportedDestinationRuleFromNamespace).
func (s *Mesh) lookup(client, host, owner string) (rules []*destinationRule, sure bool) {
	b := &s.rules
	first := b.local[client]
	if s.Config.isRoot(client) {
		first = &b.rootPrivate
	}
	if first != nil && first.opaque {
		return nil, false
	}
	if found := first.find(host); len(found) > 0 {
		return found, true
	}
	for _, ns := range []string{owner, s.Config.RootNamespace} {
		x := b.exported[ns]
		if x == nil {
			continue
		}
		found := x.find(host)
		visible := 0
		for _, r := range found {
			if r.exportsTo(client, b.byDefault) {
				visible++
			}
		}
		switch {
		case x.opaque, visible > 0 && visible < len(found): // releases differ in what they merge
			return nil, false
		case visible > 0:
			return found, true
		}
	}
	return nil, true
}

// oldestRules returns those that may be the oldest: see inForce.
func oldestRules(rules []*destinationRule) []*destinationRule {
	if len(rules) < 2 {
		return rules
	}
	var out []*destinationRule
	var oldest *destinationRule
	for _, r := range rules {
		created := r.Meta.CreationTimestamp.Time
		switch {
		case created.IsZero():
			out = append(out, r)
		case oldest == nil || earlier(created, r.Name, oldest.Meta.CreationTimestamp.Time, oldest.Name):
			oldest = r
		}
	}
	if oldest != nil {
		out = append(out, oldest)
	}
	return out
}

func earlier(a time.Time, nameA string, b time.Time, nameB string) bool {
	if !a.Equal(b) {
		return a.Before(b)
	}
	return nameA < nameB
}
