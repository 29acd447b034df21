package kustomize

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
)

// How the library prints values of its own. The first has an address that
// differs from run to run ("merging from generator &{0xc0001 <nil>}: …").
const (
	saysPointer = ` ?&\{0x[0-9a-f]+[^}]*\}`
	saysID      = `resid\.ResId\{Gvk:resid\.Gvk\{Group:"[^"]*", Version:"[^"]*", Kind:"([^"]*)", isClusterScoped:\w+\}, Name:"([^"]*)", Namespace:"([^"]*)"\}`
	saysFile    = `(/k\d+)/(f\d+\.yaml)|'(f\d+\.yaml)'`
)

// cleanError writes an error of the library with the names that files have in
// the tree, and without what differs from run to run.
func cleanError(err error, kz *kustomizer) string {
	text := strings.ReplaceAll(err.Error(), `\"`, `"`)
	for _, prefix := range []string{"for path '", "of path '"} { // of nested errors, the innermost
		if i := strings.LastIndex(text, prefix); i >= 0 {
			text = strings.Replace(text[i+len(prefix):], "'", "", 1)
		}
	}
	// What could not be taken in as a file is tried as a directory, which says nothing.
	if _, inner, found := strings.Cut(text, "accumulation err='"); found {
		text, _, _ = strings.Cut(inner, "': must build at directory")
	}
	text = regexp.MustCompile(saysPointer).ReplaceAllString(text, "")
	text = regexp.MustCompile(saysID).ReplaceAllStringFunc(text, func(id string) string {
		m := regexp.MustCompile(saysID).FindStringSubmatch(id)
		return strings.TrimSuffix(m[1]+" "+m[3]+"/"+m[2], "/")
	})
	text = strings.ReplaceAll(regexp.MustCompile(saysFile).ReplaceAllStringFunc(text, kz.fileSaid), "`'", "`")
	for _, k := range slices.Backward(kz.order) { // /k12 before /k1
		text = strings.ReplaceAll(text, k.id, k.dir)
	}
	const most = 300
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return diagnose.Printable(strings.Join(strings.Fields(text), " "))
}

// fileSaid returns what a kustomization calls a file that is named by its name in
// memory.
func (kz *kustomizer) fileSaid(said string) string {
	m := regexp.MustCompile(saysFile).FindStringSubmatch(said)
	for _, k := range kz.order {
		if ref, ok := k.files[m[2]]; ok && k.id == m[1] {
			return k.dir + "/" + ref
		}
	}
	if kz.current != nil && m[3] != "" {
		if ref, ok := kz.current.files[m[3]]; ok {
			return "`" + ref + "`"
		}
	}
	return said
}
