package diagnose

import (
	"fmt"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// BadEncoding is the fault of a byte that is not text.
func BadEncoding(pos yaml.Pos) *Fault {
	return &Fault{
		Cause: CauseEncoding, Pos: pos, End: yaml.Pos{Line: pos.Line, Col: pos.Col + 1},
		Message: "found a byte that is no valid UTF-8",
		Help:    "save the file as UTF-8",
	}
}

// Binary is the fault of a file that is not text.
func Binary() *Fault {
	return &Fault{
		Cause: CauseEncoding, Pos: yaml.Pos{Line: 1, Col: 1},
		Message: "the file holds binary data, not text",
		Help:    "leave it out with --exclude, or save it as UTF-8 text",
	}
}

// TooLarge is the fault of a file of more than most bytes.
func TooLarge(most int64) *Fault {
	return &Fault{
		Cause: CauseTooLarge, Pos: yaml.Pos{Line: 1, Col: 1},
		Message: fmt.Sprintf("the file is larger than %d bytes and was not read", most),
		Help:    "split it, or leave it out with --exclude",
	}
}
