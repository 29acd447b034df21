package kustomize

import (
	"errors"
	"io/fs"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/walk"
)

// files hands out what kustomizations refer to. It is the only way from a
// kustomization to the disk.
type files struct {
	*walk.Lookup
	reader *source.Reader
	known  map[string]*source.Reading // by name
}

func newFiles(rd *source.Reader, lookup *walk.Lookup, readings []*source.Reading) *files {
	s := &files{Lookup: lookup, reader: rd, known: make(map[string]*source.Reading, len(readings))}
	for _, r := range readings {
		s.known[r.File.Name] = r
	}
	return s
}

// More reasons for which a file cannot be had.
const (
	lackBroken   = "cannot be parsed"
	lackTooLarge = "is too large"
)

// manifest returns what a file gave that find found.
func (s *files) manifest(name string) *source.Reading {
	r := s.known[name]
	if r == nil {
		r = s.reader.Read(s.Entry(name))
		s.known[name] = r
	}
	return r
}

// raw returns the bytes of a file that find found, whatever it is.
func (s *files) raw(name string) (data []byte, lack string) {
	if r := s.known[name]; r != nil && !r.Unread {
		return r.File.Data, ""
	}
	data, err := s.reader.Content(s.Entry(name))
	switch {
	case errors.Is(err, source.ErrTooLarge):
		return nil, lackTooLarge
	case errors.Is(err, fs.ErrNotExist):
		return nil, walk.Missing
	case err != nil:
		return nil, "cannot be read"
	}
	return data, ""
}
