package loader

import (
	"errors"
	"io/fs"
)

// files hands out what kustomizations refer to. It is the only way from a
// kustomization to the disk.
type files struct {
	*lookup
	reader *reader
	known  map[string]*reading // by name
}

func newFiles(rd *reader, lookup *lookup, readings []*reading) *files {
	s := &files{lookup: lookup, reader: rd, known: make(map[string]*reading, len(readings))}
	for _, r := range readings {
		s.known[r.file.Name] = r
	}
	return s
}

// More reasons for which a file cannot be had.
const (
	lackBroken   = "cannot be parsed"
	lackTooLarge = "is too large"
)

// manifest returns what a file gave that find found.
func (s *files) manifest(name string) *reading {
	r := s.known[name]
	if r == nil {
		r = s.reader.read(s.entry(name))
		s.known[name] = r
	}
	return r
}

// raw returns the bytes of a file that find found, whatever it is.
func (s *files) raw(name string) (data []byte, lack string) {
	if r := s.known[name]; r != nil && !r.unread {
		return r.file.Data, ""
	}
	data, err := s.reader.content(s.entry(name))
	switch {
	case errors.Is(err, errTooLarge):
		return nil, lackTooLarge
	case errors.Is(err, fs.ErrNotExist):
		return nil, lackMissing
	case err != nil:
		return nil, "cannot be read"
	}
	return data, ""
}
