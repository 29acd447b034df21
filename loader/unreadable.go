package loader

import (
	"fmt"
)

func encodingFault(pos Pos) *fault {
	return &fault{
		cause: CauseEncoding, pos: pos, end: Pos{pos.Line, pos.Col + 1},
		message: "found a byte that is no valid UTF-8",
		help:    "save the file as UTF-8",
	}
}

func binaryFault() *fault {
	return &fault{
		cause: CauseEncoding, pos: Pos{1, 1},
		message: "the file holds binary data, not text",
		help:    "leave it out with --exclude, or save it as UTF-8 text",
	}
}

func tooLargeFault(most int64) *fault {
	return &fault{
		cause: CauseTooLarge, pos: Pos{1, 1},
		message: fmt.Sprintf("the file is larger than %d bytes and was not read", most),
		help:    "split it, or leave it out with --exclude",
	}
}
