//go:build nohelm

package helm

import (
	"errors"
	"io/fs"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Built with the tag nohelm, charts are recognised and not rendered.
const embedded = false

var errNoHelm = errors.New("this aisec-lint was built without Helm") //nolint:gochecknoglobals // an error value

func mergeValues([]*yaml.File, []string) (map[string]any, error) { return nil, errNoHelm }

func ignoreRulesOf(string) (func(string, fs.FileInfo) bool, error) { return nil, errNoHelm }

func checkVersion(string) error { return errNoHelm }

func valuesOver(map[string]any, *yaml.File) (map[string]any, error) { return nil, errNoHelm }

func unpack([]byte, int64) ([]chartFile, error) { return nil, errNoHelm }

func (c *chartSource) render(map[string]any, string, cluster, *budget) (*rendered, error) {
	return nil, errNoHelm
}
