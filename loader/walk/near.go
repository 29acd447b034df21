package walk

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// missingPath says that a path does not exist and which one may be meant.
func missingPath(given string) error {
	dir, base := filepath.Split(filepath.Clean(given))
	if dir == "" {
		dir = "."
	}
	best, distance := "", 3
	if entries, err := os.ReadDir(dir); err == nil {
		for _, e := range entries {
			if d := editDistance(base, e.Name()); d < distance && d < len(base) {
				best, distance = e.Name(), d
			}
		}
	}
	if best == "" {
		return fmt.Errorf("%s: %w", given, fs.ErrNotExist)
	}
	return fmt.Errorf("%s: %w (did you mean %s?)", given, fs.ErrNotExist, filepath.Join(dir, best))
}

// editDistance is the number of insertions, deletions and substitutions between
// two names.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = min(diagonal, row[j], row[j+1]) + 1
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
