package analyzer

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/netpol"
	"github.com/aisec-lint/aisec-lint/loader"
)

// large writes workloads spread over namespaces, each with a policy of its own.
// Sparse: each admits one neighbour and may call one. Dense: policies select by
// the labels that workloads share, and admit whole namespaces and blocks.
func large(workloads, namespaces int, dense bool) string {
	var b strings.Builder
	for i := range namespaces {
		fmt.Fprintf(&b, "---\n{apiVersion: v1, kind: Namespace, metadata: {name: ns%d, labels: {team: t%d}}}\n", i, i%50)
	}
	for i := range workloads {
		ns := i % namespaces
		fmt.Fprintf(&b, `---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: w%d, namespace: ns%d}, spec: {selector: {matchLabels: {app: w%d}},
 template: {metadata: {labels: {app: w%d, tier: t%d}}, spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}}}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p%d, namespace: ns%d}, spec: `, i, ns, i, i, i%3, i, ns)
		if dense {
			fmt.Fprintf(&b, `{podSelector: {matchLabels: {tier: t%d}}, policyTypes: [Ingress, Egress],
 ingress: [{from: [{namespaceSelector: {matchLabels: {team: t%d}}}, {ipBlock: {cidr: 10.%d.0.0/16}}], ports: [{port: http}]}],
 egress: [{to: [{namespaceSelector: {}, podSelector: {matchLabels: {tier: t%d}}}]}]}}
`, i%3, i%50, i%256, i%3)
			continue
		}
		fmt.Fprintf(&b, `{podSelector: {matchLabels: {app: w%d}}, policyTypes: [Ingress, Egress],
 ingress: [{from: [{podSelector: {matchLabels: {app: w%d}}, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ns%d}}}], ports: [{port: http}]}],
 egress: [{to: [{podSelector: {matchLabels: {app: w%d}}, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ns%d}}}]}, {ports: [{port: 53, protocol: UDP}]}]}}
`, i, (i+1)%workloads, (i+1)%workloads%namespaces, (i+workloads-1)%workloads, (i+workloads-1)%workloads%namespaces)
	}
	return b.String()
}

func BenchmarkConnectivity(b *testing.B) {
	for _, dense := range []bool{false, true} {
		for _, size := range []int{1000, 10000} {
			name := fmt.Sprintf("%s/workloads=%d", map[bool]string{true: "dense", false: "sparse"}[dense], size)
			b.Run(name, func(b *testing.B) {
				tree, err := loader.Load(context.Background(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(large(size, size/20, dense))})
				if err != nil {
					b.Fatal(err)
				}
				m := Build(context.Background(), tree)
				b.Run("resolve", func(b *testing.B) {
					for b.Loop() {
						for _, s := range m.Sets {
							n := netpol.New(s.Inventory)
							n.Sources(n.AnyPod, false)
						}
					}
				})
				b.Run("one", func(b *testing.B) {
					for b.Loop() {
						if _, err := m.Sets.Connectivity(connect.ConnectivityOptions{From: "w7", To: "w6"}); err != nil {
							b.Fatal(err)
						}
					}
				})
				b.Run("rows", func(b *testing.B) {
					rows := 0
					b.ReportAllocs()
					for b.Loop() {
						seq, err := m.Sets.Connections(connect.ConnectivityOptions{})
						if err != nil {
							b.Fatal(err)
						}
						rows = 0
						for range seq {
							rows++
						}
					}
					b.ReportMetric(float64(rows), "rows")
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*max(rows, 1)), "ns/row")
				})
			})
		}
	}
}

// BenchmarkBuildLarge measures every fact of the same trees, flows included.
func BenchmarkBuildLarge(b *testing.B) {
	for _, dense := range []bool{false, true} {
		for _, size := range []int{1000, 10000} {
			b.Run(fmt.Sprintf("%s/workloads=%d", map[bool]string{true: "dense", false: "sparse"}[dense], size), func(b *testing.B) {
				tree, err := loader.Load(context.Background(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(large(size, size/20, dense))})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					Build(context.Background(), tree)
				}
			})
		}
	}
}
