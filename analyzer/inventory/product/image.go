package product

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
)

// imageRef is a container image as it is written.
type imageRef struct {
	path []string // of the repository, the registry first if one is named
	tag  string   // "" when there is none, or a digest stands in its place
}

// parseImage follows the grammar of distribution/reference:
// [registry[:port]/]path[:tag][@digest]. A colon before the last slash is that
// of a port. What another tool fills in has no parts.
// https://github.com/distribution/reference/blob/main/reference.go
func parseImage(image string) imageRef {
	if decode.IsPlaceholder(image) {
		return imageRef{}
	}
	name, _, _ := strings.Cut(image, "@")
	var ref imageRef
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, ref.tag = name[:i], name[i+1:]
	}
	if name != "" {
		ref.path = strings.Split(name, "/")
	}
	return ref
}

// version reads the numbers that a tag begins with, as `v0.9.1-cpu` does:
// major, minor, patch. ok is false for a tag that tells no version.
func (r imageRef) version() (v [3]int, ok bool) {
	rest := strings.TrimPrefix(r.tag, "v")
	for i := range v {
		n, digits := 0, 0
		for digits < len(rest) && digits < 4 && rest[digits] >= '0' && rest[digits] <= '9' {
			n = n*10 + int(rest[digits]-'0')
			digits++
		}
		if digits == 0 {
			return v, false
		}
		v[i], rest = n, rest[digits:]
		if !strings.HasPrefix(rest, ".") {
			return v, i > 0 && (rest == "" || strings.ContainsRune("-_+", rune(rest[0])))
		}
		rest = rest[1:]
	}
	return v, true
}

// before reports whether the tag names a version lower than the given one.
func (r imageRef) before(major, minor, patch int) bool {
	v, ok := r.version()
	w := [3]int{major, minor, patch}
	for i := range v {
		if v[i] != w[i] {
			return ok && v[i] < w[i]
		}
	}
	return false
}
