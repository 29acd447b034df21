package walk

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/agnivade/levenshtein"
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
			if d := levenshtein.ComputeDistance(base, e.Name()); d < distance && d < len(base) {
				best, distance = e.Name(), d
			}
		}
	}
	if best == "" {
		return fmt.Errorf("%s: %w", given, fs.ErrNotExist)
	}
	return fmt.Errorf("%s: %w (did you mean %s?)", given, fs.ErrNotExist, filepath.Join(dir, best))
}
