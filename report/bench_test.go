package report

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
	"github.com/aisec-lint/aisec-lint/rules"
)

// manyFindings spreads n findings over files of 20, as large trees do.
func manyFindings(n int) *Report {
	meta := metas()["mtls/port-exception"]
	r := &Report{Rules: []*rules.Meta{meta}}
	var file *yaml.File
	for i := range n {
		if i%20 == 0 {
			file = &yaml.File{Name: fmt.Sprintf("apps/app-%d/mesh.yaml", i), Data: []byte(strings.Repeat(meshYAML, 20))}
		}
		pos := yaml.Pos{Line: i%20*8 + 7, Col: 18}
		where := rules.Location{
			Span: yaml.Span{File: file, Start: pos, End: yaml.Pos{Line: pos.Line, Col: 28}},
			Path: yaml.Path{"spec", "portLevelMtls", "8080", "mode"},
		}
		r.Findings = append(r.Findings, rules.Finding{
			Rule: meta, Severity: rules.High, Message: fmt.Sprintf("`production/app-%d` accepts plaintext on port 8080", i),
			Object:    source.Ref{APIVersion: "security.istio.io/v1", Kind: "PeerAuthentication", Namespace: "production", Name: fmt.Sprintf("app-%d", i)},
			Workloads: []string{fmt.Sprintf("production/app-%d[Deployment]", i)}, Location: where,
			Related: []rules.Note{{Message: "Service `app` exposes the port", Location: where}},
			Help:    "remove `8080` from spec.portLevelMtls", Fingerprint: fmt.Sprintf("%016x", i),
		})
	}
	return r
}

func BenchmarkWrite(b *testing.B) {
	const n = 5000
	r := manyFindings(n)
	for _, format := range Formats() {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				if err := Write(io.Discard, format, r, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/finding")
		})
	}
}

// One line of megabytes with a finding in every item must not cost its square.
func BenchmarkWriteLongLine(b *testing.B) {
	const n = 5000
	f := &yaml.File{Name: "<stdin>", Data: []byte(strings.Repeat(longItem, n))}
	meta := metas()["service/no-backend"]
	r := &Report{}
	for i := range n {
		pos := yaml.Pos{Line: 1, Col: i*len(longItem) + 56}
		r.Findings = append(r.Findings, rules.Finding{
			Rule: meta, Message: "m", Location: rules.Location{Span: yaml.Span{File: f, Start: pos, End: yaml.Pos{Line: 1, Col: pos.Col + 11}}},
		})
	}
	for _, format := range []string{"text", "sarif"} {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				if err := Write(io.Discard, format, r, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/finding")
		})
	}
}
