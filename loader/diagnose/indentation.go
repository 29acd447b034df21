package diagnose

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// tabFault finds the tab in the indentation of the culprit or the line above.
func tabFault(lines []yaml.Line, i int, said string) *Fault {
	if !strings.Contains(said, "tab character") && said != "found character that cannot start any token" {
		return nil
	}
	for _, l := range lines[max(i-1, 0):min(i+2, len(lines))] {
		indent, rest := indentation(l.Text)
		tab := bytes.IndexByte(indent, '\t')
		if tab < 0 || len(rest) == 0 {
			continue
		}
		return &Fault{
			Cause: CauseTabIndent, Pos: l.Pos(column(l.Text, tab)), End: l.Pos(column(l.Text, len(indent))),
			Message: "the line is indented with a tab, which YAML does not allow",
			Help:    "indent with spaces",
		}
	}
	return nil
}

func indentFault(lines []yaml.Line, i int, said string) *Fault {
	l := lines[i]
	switch said {
	case "did not find expected '-' indicator":
		return &Fault{
			Pos: firstToken(l), End: lineEnd(l),
			Message: fmt.Sprintf("bad indentation: found `%s` among the items of a list, where `- ` was expected", excerpt(l.Text)),
			Help:    "indent the line under the item it belongs to, or begin it with `- `",
		}
	case "did not find expected key":
		return &Fault{
			Pos: firstToken(l), End: lineEnd(l),
			Message: fmt.Sprintf("bad indentation: `%s` fits neither the block above nor any around it", excerpt(l.Text)),
			Help:    "align it with the fields it belongs to",
		}
	case "did not find expected <document start>":
		return &Fault{
			Pos: firstToken(l), End: lineEnd(l),
			Message: "a second document begins here without a separator",
			Help:    "put a line with `---` between the documents",
		}
	}
	return nil
}
