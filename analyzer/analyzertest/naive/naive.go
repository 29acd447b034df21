// Package naive has what the naive evaluators of the analyzer's packages share:
// how many random sets they are asked about, and how answers are united that
// differ from one completion of what is not known to the next.
package naive

import (
	"os"
	"testing"
)

// Draws is how many random sets a naive evaluator is asked about: fewer under
// the race detector (-short), which is there for the goroutines, ten times as
// many with AISEC_LONG=1.
func Draws() int {
	switch {
	case os.Getenv("AISEC_LONG") != "":
		return 20_000
	case testing.Short():
		return 250
	default:
		return 2_000
	}
}

// Agreed is the answer that all have in common, or unknown where two of them
// differ.
func Agreed[T comparable](answers []T, unknown T) T {
	for _, a := range answers {
		if a != answers[0] {
			return unknown
		}
	}
	return answers[0]
}
