package diagnose

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// syntax turns the parser's error into a fault for a person. It returns nil
// if the text is a template, which is not an error.
func syntax(data []byte, at yaml.Pos) *Fault {
	lines := yaml.Lines(data, at)
	if f := controlCharacter(lines); f != nil {
		return f
	}
	culprit, said := locate(data, lines)
	if f := pasteFault(lines); f != nil {
		return f
	}
	if isTemplate(data, lines, culprit) {
		return nil
	}
	if f := flattenedText(lines); f != nil {
		return f
	}
	f := syntaxFault(lines, culprit, said)
	if strings.HasPrefix(said, "exceeded max depth") {
		return tooDeep(f.Pos)
	}
	return f
}

// syntaxFault explains a true syntax error.
func syntaxFault(lines []yaml.Line, i int, said string) *Fault {
	for _, explain := range []func([]yaml.Line, int, string) *Fault{
		tabFault, missingSpace, quoteFault, flowFault, colonFault, starFault, indentFault, tokenFault,
	} {
		if f := explain(lines, i, said); f != nil {
			f.Cause = cmp.Or(f.Cause, CauseSyntax)
			return f
		}
	}
	return &Fault{
		Cause: CauseSyntax, Pos: firstToken(lines[i]), End: lineEnd(lines[i]),
		Message: "this is no valid YAML: the parser " + Printable(said),
		Help:    "check the indentation and the punctuation of this line and the one before it",
	}
}

func firstToken(l yaml.Line) yaml.Pos {
	indent, _ := indentation(l.Text)
	return l.Pos(utf8.RuneCount(indent) + 1)
}

func lineEnd(l yaml.Line) yaml.Pos {
	return l.Pos(utf8.RuneCount(bytes.TrimRight(l.Text, " \t")) + 1)
}

// column returns the 1-based column of the byte offset.
func column(text []byte, off int) int { return utf8.RuneCount(text[:off]) + 1 }

func controlCharacter(lines []yaml.Line) *Fault {
	for _, l := range lines {
		col := 0
		for _, r := range string(l.Text) {
			col++
			if r >= ' ' && (r < 0x7F || r > 0x9F) && r != 0xFFFE && r != 0xFFFF || r == '\t' || r == 0x85 {
				continue
			}
			return &Fault{
				Cause: CauseSyntax, Pos: l.Pos(col), End: l.Pos(col + 1),
				Message: fmt.Sprintf("found the control character U+%04X, which YAML does not allow", r),
				Help:    `delete it, or write it as an escape ("\xNN") in double quotes`,
			}
		}
	}
	return nil
}
