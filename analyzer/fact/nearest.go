package fact

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// Nearest returns the candidate that s was most likely meant to be: at most two
// edits away, and fewer than half of its length. It is empty if none is that
// close.
func Nearest(s string, candidates []string) string {
	best, bestDistance := "", 3
	for _, c := range candidates {
		if strings.EqualFold(c, s) && c != s {
			return c
		}
		if n := levenshtein.ComputeDistance(s, c); n < bestDistance && n*2 < max(len(s), len(c)) && n > 0 {
			best, bestDistance = c, n
		}
	}
	return best
}
