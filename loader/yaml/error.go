package yaml

import (
	"bytes"
	"strconv"
)

// Reason says why a text is not a document.
type Reason string

// The reasons of an Error.
const (
	BadSyntax    Reason = "syntax"     // the parser refuses it; Text is what it said
	TooDeep      Reason = "too-deep"   // values are nested more than MaxDepth levels deep
	SelfAlias    Reason = "self-alias" // an alias contains itself; Text is its name
	AliasBomb    Reason = "alias-bomb" // aliases expand it to more than MaxExpanded values
	BadMerge     Reason = "bad-merge"  // a merge key has no mapping; Text is what it has instead
	TooManyNodes Reason = "too-many"   // it holds more than MaxTokens values
)

// Error is why a text is not a document, and where. Package diagnose puts it
// into words.
type Error struct {
	Reason Reason
	Pos    Pos // of BadSyntax that of the text's first byte
	Text   string
}

func (e *Error) Error() string {
	return strconv.Itoa(e.Pos.Line) + ":" + strconv.Itoa(e.Pos.Col) + ": " + string(e.Reason) + " " + e.Text
}

// MaxTokens bounds the memory that one document may take: a node costs some
// hundred bytes, whatever its text.
const MaxTokens = 4_000_000

func tooManyNodes(data []byte, at Pos) *Error {
	if len(data) < MaxTokens {
		return nil
	}
	tokens := 0
	for _, c := range []string{"\n", ",", "[", "{"} {
		tokens += bytes.Count(data, []byte(c))
	}
	if tokens <= MaxTokens {
		return nil
	}
	return &Error{Reason: TooManyNodes, Pos: at}
}
