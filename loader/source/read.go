package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/walk"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Reader reads files; it is shared by all workers and does not change.
type Reader struct {
	Stdin     io.Reader
	MaxSize   int64
	Namespace string
	Charts    *walk.Charts
}

// ReadAll reads every entrywith that many workers (0 is GOMAXPROCS); the
// result is in the order of the entries.
func (rd *Reader) ReadAll(ctx context.Context, entries []walk.Entry, workers int) []*Reading {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	out := make([]*Reading, len(entries))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, len(entries)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(entries) {
					return
				}
				out[i] = rd.Read(entries[i])
			}
		})
	}
	wg.Wait()
	return out
}

// Read reads and parses one file. Whatever goes wrong inside becomes a Problem
// of the file.
func (rd *Reader) Read(e walk.Entry) (r *Reading) {
	r = &Reading{File: &yaml.File{Name: e.Name}}
	defer func() {
		if p := recover(); p != nil {
			r.fail(&diagnose.Fault{
				Cause: diagnose.CauseUnreadable, Pos: yaml.Pos{Line: 1, Col: 1},
				Message: fmt.Sprintf("reading this file failed: %v", p),
				Help:    "please report this as a bug: " + FirstFrame(debug.Stack()),
			}, []string{""})
		}
	}()
	if e.Away {
		r.Unread = true
		r.gap([]string{MissingKind(e.Name)}, "link that leads out of what is audited")
		r.Unbuilt = []Unbuilt{{
			Cause: Input, Whole: true, Span: yaml.Span{File: r.File, Start: yaml.Pos{Line: 1, Col: 1}, End: yaml.Pos{Line: 1, Col: 1}},
			Message: "`" + diagnose.Printable(e.Name) + "` is a link that leads out of what is audited, and is not read",
			Help:    "audit the directory that it leads to with it",
		}}
		return r
	}
	raw, err := rd.Content(e)
	if err != nil {
		r.Unread = true
		r.fail(rd.refusal(err), []string{""})
		return r
	}
	content := yaml.Decode(raw)
	r.File.Data = content.Data
	if content.Binary {
		r.fail(diagnose.Binary(), []string{""})
		return r
	}
	rd.documents(r, e, content)
	return r
}

// FirstFrame names the place of a panic, without addresses that differ from
// run to run.
func FirstFrame(stack []byte) string {
	for line := range strings.Lines(string(stack)) {
		if i := strings.Index(line, "/loader/"); i >= 0 && !strings.Contains(line, "read.go") {
			frame, _, _ := strings.Cut(strings.TrimSpace(line[i+1:]), " ")
			return frame
		}
	}
	return "loader"
}

func (rd *Reader) documents(r *Reading, e walk.Entry, content yaml.Decoded) {
	if reason := rd.wholeFile(e, content.Data); reason != "" {
		r.Documents = 1
		r.Skip(reason, 0)
		return
	}
	off := 0
	for _, p := range yaml.Split(content.Data) {
		start := off
		off += len(p.Data)
		if p.Blank {
			continue
		}
		r.Documents++
		if at, bad := content.FirstBad(start, off, p.At); bad {
			r.fail(diagnose.BadEncoding(at), diagnose.SniffKinds(p.Data, p.At))
			continue
		}
		r.ReadDocument(p, rd.Namespace)
	}
	if IsKustomizationFile(path.Base(e.Name)) && len(r.Skips) > 0 {
		r.Kustomization = yaml.FirstDocument(content.Data)
	}
}

// wholeFile decides by its place in a chart that a file is not a manifest.
func (rd *Reader) wholeFile(e walk.Entry, data []byte) string {
	chart, rel := rd.Charts.Of(e)
	if chart == "" {
		return ""
	}
	_, rel = walk.WithinCharts(rel)
	dir, base := path.Split(rel)
	switch {
	case strings.HasPrefix(rel, "templates/") && strings.Contains(string(data), "{{"):
		return SkipHelmTemplate
	case dir == "" && (IsValuesFile(base) || base == "Chart.yaml" || base == "Chart.lock"),
		strings.HasPrefix(rel, "ci/"):
		return SkipHelmValues
	}
	return ""
}

// ErrTooLarge is the error for a file that is larger than Reader.MaxSize.
var ErrTooLarge = errors.New("too large")

// Content reads a file, never more of it than allowed.
func (rd *Reader) Content(e walk.Entry) ([]byte, error) {
	in := rd.Stdin
	size := int64(0)
	if e.Name != walk.Stdin || e.Open != "" {
		f, err := os.Open(e.Open)
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
	if size > rd.MaxSize {
		return nil, ErrTooLarge
	}
	data, err := readAll(io.LimitReader(in, rd.MaxSize+1), size)
	if err == nil && int64(len(data)) > rd.MaxSize {
		return nil, ErrTooLarge
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

func (rd *Reader) refusal(err error) *diagnose.Fault {
	if errors.Is(err, ErrTooLarge) {
		return diagnose.TooLarge(rd.MaxSize)
	}
	return &diagnose.Fault{
		Cause: diagnose.CauseUnreadable, Pos: yaml.Pos{Line: 1, Col: 1},
		Message: "the file cannot be read: " + diagnose.Printable(reasonOf(err)),
		Help:    "check its permissions",
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
