package loader

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime/debug"
	"strings"
)

// reader reads files; it is shared by all workers and does not change.
type reader struct {
	stdin     io.Reader
	most      int64
	namespace string
	charts    *charts
}

// read reads and parses one file. Whatever goes wrong inside becomes a Problem
// of the file.
func (rd *reader) read(e entry) (r *reading) {
	r = &reading{file: &File{Name: e.name}}
	defer func() {
		if p := recover(); p != nil {
			r.fail(&fault{
				cause: CauseUnreadable, pos: Pos{1, 1},
				message: fmt.Sprintf("reading this file failed: %v", p),
				help:    "please report this as a bug: " + firstFrame(debug.Stack()),
			}, []string{""})
		}
	}()
	raw, err := rd.content(e)
	if err != nil {
		r.unread = true
		r.fail(rd.refusal(err), []string{""})
		return r
	}
	content := decodeText(raw)
	r.file.Data = content.data
	if content.binary {
		r.fail(binaryFault(), []string{""})
		return r
	}
	rd.documents(r, e, content)
	return r
}

// firstFrame names the place of a panic, without addresses that differ from
// run to run.
func firstFrame(stack []byte) string {
	for line := range strings.Lines(string(stack)) {
		if i := strings.Index(line, "/loader/"); i >= 0 && !strings.Contains(line, "read.go") {
			frame, _, _ := strings.Cut(strings.TrimSpace(line[i+1:]), " ")
			return frame
		}
	}
	return "loader"
}

func (rd *reader) documents(r *reading, e entry, content decoded) {
	if reason := rd.wholeFile(e, content.data); reason != "" {
		r.documents = 1
		r.skip(reason, 0)
		return
	}
	off := 0
	for _, p := range split(content.data) {
		start := off
		off += len(p.data)
		if p.blank {
			continue
		}
		r.documents++
		if at, bad := content.firstBad(start, off, p.at); bad {
			r.fail(encodingFault(at), sniffKinds(p.data, p.at))
			continue
		}
		r.document(p, rd.namespace)
	}
	if isKustomizationFile(path.Base(e.name)) && len(r.skips) > 0 {
		r.kustomization = kustomizationNode(content.data)
	}
}

// wholeFile decides by its place in a chart that a file is no manifest.
func (rd *reader) wholeFile(e entry, data []byte) string {
	chart, rel := rd.charts.of(e)
	if chart == "" {
		return ""
	}
	_, rel = withinCharts(rel)
	dir, base := path.Split(rel)
	switch {
	case strings.HasPrefix(rel, "templates/") && strings.Contains(string(data), "{{"):
		return SkipHelmTemplate
	case dir == "" && (isValuesFile(base) || base == "Chart.yaml" || base == "Chart.lock"),
		strings.HasPrefix(rel, "ci/"):
		return SkipHelmValues
	}
	return ""
}

var errTooLarge = errors.New("too large")

// content reads a file, never more of it than allowed.
func (rd *reader) content(e entry) ([]byte, error) {
	in := rd.stdin
	size := int64(0)
	if e.name != stdinName || e.open != "" {
		f, err := os.Open(e.open)
		if err != nil {
			return nil, err
		}
		defer f.Close() //nolint:errcheck // nothing was written
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
		in = f
	}
	if in == nil {
		return nil, nil
	}
	if size > rd.most {
		return nil, errTooLarge
	}
	data, err := readAll(io.LimitReader(in, rd.most+1), size)
	if err == nil && int64(len(data)) > rd.most {
		return nil, errTooLarge
	}
	return data, err
}

// readAll is io.ReadAll with a buffer of the right size to begin with.
func readAll(r io.Reader, size int64) ([]byte, error) {
	const spare = 512
	data := make([]byte, 0, size+spare)
	for {
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if errors.Is(err, io.EOF) {
			return data, nil
		}
		if err != nil {
			return data, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}

func (rd *reader) refusal(err error) *fault {
	if errors.Is(err, errTooLarge) {
		return tooLargeFault(rd.most)
	}
	return &fault{
		cause: CauseUnreadable, pos: Pos{1, 1},
		message: "the file cannot be read: " + printable(reasonOf(err)),
		help:    "check its permissions",
	}
}

// reasonOf drops the path from an error of the file system: the problem's
// position names it already.
func reasonOf(err error) string {
	if pathError, ok := errors.AsType[*os.PathError](err); ok {
		return pathError.Err.Error()
	}
	return err.Error()
}
