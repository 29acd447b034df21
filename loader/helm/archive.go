package helm

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/walk"
)

// unpackAll replaces packed dependencies by what they hold, all of it within
// one limit: Helm's holds for each archive alone.
func (c *chartSource) unpackAll() error {
	for {
		i := slices.IndexFunc(c.files, func(f chartFile) bool {
			_, rest := walk.WithinCharts(f.name)
			return strings.HasPrefix(rest, "charts/") && path.Ext(rest) == ".tgz"
		})
		if i < 0 {
			return nil
		}
		packed := c.files[i]
		c.files = slices.Delete(c.files, i, i+1)
		if strings.Count(packed.name, "charts/") > maxNested {
			return fmt.Errorf("%s: charts are nested more than %d deep", packed.name, maxNested)
		}
		files, err := unpack(packed.data, c.left)
		if err != nil {
			return fmt.Errorf("%s: %w", packed.name, err)
		}
		dir := strings.TrimSuffix(packed.name, ".tgz") + packedSuffix
		for _, f := range files {
			if err := c.keep(path.Join(dir, f.name), f.data); err != nil {
				return err
			}
		}
	}
}

// packedSuffix tells an unpacked dependency from a directory of that name.
const packedSuffix = "+tgz"

// inflate unpacks gzip up to a size.
func inflate(data []byte, most int64) (*bytes.Buffer, error) {
	// The archive is read again by Helm, packed: only its size is asked here.
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	n, err := io.Copy(io.Discard, io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if n > most {
		return nil, errors.New("the archive unpacks to more than the chart may hold")
	}
	return bytes.NewBuffer(data), nil
}
