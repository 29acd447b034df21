package diagnose

import (
	"fmt"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
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

// Fault is why a document cannot be read, in words.
type Fault struct {
	Cause, Message, Help string
	Pos, End             yaml.Pos
	Related              []place
	Kinds                []string // whose objects are lost; nil to look for them in the text
}

type place struct {
	Message string
	Pos     yaml.Pos
}

// Explain puts an error of the parser into words for the text that it was made
// from. It returns nil if the text is a template, which is not an error.
func Explain(err *yaml.Error, data []byte) *Fault {
	switch err.Reason {
	case yaml.BadSyntax:
		return syntax(data, err.Pos)
	case yaml.TooDeep:
		return tooDeep(err.Pos)
	case yaml.SelfAlias:
		return &Fault{
			Cause: CauseAliasBomb, Pos: err.Pos,
			Message: fmt.Sprintf("the alias `*%s` contains itself, so the value never ends", Printable(err.Text)),
			Help:    "write the value out where it is needed",
		}
	case yaml.AliasBomb:
		return &Fault{
			Cause: CauseAliasBomb, Pos: err.Pos,
			Message: fmt.Sprintf("aliases expand this document to more than %d values", yaml.MaxExpanded),
			Help:    "write the values out, or split the document",
		}
	case yaml.BadMerge:
		return &Fault{
			Cause: CauseSyntax, Pos: err.Pos,
			Message: "the merge key `<<` needs a mapping and found a " + err.Text,
			Help:    "let `<<` refer to an anchor on a mapping, or to a list of such",
		}
	case yaml.TooManyNodes:
		return &Fault{
			Cause: CauseTooLarge, Pos: err.Pos,
			Message: fmt.Sprintf("the document holds more than %d values", yaml.MaxTokens),
			Help:    "split it into several documents",
		}
	}
	return nil
}

func tooDeep(pos yaml.Pos) *Fault {
	return &Fault{
		Cause: CauseTooDeep, Pos: pos,
		Message: fmt.Sprintf("values are nested more than %d levels deep", yaml.MaxDepth),
		Help:    "no Kubernetes object is: check how this file was made",
	}
}
