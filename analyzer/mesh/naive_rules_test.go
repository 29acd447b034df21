package mesh_test

import (
	"fmt"
	"maps"
	rand "math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/naive"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
)

// naiveDR is one DestinationRule for port 80, told as istiod holds it.
type naiveDR struct {
	namespace, name, host string
	exportTo              []string
	selector              map[string]string
	tls                   string // "": no tls; "-": no trafficPolicy
	port                  string // of portLevelSettings for 80; "": no entry; "-": an entry without tls
	date                  int
}

func (r *naiveDR) fqdn() string {
	if r.host == "*" || strings.Contains(r.host, ".") {
		return r.host
	}
	return r.host + "." + r.namespace + ".svc.cluster.local"
}

// naiveEntry is a ConsolidatedDestRule: the policy is that of the rule that
// brought one first.
type naiveEntry struct {
	rule     *naiveDR
	policy   *naiveDR
	exportTo []string
}

func naiveSet(of []string) []string { return slices.Compact(slices.Sorted(slices.Values(of))) }

type naiveBook map[string]map[string][]*naiveEntry // namespace, host

// merge is mergeDestinationRule
// (istio/istio pilot/pkg/model/destination_rule.go), with
// ENABLE_ENHANCED_DESTINATIONRULE_MERGE on or off.
func (b naiveBook) merge(r *naiveDR, exportTo []string, enhanced bool) {
	if b[r.namespace] == nil {
		b[r.namespace] = map[string][]*naiveEntry{}
	}
	entry := &naiveEntry{rule: r, exportTo: exportTo}
	if r.tls != "-" {
		entry.policy = r
	}
	list := b[r.namespace][r.fqdn()]
	separately := true
	for _, e := range list {
		bothWith, bothWithout := e.rule.selector != nil && r.selector != nil, e.rule.selector == nil && r.selector == nil
		match := maps.Equal(e.rule.selector, r.selector)
		join := bothWithout || bothWith && match
		switch {
		case enhanced && slices.Equal(naiveSet(e.exportTo), naiveSet(exportTo)):
			separately = !join
		case enhanced && len(e.exportTo) > 0 && !slices.ContainsFunc(e.exportTo, func(to string) bool { return !slices.Contains(exportTo, to) }):
			separately = true
		case enhanced:
			separately = true
			continue
		}
		if bothWith && !match {
			separately = true
			continue
		}
		if !enhanced && join {
			separately = false
		}
		if e.policy == nil {
			e.policy = entry.policy
		}
	}
	if separately {
		list = append(list, entry)
	}
	b[r.namespace][r.fqdn()] = list
}

// naiveFind is MostSpecificHostMatch (istio/istio pilot/pkg/model/config.go).
func naiveFind(byHost map[string][]*naiveEntry, host string) []*naiveEntry {
	if e, ok := byHost[host]; ok {
		return e
	}
	best := ""
	for h := range byHost {
		if strings.HasPrefix(h, "*") && strings.HasSuffix(host, h[1:]) && len(h) > len(best) {
			best = h
		}
	}
	return byHost[best]
}

// naiveClient is setDestinationRules, destinationRule and
// SidecarScope.DestinationRule for rules in the order of their creation.
func naiveClient(rules []*naiveDR, client string, labels map[string]string, enhanced bool) string {
	sorted := slices.Clone(rules)
	slices.SortStableFunc(sorted, func(a, b *naiveDR) int {
		rank := func(r *naiveDR) int {
			if r.selector != nil {
				return 0
			}
			return 1
		}
		return rank(a) - rank(b)
	})
	local, exported, private := naiveBook{}, naiveBook{}, naiveBook{}
	for _, r := range sorted {
		to := r.exportTo
		if r.selector != nil {
			to = []string{"."}
		}
		if len(to) == 0 || slices.Contains(to, "*") || slices.Contains(to, ".") || slices.Contains(to, r.namespace) {
			local.merge(r, to, enhanced)
		}
		if len(to) == 1 && (to[0] == "." || to[0] == r.namespace) {
			if r.namespace == rootNS {
				private.merge(r, to, enhanced)
			}
			continue
		}
		exported.merge(r, to, enhanced)
	}
	const host = "svc.ai.svc.cluster.local"
	first := local[client]
	if client == rootNS {
		first = private[rootNS]
	}
	if found := naiveFind(first, host); len(found) > 0 {
		return naiveTLS(found, client, labels)
	}
	for _, ns := range []string{"ai", rootNS} {
		found := naiveFind(exported[ns], host)
		var visible []*naiveEntry
		for _, e := range found {
			if len(e.exportTo) == 0 || slices.Contains(e.exportTo, "*") || slices.Contains(e.exportTo, client) || slices.Contains(e.exportTo, ".") && client == ns {
				visible = append(visible, e)
			}
		}
		if len(visible) > 0 {
			return naiveTLS(visible, client, labels)
		}
	}
	return "AUTO"
}

func naiveTLS(entries []*naiveEntry, client string, labels map[string]string) string {
	var chosen *naiveEntry
	for _, e := range entries {
		if e.rule.selector == nil {
			chosen = e
			continue
		}
		if e.rule.namespace == client && subset(e.rule.selector, labels) {
			chosen = e
			break
		}
	}
	if chosen == nil || chosen.policy == nil {
		return "AUTO"
	}
	switch p := chosen.policy; {
	case p.port == "-":
		return "AUTO"
	case p.port != "":
		return p.port
	case p.tls == "":
		return "AUTO"
	default:
		return p.tls
	}
}

