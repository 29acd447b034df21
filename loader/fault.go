package loader

import (
	"fmt"
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
	CauseHelm             = "helm" // of a chart's Failure
)

// fault is why a document cannot be read, in words.
type fault struct {
	cause, message, help string
	pos, end             Pos
	related              []place
	kinds                []string // whose objects are lost; nil to look for them in the text
}

type place struct {
	message string
	pos     Pos
}

// explain puts an error of the parser into words for the text that it was made
// from. It returns nil if the text is a template, which is not an error.
func explain(err *Error, data []byte) *fault {
	switch err.Reason {
	case BadSyntax:
		return diagnose(data, err.Pos)
	case TooDeep:
		return tooDeep(err.Pos)
	case SelfAlias:
		return &fault{
			cause: CauseAliasBomb, pos: err.Pos,
			message: fmt.Sprintf("the alias `*%s` contains itself, so the value never ends", printable(err.Text)),
			help:    "write the value out where it is needed",
		}
	case AliasBomb:
		return &fault{
			cause: CauseAliasBomb, pos: err.Pos,
			message: fmt.Sprintf("aliases expand this document to more than %d values", MaxExpanded),
			help:    "write the values out, or split the document",
		}
	case BadMerge:
		return &fault{
			cause: CauseSyntax, pos: err.Pos,
			message: fmt.Sprintf("the merge key `<<` needs a mapping and found a %s", err.Text),
			help:    "let `<<` refer to an anchor on a mapping, or to a list of such",
		}
	case TooManyNodes:
		return &fault{
			cause: CauseTooLarge, pos: err.Pos,
			message: fmt.Sprintf("the document holds more than %d values", MaxTokens),
			help:    "split it into several documents",
		}
	}
	return nil
}

func tooDeep(pos Pos) *fault {
	return &fault{
		cause: CauseTooDeep, pos: pos,
		message: fmt.Sprintf("values are nested more than %d levels deep", MaxDepth),
		help:    "no Kubernetes object is: check how this file was made",
	}
}
