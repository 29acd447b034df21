package report

import (
	"path"
	"strings"
)

// sarifURI writes a file's name as a URI: relative and without a leading slash,
// as GitHub wants it, for all that lies below the working directory. A name
// from the file system's root cannot be relative and says so.
func sarifURI(name string) string {
	switch {
	case strings.HasPrefix(name, "/"):
		return "file://" + percentEncode(name)
	case len(name) > 2 && name[1] == ':' && name[2] == '/': // C:/, no path has a colon there elsewhere
		return "file:///" + name[:2] + percentEncode(name[2:])
	}
	return percentEncode(path.Clean(name))
}

// percentEncode leaves only what no reader of URIs takes for anything else; a
// colon in a relative name would make a scheme of what stands before it.
func percentEncode(name string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