func subset(want, have map[string]string) bool {
	for k, v := range want {
		if have[k] != v {
			return false
		}
	}
	return true
}

func naiveRules(r *rand.Rand) []*naiveDR {
	modes := []string{"-", "", "DISABLE", "SIMPLE", "ISTIO_MUTUAL"}
	hosts := []string{"svc", "svc.ai.svc.cluster.local", "svc.ai.svc.cluster.local", "svc.ai", "*.ai.svc.cluster.local", "*.local", "*", "other"}
	exports := [][]string{nil, nil, nil, {"*"}, {"."}, {"web"}, {"ai"}, {"web", "ai"}, {rootNS}}
	var out []*naiveDR
	for i := range r.IntN(5) {
		d := &naiveDR{
			namespace: []string{"ai", "web", "web", rootNS}[r.IntN(4)], name: fmt.Sprintf("r%d", i), host: hosts[r.IntN(len(hosts))],
			exportTo: exports[r.IntN(len(exports))], tls: modes[r.IntN(len(modes))],
		}
		if r.IntN(4) == 0 {
			d.selector = []map[string]string{{"app": "c"}, {"app": "other"}}[r.IntN(2)]
		}
		if d.tls != "-" && r.IntN(3) == 0 {
			d.port = modes[r.IntN(len(modes))]
		}
		if r.IntN(3) == 0 {
			d.date = 1 + r.IntN(3)
		}
		out = append(out, d)
	}
	return out
}

func (r *naiveDR) yaml() string {
	var b strings.Builder
	b.WriteString(naiveHead("networking", "DestinationRule", r.name, r.namespace, r.date))
	fmt.Fprintf(&b, "spec:\n  host: %q\n", r.host)
	if r.exportTo != nil {
		fmt.Fprintf(&b, "  exportTo: [%q]\n", strings.Join(r.exportTo, `", "`))
	}
	for k, v := range r.selector {
		fmt.Fprintf(&b, "  workloadSelector: {matchLabels: {%s: %s}}\n", k, v)
	}
	if r.tls == "-" {
		return strings.ReplaceAll(b.String(), `\"`, `"`)
	}
	b.WriteString("  trafficPolicy:\n    connectionPool: {}\n")
	if r.tls != "" {
		fmt.Fprintf(&b, "    tls: {mode: %s}\n", r.tls)
	}
	switch r.port {
	case "":
	case "-":
		b.WriteString("    portLevelSettings: [{port: {number: 80}}, {port: {number: 81}, tls: {mode: MUTUAL}}]\n")
	default:
		fmt.Fprintf(&b, "    portLevelSettings: [{port: {number: 80}, tls: {mode: %s}}]\n", r.port)
	}
	return strings.ReplaceAll(b.String(), `\"`, `"`)
}

// mixed reports rules of one host and namespace that are exported differently:
// releases differ in what they make of them, and the engine may leave it open.
func mixed(rules []*naiveDR) bool {
	seen := map[string]string{}
	for _, r := range rules {
		key := r.namespace + " " + r.fqdn()
		to := fmt.Sprint(r.exportTo)
		if other, ok := seen[key]; ok && other != to {
			return true
		}
		seen[key] = to
	}
	return false
}

// TestNaiveRules compares the lookup of DestinationRules with istiod's code,
// told again literally, on random sets of rules.
func TestNaiveRules(t *testing.T) {
	t.Parallel()
	n := naive.Draws()
	unknown, compared := 0, 0
	for seed := range n {
		r := rand.New(rand.NewPCG(uint64(seed), 8))
		rules := naiveRules(r)
		client := []string{"web", "web", "ai", rootNS}[r.IntN(4)]
		manifests := []string{"apiVersion: v1\nkind: Pod\nmetadata: {name: c, namespace: " + client + ", labels: {app: c}}\nspec: {containers: [{name: c, image: i}]}\n"}
		for _, d := range rules {
			manifests = append(manifests, d.yaml())
		}
		m := analyzertest.Build(t, sample.Join(manifests...))
		got := string(m.Sets[0].Mesh.ClientTLS(analyzertest.Workload(t, m, client+"/c[Pod]").Workload, "svc.ai.svc.cluster.local", "ai", 80, "").Mode)
		want := naiveClients(rules, client)
		compared++
		if got == "UNKNOWN" && want != "UNKNOWN" && mixed(rules) {
			unknown++
			continue
		}
		if got != want {
			t.Fatalf("seed %d, client in %s: %s, want %s\n%s", seed, client, got, want, sample.Join(manifests...))
		}
	}
	if unknown*10 > compared {
		t.Errorf("%d of %d are left open without need", unknown, compared)
	}
}

// naiveClients asks about every order of creation and both ways to merge.
func naiveClients(rules []*naiveDR, client string) string {
	answer := ""
	orders(slices.Clone(rules), 0, func(order []*naiveDR) {
		for i, a := range order {
			for _, b := range order[i+1:] {
				if a.date != 0 && b.date != 0 && (a.date > b.date || a.date == b.date && a.name > b.name) {
					return
				}
			}
		}
		for _, enhanced := range []bool{false, true} {
			mode := naiveClient(order, client, map[string]string{"app": "c"}, enhanced)
			switch answer {
			case "", mode:
				answer = mode
			default:
				answer = "UNKNOWN"
			}
		}
	})
	return answer
}

func orders[T any](list []T, k int, visit func([]T)) {
	if k >= len(list)-1 {
		visit(list)
		return
	}
	for i := k; i < len(list); i++ {
		list[k], list[i] = list[i], list[k]
		orders(list, k+1, visit)
		list[k], list[i] = list[i], list[k]
	}
}
