package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
)

// TestMTLSModes asks real trees for the mutual TLS of their workloads and
// clients and compares with answers that were read against the policies,
// labels and annotations when they were written.
func TestMTLSModes(t *testing.T) {
	for _, tree := range []string{
		"aeos/infrastructure/kubernetes", "context-foundation/k8s", "istio-samples/samples", "kubeflow-manifests/common",
	} {
		code, out, errs := audited(t, append([]string{"mtls", "-q", "-f", "csv"}, corpus(t, tree)...)...)
		if code != exitClean {
			t.Errorf("%s: exit %d: %s", tree, code, errs)
			continue
		}
		name, _, _ := strings.Cut(tree, "/")
		golden(t, "mtls/"+name+".txt", alike(t, out))
	}
}

// alike writes rows of one workload that differ in the port alone, or rows of
// one client that differ in the host alone, as one line.
func alike(t *testing.T, rows string) string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(rows)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	type answer struct{ workload, what string }
	var order []answer
	where := map[answer][]string{}
	for _, r := range records[1:] { // without the header
		mode, mesh, outcome, by := r[4], r[5], r[6], r[7]
		a, place := answer{r[0], mode + ", mesh " + mesh + ", " + by}, ":"+r[2]
		if r[2] == "0" {
			place = "other ports"
		}
		if host := r[1]; host != "" {
			a.what, place = "sends "+mode+", "+outcome+", "+by, strings.TrimSuffix(host+":"+r[2]+" "+r[3], " ")
		}
		if where[a] == nil {
			order = append(order, a)
		}
		where[a] = append(where[a], place)
	}
	var out bytes.Buffer
	last := ""
	for _, a := range order {
		if a.workload != last {
			fmt.Fprintln(&out, a.workload)
			last = a.workload
		}
		places := where[a]
		if len(places) > 6 {
			places = append(places[:6:6], fmt.Sprintf("and %d more", len(places)-6))
		}
		fmt.Fprintf(&out, "  %s: %s\n", a.what, strings.Join(places, ", "))
	}
	return out.String()
}
