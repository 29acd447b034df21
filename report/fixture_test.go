package report

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
	"github.com/aisec-lint/aisec-lint/rules"
)

const meshYAML = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: ai, namespace: production}
spec:
	# 模型服务 🚀 needs a plain metrics port
  portLevelMtls:
    8080: {mode:	PERMISSIVE}
  description: "模型 🚀" # ` + "\x1b[2Jand a \u202e trick\n"

const netpolYAML = "kind: NetworkPolicy\r\nmetadata: {name: open, namespace: vector store}\r\nspec: {ingress: [{}]}\r\n"

// longItem, repeated, is a list in one line, as jq -c writes it.
const longItem = `{"apiVersion":"v1","kind":"Service","metadata":{"name":"inference","namespace":"production"}},`

func metas() map[string]*rules.Meta {
	list := []*rules.Meta{
		{
			ID: "ingress/not-isolated", Title: "No policy isolates this workload", Severity: rules.Medium,
			Description: "Every pod of the cluster may connect.\n", Remediation: "Add a NetworkPolicy that selects {workload}",
			Tags: []string{"network"},
		},
		{
			ID: "manifest/syntax", Title: "The document is not YAML", Severity: rules.High,
			Description: "Nothing of a document that cannot be read is applied or audited.",
			Page:        "# manifest/syntax\n\nThe document is not YAML.\n\n```yaml\nkey: [\n```\n",
		},
		{
			ID: "mtls/port-exception", Title: "A port is exempt from mutual TLS", Severity: rules.High,
			Description: "A `portLevelMtls` entry overrides the workload's mode, so that anyone who reaches the pod may speak to the port without an identity.",
			Remediation: "Remove the entry, or set its mode to STRICT.", Tags: []string{"mtls", "istio"},
			References: []rules.Reference{{Title: "PeerAuthentication", URL: "https://istio.io/latest/docs/reference/config/security/peer_authentication/"}},
		},
		{ID: "service/no-backend", Title: "A Service selects nothing", Description: "Requests to it fail.", Severity: rules.Low},
		{ID: "custom/never-seen", Title: "A rule of a user that found nothing", Severity: rules.Critical, Custom: true},
	}
	byID := map[string]*rules.Meta{}
	for _, m := range list {
		byID[m.ID] = m
	}
	return byID
}

// span is the place of needle in f.
func span(tb testing.TB, f *yaml.File, needle string) yaml.Span {
	tb.Helper()
	off := bytes.Index(f.Data, []byte(needle))
	if off < 0 {
		tb.Fatalf("%s has no %q", f.Name, needle)
	}
	place := func(off int) yaml.Pos {
		before := f.Data[:off]
		line := before[bytes.LastIndexByte(before, '\n')+1:]
		return yaml.Pos{Line: bytes.Count(before, []byte("\n")) + 1, Col: utf8.RuneCount(line) + 1}
	}
	return yaml.Span{File: f, Start: place(off), End: place(off + len(needle))}
}

// fixture is one report with everything that a format may meet.
func fixture(tb testing.TB) *Report {
	tb.Helper()
	mesh := &yaml.File{Name: "k8s/mesh.yaml", Data: []byte(meshYAML)}
	netpol := &yaml.File{Name: "k8s/vector store/Größe:1.yaml", Data: []byte(netpolYAML)}
	long := &yaml.File{Name: "list.json", Data: []byte(strings.Repeat(longItem, 50))}
	meta := metas()
	port := yaml.Path{"spec", "portLevelMtls", "8080", "mode"}
	peer := source.Ref{APIVersion: "security.istio.io/v1", Kind: "PeerAuthentication", Namespace: "production", Name: "ai"}
	exception := rules.Finding{
		Rule: meta["mtls/port-exception"], Severity: rules.Critical, Object: peer, Workloads: []string{"production/ai-service[Deployment]"},
		Message:  "`production/ai-service` accepts plaintext on port 8080, spec.portLevelMtls[8080]",
		Location: rules.Location{Span: span(tb, mesh, "PERMISSIVE"), Path: port},
		Related: []rules.Note{
			{Message: "Service `inference` [8080](x) exposes the port", Location: rules.Location{Span: span(tb, long, `"inference"`), Path: yaml.Path{"items", 0, "metadata", "name"}}},
			{Message: "the mesh's own mode is STRICT by default"},
		},
		Help: "remove `8080` from spec.portLevelMtls,\nor set its mode to STRICT", Fingerprint: "00c0ffee00c0ffee",
	}
	return &Report{
		Version: "0.0.0",
		Rules:   []*rules.Meta{meta["custom/never-seen"], meta["ingress/not-isolated"], meta["manifest/syntax"], meta["mtls/port-exception"]},
		Findings: []rules.Finding{
			{
				Rule: meta["manifest/syntax"], Severity: rules.High, Message: "a tab stands where blanks must indent",
				Location: rules.Location{Span: yaml.Span{File: mesh, Start: yaml.Pos{Line: 5, Col: 1}, End: yaml.Pos{Line: 8, Col: 1}}},
				Help:     "indent with blanks", Fingerprint: "0000000000000001",
			},
			exception,
			exception, // the same again, as two sets that share a file give it
			{
				Rule: meta["mtls/port-exception"], Severity: rules.Info, Object: peer, Message: "the name `a\u200bi\x1b]0;x\a` has [hidden](1) characters",
				Location:    rules.Location{Span: span(tb, mesh, "🚀\" # \x1b[2Jand"), Path: yaml.Path{"spec", "description"}},
				Fingerprint: "0000000000000002",
			},
			{
				Rule: meta["ingress/not-isolated"], Severity: rules.Medium, Message: "nothing restricts who connects to 7 workloads of `vector store`",
				Object:      source.Ref{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy", Namespace: "vector store", Name: "open"},
				Workloads:   []string{"v/a[Deployment]", "v/b[Pod]", "v/c[Pod]", "v/d[Pod]", "v/e[Pod]", "v/f[Pod]", "v/g[Pod]"},
				Location:    rules.Location{Span: span(tb, netpol, "{}"), Path: yaml.Path{"spec", "ingress", 0}},
				Help:        "add a NetworkPolicy that selects them",
				Fingerprint: "0000000000000003",
			},
			{
				Rule: meta["service/no-backend"], Severity: rules.Low, Message: "Service `inference` selects no pod", Fingerprint: "0000000000000004",
				Object:   source.Ref{APIVersion: "v1", Kind: "Service", Name: "inference"},
				Location: rules.Location{Span: yaml.Span{File: long, Start: yaml.Pos{Line: 1, Col: 2431}, End: yaml.Pos{Line: 1, Col: 2442}}},
			},
			{
				Rule: meta["manifest/syntax"], Severity: rules.High, Message: "the file is over 32 MiB and was not read", Fingerprint: "0000000000000005",
				Location: rules.Location{Span: yaml.Span{File: &yaml.File{Name: "../dump\n.yaml"}}},
			},
		},
		Summary: Summary{
			Files: 4, Documents: 6, Objects: 54, Workloads: 1, Unknown: 2, Suppressed: 1, Hidden: 3,
			Skipped: map[string]int{"values": 2, "helm-template": 11},
		},
		Assumptions: []string{"the CNI enforces NetworkPolicy"},
		Notes: []rules.Note{
			{Message: "`prod` is built without resource `[secrets](x).yaml`, which is not in the tree", Location: rules.Location{Span: span(tb, netpol, "{}")}},
			{Message: "nowhere"},
		},
	}
}
