package diagnose

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// pasteFault looks for the traces that copying from a web page, a chat or a
// terminal leaves in a text that does not parse. The first line that bears one
// is the cause; what follows from it is not worth a word.
func pasteFault(lines []yaml.Line) *Fault {
	for i, l := range lines {
		for _, find := range []func([]yaml.Line, int) *Fault{
			fence, shellPrompt, lineNumbers, oddIndent, dashSeparator,
		} {
			if f := find(lines, i); f != nil {
				f.End = l.Pos(utf8.RuneCount(bytes.TrimRight(l.Text, " \t")) + 1)
				return f
			}
		}
	}
	return nil
}

func fence(lines []yaml.Line, i int) *Fault {
	text := bytes.TrimSpace(lines[i].Text)
	if !bytes.HasPrefix(text, []byte("```")) && !bytes.HasPrefix(text, []byte("~~~")) {
		return nil
	}
	return &Fault{
		Cause: CauseMarkdownFence, Pos: lines[i].Pos(1),
		Message: "found a Markdown code fence (three back ticks or tildes) where YAML was expected",
		Help:    "delete the fence lines and whatever text was copied along with them",
	}
}

func shellPrompt(lines []yaml.Line, i int) *Fault {
	text := bytes.TrimSpace(lines[i].Text)
	prompt := len(text) > 2 && (text[0] == '$' || text[0] == '%' || text[0] == '>') && text[1] == ' ' && isWord(text[2])
	hereDocument := bytes.Contains(text, []byte("<<")) && bytes.ContainsAny(text, " ") && isCommand(text)
	if !prompt && !hereDocument && !isCommand(text) || len(text) > 0 && text[0] == '>' && bytes.HasSuffix(text, []byte(":")) {
		return nil
	}
	return &Fault{
		Cause: CauseShellPrompt, Pos: lines[i].Pos(1),
		Message: fmt.Sprintf("found a shell command (`%s`) where YAML was expected", excerpt(text)),
		Help:    "keep only the YAML: delete the command, its output and the end of the here-document",
	}
}

// isCommand reports whether a line runs one of the programs that manifests are
// shown with.
func isCommand(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte("sudo "))
	for _, program := range []string{"kubectl ", "oc ", "istioctl ", "helm ", "kustomize ", "cat <<", "tee "} {
		if bytes.HasPrefix(text, []byte(program)) {
			return !bytes.Contains(text, []byte(": ")) || bytes.Contains(text, []byte("<<"))
		}
	}
	return false
}

func isWord(c byte) bool { return c >= 'a' && c <= 'z' || c == '.' || c == '/' }

// lineNumbers wants two lines in a row whose numbers count up, since a mapping
// may well have a number as its key.
func lineNumbers(lines []yaml.Line, i int) *Fault {
	n, ok := leadingNumber(lines[i].Text)
	if !ok || i+1 >= len(lines) {
		return nil
	}
	if next, ok := leadingNumber(lines[i+1].Text); !ok || next != n+1 {
		return nil
	}
	return lineNumberFault(lines[i].Text, firstToken(lines[i]))
}

// numberedKey finds line numbers in a text that parses nevertheless, because it
// has no nested mapping before the parser would stumble.
func numberedKey(root *yaml.Node) *Fault {
	for _, f := range root.Fields {
		text := []byte(f.Key.Text)
		if _, numbered := leadingNumber(text); !numbered {
			continue
		}
		if key := string(withoutLineNumber(text)); key == "apiVersion" || key == "kind" {
			return lineNumberFault(text, f.Key.Pos)
		}
	}
	return nil
}

func lineNumberFault(text []byte, pos yaml.Pos) *Fault {
	return &Fault{
		Cause: CauseLineNumbers, Pos: pos,
		Message: fmt.Sprintf("found line numbers in front of the YAML (`%s`)", excerpt(text)),
		Help:    "copy the text without its line numbers",
	}
}

// leadingNumber reads the number of a line that is shown as `12 text`, `12: text`
// or `12 | text`.
func leadingNumber(text []byte) (int, bool) {
	_, rest := indentation(text)
	n, digits := 0, 0
	for digits < len(rest) && digits < 6 && rest[digits] >= '0' && rest[digits] <= '9' {
		n = n*10 + int(rest[digits]-'0')
		digits++
	}
	if digits == 0 {
		return 0, false
	}
	rest = rest[digits:]
	return n, len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t' || rest[0] == '|'
}

func withoutLineNumber(text []byte) []byte {
	if _, ok := leadingNumber(text); ok {
		return bytes.TrimLeft(text, " \t0123456789|")
	}
	return text
}

func oddIndent(lines []yaml.Line, i int) *Fault {
	indent, rest := indentation(lines[i].Text)
	r, col, odd := oddRune(indent)
	if !odd || len(rest) == 0 || rest[0] == '#' {
		return nil
	}
	return oddIndentFault(r, lines[i].Pos(col))
}

func oddIndentFault(r rune, pos yaml.Pos) *Fault {
	return &Fault{
		Cause: CauseNBSPIndent, Pos: pos,
		Message: fmt.Sprintf("the line is indented with %s (U+%04X), which YAML does not take for a space", oddName(r), r),
		Help:    fmt.Sprintf("replace every U+%04X in the file by an ordinary space", r),
	}
}

func oddName(r rune) string {
	switch r {
	case '\u00A0', '\u202F':
		return "no-break spaces"
	case '\u200B', '\u2060', '\uFEFF':
		return "an invisible character"
	}
	return "typographic spaces"
}

// dashSeparator finds a line of dashes in which an editor has joined some.
func dashSeparator(lines []yaml.Line, i int) *Fault {
	text := bytes.TrimSpace(lines[i].Text)
	if len(text) == 0 || !bytes.ContainsAny(text, "–—―") || strings.Trim(string(text), "-–—―") != "" {
		return nil
	}
	r, _ := utf8.DecodeRune(bytes.TrimLeft(text, "-"))
	return &Fault{
		Cause: CauseEmDash, Pos: lines[i].Pos(1),
		Message: fmt.Sprintf("found a dash (U+%04X) where the document separator `---` was meant", r),
		Help:    "replace the line by three hyphens: ---",
	}
}

// Pasted finds the traces of pasting in a document that parses and yet is not
// what one sees, nil if there are none.
func Pasted(data []byte, root *yaml.Node) *Fault {
	f := numberedKey(root)
	if f == nil && !isASCII(data) && bytes.Contains(data, []byte("kind")) {
		f = oddKey(root)
		if f == nil && root.Get("kind") != nil {
			f = curlyValue(root)
		}
	}
	return f
}

func isASCII(data []byte) bool {
	for _, c := range data {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
