package netpol_test

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// naiveTier is a policy of policy.networking.k8s.io; naiveTierRule one rule.
type naiveTier struct {
	old      bool // AdminNetworkPolicy or BaselineAdminNetworkPolicy
	tier     string
	priority int
	subject  naiveTierPeer
	rules    map[string][]naiveTierRule // by direction
}

type naiveTierRule struct {
	action string
	peers  []naiveTierPeer
	ports  []naiveTierPort
}

type naiveTierPeer struct {
	namespaces metav1.LabelSelector
	pods       *metav1.LabelSelector
	networks   []string // alone
}

type naiveTierPort struct {
	protocol    corev1.Protocol
	first, last int32
	name        string // alone
}

// naiveOrders lists every order in which policies of one priority may be
// applied: that of the list, and its reverse, are enough for pairs.
func naiveOrders(tiers []naiveTier) [][]naiveTier {
	byPriority := func(a, b naiveTier) int { return a.priority - b.priority }
	one := slices.Clone(tiers)
	slices.SortStableFunc(one, byPriority)
	if len(tiers) < 2 {
		return [][]naiveTier{one}
	}
	two := slices.Clone(tiers)
	slices.Reverse(two)
	slices.SortStableFunc(two, byPriority)
	return [][]naiveTier{one, two}
}

// tier returns the action of the first rule that matches, "" without any.
func (c *naiveCluster) tier(tier string, order []naiveTier, direction string, self, peer, dst naiveEnd, p naivePortNumber) string {
	for _, t := range order {
		if t.tier != tier || !c.tierPeer(t.subject, self) {
			continue
		}
		for _, r := range t.rules[direction] {
			matches := slices.ContainsFunc(r.peers, func(q naiveTierPeer) bool { return c.tierPeer(q, peer) })
			if matches && naiveTierPorts(r.ports, dst, p) {
				return r.action
			}
		}
	}
	return ""
}

func (c *naiveCluster) tierPeer(q naiveTierPeer, end naiveEnd) bool {
	if slices.Contains(q.networks, "0.0.0.0/0") && slices.Contains(q.networks, "::/0") {
		return true // whatever address it has
	}
	if len(q.networks) > 0 {
		return slices.ContainsFunc(q.networks, func(n string) bool {
			return end.address.IsValid() && netip.MustParsePrefix(n).Contains(end.address)
		})
	}
	if end.pod == nil || end.pod.host {
		return false
	}
	return naiveSelects(q.namespaces, c.namespaceLabels(end.pod.namespace)) && (q.pods == nil || naiveSelects(*q.pods, end.pod.labels))
}

func naiveTierPorts(ports []naiveTierPort, dst naiveEnd, p naivePortNumber) bool {
	if len(ports) == 0 {
		return true
	}
	for _, q := range ports {
		switch {
		case q.name == "":
			if q.protocol == p.protocol && q.first <= p.number && p.number <= q.last {
				return true
			}
		case dst.pod != nil:
			for _, named := range dst.pod.ports {
				if named.Name == q.name && named.Protocol == p.protocol && named.ContainerPort == p.number {
					return true
				}
			}
		}
	}
	return false
}
