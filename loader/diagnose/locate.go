package diagnose

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// locate returns the index of the line that the parser stumbled over and what
// it said. The parser gives no column, often the line where the enclosing
// mapping began, and sometimes one less; for those errors the culprit is the
// line with which the text first stops to parse.
func locate(data []byte, lines []yaml.Line) (culprit int, said string) {
	// Behind a first blank line the parser never takes line 0 for "unknown".
	whole := yaml.Check(io.MultiReader(strings.NewReader("\n"), bytes.NewReader(data)))
	line, said := splitParserError(whole)
	switch {
	case said == "":
		return 0, said
	case marksStart(said):
		line -= 2
	case strings.HasPrefix(said, "did not find expected ',' or"):
		line--
	default:
		line = firstFailing(data, said)
	}
	return min(max(line, 0), len(lines)-1), said
}

// marksStart reports whether the parser gives these errors their true line: the
// scanner's, except those about tabs.
func marksStart(said string) bool {
	switch said {
	case "could not find expected ':'", "mapping values are not allowed in this context",
		"found unexpected end of stream", "found unknown escape character",
		"found character that cannot start any token",
		"block sequence entries are not allowed in this context",
		"mapping keys are not allowed in this context",
		"did not find expected comment or line break",
		"did not find expected alphabetic or numeric character":
		return true
	}
	return false
}

// splitParserError takes `yaml: line 3: text` apart.
func splitParserError(err string) (line int, said string) {
	said = strings.TrimPrefix(err, "yaml: ")
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(said); m != nil {
		line, _ = strconv.Atoi(m[1])
		said = said[len(m[0]):]
	}
	return line, said
}

// firstFailing returns the index of the line with which data begins to fail
// with that error: the parser is fed line by line, which bounds it from above,
// and its small lookahead is then taken back.
func firstFailing(data []byte, said string) int {
	fed := &lineFeed{data: data}
	_ = yaml.Check(fed)
	ends := yaml.LineStarts(data[:fed.off])
	last := len(ends) - 1
	if last > 0 && ends[last] == fed.off {
		last--
	}
	for range 8 {
		if last == 0 {
			break
		}
		_, before := splitParserError(yaml.Check(bytes.NewReader(data[:ends[last]])))
		if before != said {
			break
		}
		last--
	}
	return last
}

// lineFeed hands out at most one line per Read and keeps count.
type lineFeed struct {
	data []byte
	off  int
}

func (f *lineFeed) Read(p []byte) (int, error) {
	if f.off == len(f.data) {
		return 0, io.EOF
	}
	rest := f.data[f.off:]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i+1]
	}
	n := copy(p, rest)
	f.off += n
	return n, nil
}
