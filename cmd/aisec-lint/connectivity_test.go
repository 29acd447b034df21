package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aisec-lint/aisec-lint/analyzer/connect"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
	"github.com/aisec-lint/aisec-lint/report"
)

// A row keeps everything on its way to paper, and a reason its place.
func TestConnectionOf(t *testing.T) {
	t.Parallel()
	tree, err := loader.Load(t.Context(), loader.Options{Paths: []string{"../../testdata/quickstart/right/policies.yaml"}})
	if err != nil {
		t.Fatal(err)
	}
	object := tree.Sets[0].Objects[0]
	got := connectionOf(&connect.Connection{
		Src: connect.Endpoint{Name: "::-::ffff"}, Dst: connect.Endpoint{Name: "ai/server[Deployment]", Workload: &inventory.Workload{}},
		Protocol: "TCP", Ports: []fact.PortRange{{First: 80, Last: 80}, {First: 8000, Last: 8010}}, Verdict: fact.Undetermined,
		Because: []fact.Reason{{Object: object, Path: yaml.Path{"spec"}, Effect: "admits"}, {Effect: "nothing restricts"}},
	})
	reasons := got.Because
	got.Because = nil
	want := report.Connection{
		Src: report.Peer{Name: "::-::ffff", Kind: report.AddressPeer}, Dst: report.Peer{Name: "ai/server[Deployment]"},
		Protocol: "TCP", Ports: []report.PortRange{{80, 80}, {8000, 8010}}, Verdict: "unknown",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(reasons) != 2 || reasons[0].Object != object.Ref || reasons[0].Location.Start.Line == 0 || reasons[1].Effect != "nothing restricts" {
		t.Errorf("got the reasons %+v", reasons)
	}
	if class := peerOf(connect.Endpoint{Name: "any-namespace/any-pod"}); class.Kind != report.ClassPeer {
		t.Errorf("%+v is a class of pods", class)
	}
}
