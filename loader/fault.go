package loader

import (
	"bytes"
	"fmt"
	"strconv"
)

// The causes of a Problem.
const (
	CauseSyntax           = "syntax"
	CauseTooLarge         = "too-large"
	CauseTooDeep          = "too-deep"
	CauseAliasBomb        = "alias-bomb"
	CauseEncoding         = "encoding"
	CauseUnreadable       = "unreadable"
	CauseFlattened        = "flattened"
	CauseNBSPIndent       = "nbsp-indent"
	CauseTypographicQuote = "typographic-quotes"
	CauseEmDash           = "em-dash-separator"
	CauseMarkdownFence    = "markdown-fence"
	CauseShellPrompt      = "shell-prompt"
	CauseLineNumbers      = "line-numbers"
	CauseTabIndent        = "tab-indent"
	CauseMissingSeparator = "missing-separator"
)

// fault is why a document cannot be read. One with parser set is what the YAML
// parser said and has yet to be diagnosed.
type fault struct {
	cause, message, help string
	pos, end             Pos
	related              []place
	kinds                []string // whose objects are lost; nil to look for them in the text
	parser               string
	at                   Pos
}

type place struct {
	message string
	pos     Pos
}

func tooDeep(pos Pos) *fault {
	return &fault{
		cause: CauseTooDeep, pos: pos,
		message: fmt.Sprintf("values are nested more than %d levels deep", maxDepth),
		help:    "no Kubernetes object is: check how this file was made",
	}
}

func selfAlias(name string, pos Pos) *fault {
	return &fault{
		cause: CauseAliasBomb, pos: pos,
		message: fmt.Sprintf("the alias `*%s` contains itself, so the value never ends", printable(name)),
		help:    "write the value out where it is needed",
	}
}

func aliasBomb(pos Pos) *fault {
	return &fault{
		cause: CauseAliasBomb, pos: pos,
		message: fmt.Sprintf("aliases expand this document to more than %d values", maxExpanded),
		help:    "write the values out, or split the document",
	}
}

func badMerge(source *Node) *fault {
	return &fault{
		cause: CauseSyntax, pos: source.Pos,
		message: fmt.Sprintf("the merge key `<<` needs a mapping and found a %s", source.Kind),
		help:    "let `<<` refer to an anchor on a mapping, or to a list of such",
	}
}

// maxTokens bounds the memory that one document may take: a node costs some
// hundred bytes, whatever its text.
const maxTokens = 4_000_000

func tooManyNodes(data []byte, at Pos) *fault {
	if len(data) < maxTokens {
		return nil
	}
	tokens := 0
	for _, c := range []string{"\n", ",", "[", "{"} {
		tokens += bytes.Count(data, []byte(c))
	}
	if tokens <= maxTokens {
		return nil
	}
	return &fault{
		cause: CauseTooLarge, pos: at,
		message: fmt.Sprintf("the document holds more than %d values", maxTokens),
		help:    "split it into several documents",
	}
}

func separatorFault(kinds []string, apiVersion, kind *Duplicate) *fault {
	first, second := kind.First, kind.Second
	start := apiVersion.Second
	if second.Before(start) {
		start = second
	}
	count := "two"
	if len(kinds) > 2 {
		count = strconv.Itoa(len(kinds))
	}
	return &fault{
		cause: CauseMissingSeparator, pos: start, kinds: kinds,
		message: fmt.Sprintf("%s objects in one document: a %s (`kind` in line %d) and a %s (`kind` in line %d) without a `---` between them",
			count, printable(kinds[0]), first.Line, printable(kinds[1]), second.Line),
		help:    fmt.Sprintf("put a line with `---` before line %d; of this document nothing was evaluated", start.Line),
		related: []place{{"the first object's kind", first}},
	}
}
