package report

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// hashWindow is how many characters, counted from a line's start and over its
// end, decide its hash.
const hashWindow = 100

// lineHash is a line's hash and how often it has occurred up to this line.
type lineHash struct {
	sum   uint64
	count int
}

func (h lineHash) String() string {
	return strconv.FormatUint(h.sum, 16) + ":" + strconv.Itoa(h.count)
}

// lineHashes returns what GitHub's upload-sarif computes for each line as its
// primaryLocationLineHash (codeql-action, src/fingerprints.ts). It has to agree
// to the bit: GitHub tells results apart by it and upload-sarif warns of every
// other value. So lines end here as they do there, at a lone CR too, and
// characters are UTF-16 units.
func lineHashes(data []byte) []lineHash {
	const base = 37
	units, starts := hashUnits(data)
	var sum, first uint64 = 0, 1
	for _, u := range units[:hashWindow] {
		sum = sum*base + uint64(u)
		first *= base // by what a unit has been multiplied when it leaves the window
	}
	hashes := make([]lineHash, 0, len(starts))
	seen := make(map[uint64]int, len(starts))
	for i := 0; len(hashes) < len(starts); i++ {
		if i == starts[len(hashes)] {
			seen[sum]++
			hashes = append(hashes, lineHash{sum, seen[sum]})
		}
		sum = sum*base + uint64(units[i+hashWindow]) - first*uint64(units[i])
	}
	return hashes
}

// hashUnits returns the characters that are hashed and where each line begins:
// no blanks, every line ending an LF, then a mark of the end and zeros for
// the last line's window to run over.
func hashUnits(data []byte) (units []uint16, starts []int) {
	const endOfFile = 0xffff
	units = make([]uint16, 0, len(data)+hashWindow+2)
	lineStart, afterCR := true, false
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		data = data[size:]
		if r == ' ' || r == '\t' || r == '\n' && afterCR {
			afterCR = false
			continue
		}
		if afterCR = r == '\r'; afterCR {
			r = '\n'
		}
		if lineStart {
			starts = append(starts, len(units))
		}
		lineStart = r == '\n'
		units = utf16.AppendRune(units, r)
	}
	if lineStart {
		starts = append(starts, len(units))
	}
	units = append(units, endOfFile)
	return append(units, make([]uint16, hashWindow+1)...), starts
}
