package report

import (
	"encoding/json"
	"os"
	"testing"
)

// The table was computed by Microsoft's implementation; testdata/README.md says how.
func TestLineHashesAgreeWithTheMultitool(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/lines.yaml")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("testdata/lines.json")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	if err := json.Unmarshal(table, &want); err != nil {
		t.Fatal(err)
	}
	got := lineHashes(data)
	if len(got) != len(want) {
		t.Errorf("got %d lines, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i].String() != want[i] {
			t.Errorf("line %d: got %s, want %s", i+1, got[i], want[i])
		}
	}
}

func TestLineHashesOfAlmostNothing(t *testing.T) {
	t.Parallel()
	for text, lines := range map[string]int{"": 1, " ": 1, "\n": 2, "\r\n": 2, "\r": 2, "a": 1, "a\n": 2, "\n \n\t": 3} {
		if got := lineHashes([]byte(text)); len(got) != lines {
			t.Errorf("%q: got %d lines, want %d", text, len(got), lines)
		}
	}
}
