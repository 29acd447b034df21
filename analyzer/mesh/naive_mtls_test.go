package mesh_test

import (
	"fmt"
	rand "math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/naive"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
)

// naivePA is one PeerAuthentication, told as istiod holds it.
type naivePA struct {
	namespace, name string
	selector        map[string]string
	mode            string            // "" is a missing mtls
	ports           map[uint32]string // nil is a missing portLevelMtls
	date            int               // 0: the manifest does not say
}

func (p *naivePA) set() string {
	if p.mode == "" {
		return "UNSET"
	}
	return p.mode
}

// naiveCompose is ComposePeerAuthentication line by line
// (istio/istio pilot/pkg/security/authn/policy_applier.go), for policies that
// stand in the order of their creation and select the workload.
func naiveCompose(policies []*naivePA) (mesh, ns, own *naivePA, mode string, perPort map[uint32]string) {
	mode = "PERMISSIVE"
	for _, cfg := range policies {
		switch {
		case len(cfg.selector) == 0 && cfg.namespace == rootNS:
			if mesh == nil {
				mesh = cfg
			}
		case len(cfg.selector) == 0:
			if ns == nil {
				ns = cfg
			}
		case cfg.namespace != rootNS:
			if own == nil {
				own = cfg
			}
		}
	}
	if mesh != nil && mesh.set() != "UNSET" {
		mode = mesh.set()
	}
	if ns != nil && ns.set() != "UNSET" {
		mode = ns.set()
	}
	if own != nil && own.set() != "UNSET" {
		mode = own.set()
	}
	perPort = map[uint32]string{}
	if own != nil {
		for port, level := range own.ports {
			if level == "UNSET" {
				perPort[port] = mode
			} else {
				perPort[port] = level
			}
		}
	}
	return mesh, ns, own, mode, perPort
}

// naiveZtunnel tells whether ztunnel denies a caller without identity, by the
// policies that istiod attaches to the workload: the static STRICT policy, the
// converted one, or both.
// See istio/istio pilot/pkg/serviceregistry/ambient/authorization.go.
func naiveZtunnel(mesh, ns, own *naivePA, port uint32) (strict bool) {
	is := func(p *naivePA, mode string) bool { return p != nil && p.set() == mode }
	unset := func(p *naivePA) bool { return p.set() == "UNSET" }
	// convertedSelectorPeerAuthentications
	effective := is(mesh, "STRICT")
	if ns != nil && !unset(ns) {
		effective = is(ns, "STRICT")
	}
	if own == nil {
		return effective
	}
	if !unset(own) {
		effective = is(own, "STRICT")
	}
	has := func(modes ...string) bool {
		for _, m := range own.ports {
			if slices.Contains(modes, m) {
				return true
			}
		}
		return false
	}
	attached := false
	if own.ports != nil {
		switch own.set() {
		case "STRICT":
			if has("PERMISSIVE", "DISABLE") {
				attached, effective = true, false
			}
		case "PERMISSIVE", "DISABLE":
			attached = has("STRICT")
		default:
			if effective && has("PERMISSIVE") {
				attached, effective = true, false
			} else if !effective {
				attached = has("STRICT")
			}
		}
	}
	return effective || attached && naiveConverted(mesh, ns, own, port)
}

// naiveConverted is convertPeerAuthentication: does the policy made of the
// workload's own deny a caller without identity on that port?
func naiveConverted(mesh, ns, own *naivePA, port uint32) bool {
	strict := func(p *naivePA) bool { return p != nil && p.set() == "STRICT" }
	unset := func(p *naivePA) bool { return p == nil || p.set() == "UNSET" }
	mode := own.set()
	denies := false     // a group of its own denies the port
	var exempt []uint32 // NotDestinationPorts
	foundLoose := false
	for p, level := range own.ports {
		switch level {
		case "STRICT":
			if strict(own) || unset(own) && strict(ns) || unset(ns) && strict(mesh) {
				continue
			}
			denies = denies || p == port
		case "PERMISSIVE", "DISABLE":
			if mode == "PERMISSIVE" || mode == "DISABLE" {
				continue
			}
			if mode == "UNSET" && (ns != nil && !strict(ns) || ns == nil && mesh != nil && !strict(mesh) || ns == nil && mesh == nil) {
				continue
			}
			foundLoose = true
			exempt = append(exempt, p)
		}
	}
	if mode == "STRICT" && !foundLoose {
		return false // nil: the static policy stands for it
	}
	merge := strict(mesh) && (unset(ns) || strict(ns)) || strict(ns)
	principals := mode == "STRICT" || merge && foundLoose
	group := principals || len(exempt) > 0 // rules of one group are ANDed
	return denies || group && !slices.Contains(exempt, port)
}

// naiveMode asks about every order of creation that the dates allow.
func naiveMode(policies []*naivePA, port uint32, ambient bool) string {
	answer := ""
	orders(policies, 0, func(order []*naivePA) {
		if !dated(order) {
			return
		}
		mesh, ns, own, mode, perPort := naiveCompose(order)
		if m, ok := perPort[port]; ok {
			mode = m
		}
		if ambient {
			mode = naiveAmbient(mode, naiveZtunnel(mesh, ns, own, port))
		}
		switch answer {
		case "", mode:
			answer = mode
		default:
			answer = "UNKNOWN"
		}
	})
	return answer
}

