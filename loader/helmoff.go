//go:build nohelm

package loader

import (
	"errors"
	"io/fs"
)

// Built with the tag nohelm, charts are recognised and not rendered.
const embedded = false

var errNoHelm = errors.New("this aisec-lint was built without Helm") //nolint:gochecknoglobals // an error value

func mergeValues([]*File, []string) (map[string]any, error) { return nil, errNoHelm }

func ignoreRulesOf(string) (func(string, fs.FileInfo) bool, error) { return nil, errNoHelm }

func unpack([]byte, int64) ([]chartFile, error) { return nil, errNoHelm }

func (c *chartSource) render(map[string]any, string, *budget) (*rendered, error) {
	return nil, errNoHelm
}
