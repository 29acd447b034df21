package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
	"github.com/aisec-lint/aisec-lint/rules"
)

func mtlsFixture() *MTLS {
	at := rules.Location{Path: yaml.Path{"spec", "mtls", "mode"}, Span: yaml.Span{
		File: &yaml.File{Name: "k8s/mesh.yaml"}, Start: yaml.Pos{Line: 9, Col: 11}, End: yaml.Pos{Line: 9, Col: 17},
	}}
	return &MTLS{
		Ports: []MTLSPort{
			{Workload: "ai/server[Deployment]", Mode: "STRICT", Mesh: "sidecar", DecidedBy: "ai/default#mtls", Location: at},
			{Workload: "ai/server[Deployment]", Port: 8000, Mode: "NONE", Mesh: "sidecar", DecidedBy: "default"},
			{Workload: "=1+1\x1b[31m/x[Pod]", Port: 1, Mode: "UNKNOWN", Mesh: "unknown", DecidedBy: "default"},
		},
		Clients: slices.Values([]MTLSClient{
			{Client: "shop/a[Pod]", Host: "server.ai.svc.cluster.local", Port: 80, Mode: "AUTO", Outcome: "mtls", DecidedBy: "default"},
			{Client: "shop/a[Pod]", Host: "server.ai.svc.cluster.local", Port: 80, Subset: "v1", Mode: "DISABLE", Outcome: "broken", DecidedBy: "shop/r#trafficPolicy.tls", Location: at},
		}),
	}
}

func renderMTLS(tb testing.TB, format string, m *MTLS) string {
	tb.Helper()
	var b bytes.Buffer
	if err := WriteMTLS(&b, format, m, Options{}); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// What the contract says of JSON: both lists are there, whatever they hold.
func TestMTLSJSON(t *testing.T) {
	t.Parallel()
	for _, m := range []*MTLS{{}, mtlsFixture()} {
		var got struct {
			Version        int
			Ports, Clients []map[string]any
		}
		out := renderMTLS(t, "json", m)
		if err := json.Unmarshal([]byte(out), &got); err != nil || got.Version != 1 || got.Ports == nil || got.Clients == nil || len(got.Ports) != len(m.Ports) {
			t.Errorf("%v in\n%s", err, out)
		}
		for _, row := range got.Ports {
			if _, ok := row["location"]; ok != (row["decidedBy"] != "default") {
				t.Errorf("%v", row)
			}
		}
	}
}

// People read what is done on purpose; a spreadsheet computes nothing.
func TestMTLSText(t *testing.T) {
	t.Parallel()
	out := renderMTLS(t, "text", mtlsFixture())
	for _, want := range []string{"other  STRICT   sidecar  ai/default#mtls (", "server.ai.svc.cluster.local (v1)", "DISABLE"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	for _, unwanted := range []string{"AUTO", "\x1b"} {
		if strings.Contains(out, unwanted) {
			t.Errorf("%q in\n%s", unwanted, out)
		}
	}
	if got := renderMTLS(t, "text", &MTLS{}); got != "no workload\n" {
		t.Errorf("got %q", got)
	}
	rows, err := csv.NewReader(strings.NewReader(renderMTLS(t, "csv", mtlsFixture()))).ReadAll()
	if err != nil || len(rows) != 6 || !strings.HasPrefix(rows[3][0], "'=") {
		t.Errorf("%v: %q", err, rows)
	}
}

func TestMTLSErrors(t *testing.T) {
	t.Parallel()
	for _, format := range MTLSFormats() {
		if err := WriteMTLS(brokenPipe{}, format, mtlsFixture(), Options{}); !errors.Is(err, errBroken) {
			t.Errorf("%s: got %v", format, err)
		}
	}
	if err := WriteMTLS(&bytes.Buffer{}, "svg", &MTLS{}, Options{}); err == nil || !strings.Contains(err.Error(), "csv") {
		t.Errorf("an unknown format gives %v, want an error that lists the formats", err)
	}
}