// naiveAmbient: where the code is more lenient than the documentation, which
// only a release can tell, the answer is unknown.
func naiveAmbient(documented string, strict bool) string {
	switch {
	case strict:
		return "STRICT"
	case documented == "STRICT":
		return "UNKNOWN"
	default:
		return "PERMISSIVE"
	}
}

func dated(order []*naivePA) bool {
	for i, a := range order {
		for _, b := range order[i+1:] {
			if a.date != 0 && b.date != 0 && (a.date > b.date || a.date == b.date && a.name > b.name) {
				return false
			}
		}
	}
	return true
}

// naivePAs makes up to five policies; names are unique so that dates decide.
func naivePAs(r *rand.Rand) []*naivePA {
	modes := []string{"", "UNSET", "STRICT", "STRICT", "PERMISSIVE", "DISABLE"}
	layered := r.IntN(2) == 0
	out := make([]*naivePA, 0, 5)
	for i := range max(r.IntN(6), r.IntN(4)) {
		p := &naivePA{
			namespace: []string{"ai", "ai", "ai", "ai", rootNS, rootNS, "web"}[r.IntN(7)], name: fmt.Sprintf("p%d", i),
			mode: modes[r.IntN(len(modes))],
		}
		if layered || r.IntN(2) == 0 {
			p.selector = []map[string]string{{"app": "w"}, {"app": "w"}, {"app": "w", "tier": "x"}, {"app": "other"}}[r.IntN(4)]
			if layered || r.IntN(2) == 0 {
				p.ports = map[uint32]string{}
				for _, port := range []uint32{80, 81, 99} {
					if r.IntN(2) == 0 {
						p.ports[port] = modes[1+r.IntN(5)]
					}
				}
			}
		}
		if layered { // a policy of each scope, as trees have them
			p.namespace, p.selector = []string{rootNS, "ai", "ai"}[i%3], nil
			if i%3 < 2 {
				p.ports = nil
			} else {
				p.selector = map[string]string{"app": "w"}
			}
		}
		if r.IntN(3) == 0 {
			p.date = 1 + r.IntN(3)
		}
		out = append(out, p)
	}
	return out
}

// naiveHead writes what stands above the spec of an Istio object; date is the
// day that it was created on, 0 where that is not told.
func naiveHead(group, kind, name, namespace string, date int) string {
	head := fmt.Sprintf("apiVersion: %s.istio.io/v1\nkind: %s\nmetadata:\n  name: %s\n  namespace: %s\n", group, kind, name, namespace)
	if date != 0 {
		head += fmt.Sprintf("  creationTimestamp: \"2026-01-0%dT00:00:00Z\"\n", date)
	}
	return head
}

func (p *naivePA) yaml() string {
	var b strings.Builder
	b.WriteString(naiveHead("security", "PeerAuthentication", p.name, p.namespace, p.date))
	b.WriteString("spec:\n")
	if p.selector != nil {
		b.WriteString("  selector:\n    matchLabels:\n")
		for k, v := range p.selector {
			fmt.Fprintf(&b, "      %s: %s\n", k, v)
		}
	}
	if p.mode != "" {
		fmt.Fprintf(&b, "  mtls:\n    mode: %s\n", p.mode)
	}
	if len(p.ports) > 0 {
		b.WriteString("  portLevelMtls:\n")
		for port, mode := range p.ports {
			fmt.Fprintf(&b, "    %d:\n      mode: %s\n", port, mode)
		}
	}
	b.WriteString("  {}\n")
	return strings.Replace(b.String(), "spec:\n  {}\n", "spec: {}\n", 1)
}

// TestNaiveMTLS compares the engine with the code of istiod, told again
// literally, on random sets of policies.
func TestNaiveMTLS(t *testing.T) {
	t.Parallel()
	n := naive.Draws()
	for seed := range n {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		ambient := r.IntN(2) == 0
		home := []string{"ai", "ai", "ai", rootNS}[r.IntN(4)]
		policies := naivePAs(r)
		member := "istio-injection: enabled"
		if ambient {
			member = "istio.io/dataplane-mode: ambient"
		}
		manifests := []string{
			"apiVersion: v1\nkind: Namespace\nmetadata: {name: " + home + ", labels: {" + member + "}}\n",
			"apiVersion: v1\nkind: Pod\nmetadata: {name: w, namespace: " + home + ", labels: {app: w}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 80}, {containerPort: 81}, {containerPort: 82}]}]}\n",
		}
		var selecting []*naivePA
		for _, p := range policies {
			manifests = append(manifests, strings.TrimSuffix(p.yaml(), "  {}\n"))
			if p.namespace != home && p.namespace != rootNS || p.selector["app"] == "other" || p.selector["tier"] != "" {
				continue
			}
			selecting = append(selecting, p)
		}
		tree := sample.Join(manifests...)
		w := analyzertest.Workload(t, analyzertest.Build(t, tree), home+"/w[Pod]")
		for _, port := range []int{80, 81, 82} {
			if got, want := string(analyzertest.Port(t, w, port).MTLS.Mode), naiveMode(slices.Clone(selecting), uint32(port), ambient); got != want {
				t.Fatalf("seed %d, port %d: %s, want %s\n%s", seed, port, got, want, tree)
			}
		}
	}
}
