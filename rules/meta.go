package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aisec-lint/aisec-lint/rules/rego"
)

const maxTitle = 60

// texts are the sentences of a rule, ready to be filled.
type texts struct {
	messages    map[string]template // by variant; "" is custom.message
	notes       map[string]template
	remediation template
}

// metaReader reads the annotations of one package. It keeps the first error.
type metaReader struct {
	src    *regoFile
	row    int // of the annotations
	custom map[string]any
	err    error
}

// readMeta makes the Meta and texts of a rule's annotations.
func readMeta(src *regoFile, id string, m *rego.Module) (*Meta, texts, error) {
	a := m.Annotations
	if a == nil {
		return nil, texts{}, fmt.Errorf("%s:%d: no `# METADATA` above the package", src.name, m.Row)
	}
	r := &metaReader{src: src, row: a.Row, custom: a.Custom}
	meta := &Meta{
		ID: id, Title: strings.TrimSpace(a.Title), Description: strings.TrimSpace(a.Description),
		Page: src.page, Custom: src.custom, Tags: append([]string{"security"}, r.list("tags")...),
	}
	for _, ref := range a.Related {
		reference := Reference{Title: ref.Description, URL: ref.URL}
		if reference.Title == "" {
			reference.Title = reference.URL
		}
		meta.References = append(meta.References, reference)
	}
	switch {
	case meta.Title == "":
		r.fail("title", "no title")
	case utf8.RuneCountInString(meta.Title) > maxTitle:
		r.fail("title", "the title has %d characters; at most %d fit", utf8.RuneCountInString(meta.Title), maxTitle)
	case meta.Description == "":
		r.fail("description", "no description")
	case len(meta.References) == 0:
		r.fail("related_resources", "no related_resources: what backs the rule?")
	}
	t := r.texts()
	meta.Remediation = r.text("remediation")
	meta.Severity = r.severity()
	meta.Off = r.off()
	r.unknownKeys()
	if meta.Page == "" && meta.Custom { // a user's rule need not come with a page
		meta.Page = Page(meta, "", "", nil)
	}
	return meta, t, r.err
}

func (r *metaReader) severity() Severity {
	name := r.text("severity")
	s, ok := ParseSeverity(name)
	if !ok {
		r.fail("severity", "unknown severity `%s`; one of %s", name, strings.Join(SeverityNames(), ", "))
	}
	return s
}

// off reads custom.default, which a rule that most people can do without sets.
func (r *metaReader) off() bool {
	if r.custom["default"] != nil && r.custom["default"] != "off" {
		r.fail("default", "custom.default is `off`, or left out")
	}
	return r.custom["default"] == "off"
}

func (r *metaReader) texts() texts {
	t := texts{messages: r.templates("messages"), notes: r.templates("notes")}
	if _, ok := r.custom["message"]; ok || len(t.messages) == 0 {
		t.messages[""] = r.template("message", r.text("message"))
	}
	t.remediation = r.template("remediation", r.text("remediation"))
	return t
}

func (r *metaReader) templates(key string) map[string]template {
	out := map[string]template{}
	if r.custom[key] == nil {
		return out
	}
	entries, ok := r.custom[key].(map[string]any)
	if !ok {
		r.fail(key, "custom.%s is no mapping", key)
	}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		text, ok := entries[name].(string)
		if !ok {
			r.fail(name, "custom.%s.%s is no text", key, name)
		}
		out[name] = r.template(name, text)
	}
	return out
}

func (r *metaReader) template(key, text string) template {
	t, err := parseTemplate(text)
	if err != nil {
		r.fail(key, "%v", err)
	}
	return t
}

// text returns a value that must be there, in one line.
func (r *metaReader) text(key string) string {
	s, ok := r.custom[key].(string)
	s = strings.Join(strings.Fields(s), " ")
	if !ok || s == "" {
		r.fail(key, "no custom.%s", key)
	}
	return s
}

func (r *metaReader) list(key string) []string {
	items, ok := r.custom[key].([]any)
	if !ok && r.custom[key] != nil {
		r.fail(key, "custom.%s is no list", key)
	}
	var out []string
	for _, item := range items {
		s, ok := item.(string)
		if !ok {
			r.fail(key, "custom.%s holds what is no text", key)
		}
		out = append(out, s)
	}
	return out
}

func (r *metaReader) unknownKeys() {
	known := []string{"default", "severity", "message", "messages", "remediation", "notes", "tags"}
	for _, key := range slices.Sorted(maps.Keys(r.custom)) {
		if !slices.Contains(known, key) {
			r.fail(key, "unknown custom.%s%s", key, rego.DidYouMean(key, known))
		}
	}
}

// fail notes an error at the line of a key or, when it is missing, at the
// annotations' first.
func (r *metaReader) fail(key, format string, args ...any) {
	if r.err != nil {
		return
	}
	row := r.row
	for i, line := range strings.Split(string(r.src.text), "\n") {
		if i+1 > r.row && strings.HasPrefix(strings.Trim(line, "# \t"), key+":") {
			row = i + 1
			break
		}
	}
	r.err = fmt.Errorf("%s:%d: %s", r.src.name, row, fmt.Sprintf(format, args...))
}
