package netpol_test

import (
	rand "math/rand/v2"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/naive"
	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// The engine agrees with the naive evaluator on every question about every
// pair of pods and addresses, in both directions. AISEC_LONG=1 asks about ten
// times as many clusters.
func TestConnectivityAgainstNaive(t *testing.T) {
	t.Parallel()
	clusters := uint64(naive.Draws())
	asked := map[fact.Verdict]int{}
	vague := 0
	for seed := range clusters {
		r := random{rand.New(rand.NewPCG(seed, 17))}
		c := r.cluster(seed%2 == 1)
		text := c.manifests(t)
		m := analyzertest.Build(t, text)
		rows, err := m.Sets.Connectivity(connect.ConnectivityOptions{})
		if err != nil {
			t.Fatal(err)
		}
		answers := analyzertest.NewRows(t, rows)
		for _, src := range c.ends() {
			for _, dst := range c.ends() {
				if src.pod == dst.pod {
					continue
				}
				rows := answers.Between(src.name(c), dst.name(c))
				for _, p := range naivePorts() {
					got, want := analyzertest.VerdictIn(rows, string(p.protocol), int(p.number)), verdictOf(c.allows(src, dst, p))
					asked[got]++
					if got == want {
						continue
					}
					if got == fact.Undetermined && c.vague(dst) {
						vague++
						continue
					}
					t.Fatalf("seed %d: %s → %s on %v = %s, want %s in\n%s", seed, src.name(c), dst.name(c), p, got, want, text)
				}
			}
		}
		askedAlone(t, seed, m, c, answers, r)
	}
	t.Logf("answers: %v; unknown where trying every address and order decides: %d", asked, vague)
	for _, v := range []fact.Verdict{fact.Allowed, fact.Denied, fact.Undetermined} {
		if asked[v] < 2*naive.Draws() {
			t.Errorf("%q was the answer %d times only", v, asked[v])
		}
	}
	if vague*200 > asked[fact.Allowed]+asked[fact.Denied] {
		t.Errorf("%d answers are vaguer than they need be", vague)
	}
}

// askedAlone: a narrow question has the answer of the wide one.
func askedAlone(t *testing.T, seed uint64, m *analyzer.Model, c *naiveCluster, all analyzertest.Rows, r random) {
	t.Helper()
	ends := c.ends()
	src, dst := ends[r.IntN(len(ends))], ends[r.IntN(len(c.pods))]
	if src.pod == dst.pod {
		return
	}
	p := naivePorts()[r.IntN(len(naivePorts()))]
	rows, err := m.Sets.Connectivity(connect.ConnectivityOptions{From: src.name(c), To: dst.name(c), Port: int(p.number), Explain: true})
	if err != nil {
		t.Fatal(err)
	}
	want := all.Verdict(src.name(c), dst.name(c), string(p.protocol), int(p.number))
	if got := analyzertest.NewRows(t, rows).Verdict(src.name(c), dst.name(c), string(p.protocol), int(p.number)); got != want {
		t.Fatalf("seed %d: alone %s, among all %s", seed, got, want)
	}
	for _, row := range rows {
		if len(row.Because) == 0 {
			t.Fatalf("seed %d: nothing explains %+v", seed, row)
		}
	}
	reasons, verdict, err := m.Sets.Why(src.name(c), dst.name(c), int(p.number))
	if err != nil || len(reasons) == 0 {
		t.Fatalf("seed %d: why = %v, %v", seed, reasons, err)
	}
	best := fact.Denied
	for _, protocol := range netset.Protocols() {
		v := all.Verdict(src.name(c), dst.name(c), protocol, int(p.number))
		if v == fact.Allowed || v == fact.Undetermined && best == fact.Denied {
			best = v
		}
	}
	if verdict != best {
		t.Fatalf("seed %d: why says %s, rows say %s", seed, verdict, best)
	}
}

// vague reports features of which the engine may say unknown although every
// way to settle them leads to one answer: blocks that take each other's place
// for a pod whose address nobody knows, tier policies of equal priority, and
// rules that take each other's place whatever the labels of a namespace are.
func (c *naiveCluster) vague(dst naiveEnd) bool {
	seen := map[string]bool{}
	for _, tier := range c.tiers {
		key := tier.tier + string(rune('0'+tier.priority))
		if seen[key] {
			return true
		}
		seen[key] = true
	}
	return c.networks && dst.pod != nil || c.undeclared != ""
}

func (t naiveTier) networks() bool {
	return slices.ContainsFunc(t.rules["egress"], func(r naiveTierRule) bool {
		return slices.ContainsFunc(r.peers, func(p naiveTierPeer) bool { return len(p.networks) > 0 })
	})
}

func (c *naiveCluster) ends() []naiveEnd {
	var out []naiveEnd
	for i := range c.pods {
		out = append(out, naiveEnd{pod: &c.pods[i]})
	}
	for _, a := range naiveRepresentatives() {
		out = append(out, naiveEnd{address: a})
	}
	return out
}

func naivePorts() []naivePortNumber {
	var out []naivePortNumber
	for _, protocol := range []corev1.Protocol{"TCP", "UDP", "SCTP"} {
		for _, n := range []int32{1, 80, 85, 8000, 8500, 9000, 65535} {
			out = append(out, naivePortNumber{protocol, n})
		}
	}
	return out
}

func verdictOf(t fact.Tri) fact.Verdict {
	return map[fact.Tri]fact.Verdict{fact.Yes: fact.Allowed, fact.No: fact.Denied, fact.Unknown: fact.Undetermined}[t]
}
