package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestConnectivityMaps asks real trees who may connect to whom and compares
// with maps that were read against the policies when they were written
// (testdata/connectivity/README.md).
func TestConnectivityMaps(t *testing.T) {
	trees := corpus(t, "netpol-analyzer-tests/tests/*")
	questions := map[string][]string{"microservices-demo": slices.Concat(
		manifests(corpus(t, "microservices-demo/kubernetes-manifests/*.yaml")),
		manifests(corpus(t, "microservices-demo/kustomize/components/network-policies/*.yaml")),
	)}
	apart := corpus(t, "netpol-analyzer-tests/tests/bad_netpols/*")
	for _, tree := range append(trees, apart...) {
		name, _ := filepath.Rel(filepath.Dir(trees[0]), tree)
		questions[strings.ReplaceAll(name, string(filepath.Separator), "_")] = []string{tree}
	}
	for _, name := range slices.Sorted(maps.Keys(questions)) {
		code, out, errs := audited(t, append([]string{"connectivity", "-q", "-n", "default", "-f", "csv"}, questions[name]...)...)
		got := "nothing to audit\n"
		switch {
		case code == exitClean:
			got = compact(t, out)
		case !strings.Contains(errs, "nothing to audit"):
			t.Errorf("%s: exit %d: %s", name, code, errs)
			continue
		}
		golden(t, "connectivity/"+name+".txt", got)
	}
}

// manifests leaves a kustomization out of a directory's files.
func manifests(files []string) []string {
	return slices.DeleteFunc(files, func(f string) bool { return filepath.Base(f) == "kustomization.yaml" })
}

// compact writes a map as a list of its peers and one line for each
// destination: what may be reached, and by which peers, by number. Of a large
// map it keeps the size and a checksum.
func compact(t *testing.T, rows string) string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(rows)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	records = records[1:] // the header
	number := map[string]int{}
	for _, r := range records {
		number[r[0]], number[r[1]] = 0, 0
	}
	var out bytes.Buffer
	for i, name := range slices.Sorted(maps.Keys(number)) {
		number[name] = i
		fmt.Fprintf(&out, "%d %s\n", i, name)
	}
	by := map[int]map[string][]int{} // destination, connection, sources
	for len(records) > 0 {
		n := edgeLength(records)
		connection, dst := connectionText(records[:n]), number[records[0][1]]
		if by[dst] == nil {
			by[dst] = map[string][]int{}
		}
		by[dst][connection] = append(by[dst][connection], number[records[0][0]])
		records = records[n:]
	}
	for _, dst := range slices.Sorted(maps.Keys(by)) {
		fmt.Fprintf(&out, "\n%d <-", dst)
		for i, connection := range slices.Sorted(maps.Keys(by[dst])) {
			if i > 0 {
				out.WriteByte(';')
			}
			fmt.Fprintf(&out, " %s: %s", connection, numbers(by[dst][connection]))
		}
	}
	if out.Len() > 0 {
		out.WriteByte('\n')
	}
	const most = 16_000
	if out.Len() > most {
		return fmt.Sprintf("%d peers, %d destinations, sha256 of the map %x\n", len(number), len(by), sha256.Sum256(out.Bytes()))
	}
	return out.String()
}

// edgeLength counts the rows that differ from the first by their protocol or
// verdict alone. Trees that hold variants have one pair several times, each
// time from its first protocol on.
func edgeLength(records [][]string) int {
	order := []string{"TCP", "UDP", "SCTP"}
	for i, r := range records {
		if r[0] != records[0][0] || r[1] != records[0][1] {
			return i
		}
		if i == 0 {
			continue
		}
		last := records[i-1]
		if step := slices.Index(order, r[2]) - slices.Index(order, last[2]); step < 0 || step == 0 && (r[4] == last[4] || r[4] == "allowed") {
			return i
		}
	}
	return len(records)
}

func connectionText(rows [][]string) string {
	parts := make([]string, len(rows))
	for i, r := range rows {
		parts[i] = r[2] + " " + r[3]
		if r[4] != "allowed" {
			parts[i] = r[4] + " " + parts[i]
		}
	}
	text := strings.Join(parts, ", ")
	return strings.NewReplacer("unknown TCP 1-65535, unknown UDP 1-65535, unknown SCTP 1-65535", "unknown", "TCP 1-65535, UDP 1-65535, SCTP 1-65535", "all").Replace(text)
}

// numbers writes sorted numbers, runs of them as ranges, and how often one
// stands there if it is more than once.
func numbers(list []int) string {
	slices.Sort(list)
	var parts []string
	for i := 0; i < len(list); {
		j := i + 1
		for j < len(list) && list[j] == list[j-1]+1 && (j+1 == len(list) || list[j+1] != list[j]) {
			j++
		}
		times := 1
		for j == i+1 && i+times < len(list) && list[i+times] == list[i] {
			times++
		}
		switch {
		case times > 1:
			parts = append(parts, strconv.Itoa(list[i])+"×"+strconv.Itoa(times))
			j = i + times
		case j > i+1:
			parts = append(parts, strconv.Itoa(list[i])+"-"+strconv.Itoa(list[j-1]))
		default:
			parts = append(parts, strconv.Itoa(list[i]))
		}
		i = j
	}
	return strings.Join(parts, " ")
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for want, list := range map[string][]int{
		"": nil, "3": {3}, "1-3": {3, 2, 1}, "1 3-4": {1, 4, 3}, "1×2": {1, 1}, "1 2×2 3": {2, 1, 3, 2}, "1-2 4×3 5-6": {1, 2, 4, 4, 4, 5, 6},
	} {
		if got := numbers(slices.Clone(list)); got != want {
			t.Errorf("%v: got %q, want %q", list, got, want)
		}
	}
}
