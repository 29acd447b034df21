package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// factSchema is a node of the schema of the rules' input.
type factSchema struct {
	Type        string
	Description string
	Properties  map[string]*factSchema
	Items       *factSchema
	Enum        []string
}

func inputFacts(t *testing.T) *factSchema {
	t.Helper()
	var root factSchema
	if err := json.Unmarshal(fact.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	return &root
}

// value is what stands in place of the fact, or of each item of a list.
func (f *factSchema) value() *factSchema {
	if f.Items != nil {
		return f.Items
	}
	return f
}

// answer reports yes, no or unknown.
func (f *factSchema) answer() bool { return slices.Equal(f.Enum, []string{"yes", "no", "unknown"}) }

// meaning takes a text apart: what the fact says, and what each of its values
// says, which is written `meaning; value: its meaning; value, value: …`.
func (f *factSchema) meaning() (text string, values map[string]string) {
	values = map[string]string{}
	var lead []string
	for part := range strings.SplitSeq(f.Description, "; ") {
		names, says, found := strings.Cut(part, ": ")
		keys := strings.Split(names, ", ")
		if !found || slices.ContainsFunc(keys, func(k string) bool { return !slices.Contains(f.value().Enum, plain(k)) }) {
			lead = append(lead, part)
			continue
		}
		for _, k := range keys {
			values[plain(k)] = says
		}
	}
	return strings.Join(lead, "; "), values
}

// plain is a value as rules compare it; the empty text is written as a word.
func plain(value string) string {
	if value == "empty" {
		return ""
	}
	return value
}

// TestFactsDocumented: a rule can be written from the reference alone. No fact
// lacks a meaning, and no value of an enumeration.
func TestFactsDocumented(t *testing.T) {
	t.Parallel()
	var walk func(path string, f *factSchema)
	walk = func(path string, f *factSchema) {
		text, values := f.meaning()
		if text == "" {
			t.Errorf("input%s has no doc, or one that begins with a value", path)
		}
		for _, v := range f.value().Enum {
			if values[v] == "" && !f.value().answer() {
				t.Errorf("input%s: the doc does not say what %q means", path, v)
			}
		}
		for name, below := range f.value().Properties {
			walk(path+"."+name, below)
		}
	}
	for name, f := range inputFacts(t).Properties {
		walk("."+name, f)
	}
}

// TestFacts renders the reference of the facts.
func TestFacts(t *testing.T) {
	t.Parallel()
	checkGolden(t, "FACTS.md", reference(inputFacts(t), loadAll(t)))
}

const referenceHead = `# Facts

What a rule sees: one name below ` + "`input`" + `, and the facts below that name. ` + "`aisec-lint facts PATH`" + ` prints them for
manifests of yours, and ` + "`schema.json`" + ` is the same list for editors. This page is written by ` + "`make update`" + `.

- A fact that manifests can leave open is ` + "`yes`, `no` or `unknown`" + `, never true or false. A rule that claims something
  asks for the answer it needs, ` + "`== \"no\"`" + `, and never for ` + "`not … == \"yes\"`" + `, which is true of ` + "`unknown`" + ` as well.
- ` + "`ports[]`" + ` is each item of a list: ` + "`some i, port in input.workload.ports`" + `, and ` + "`\"at\": [\"ports\", i]`" + ` points at one.
- ` + "`{name}`" + ` is a placeholder that messages of a finding at this fact may use.
- A comparison with a value that is not listed here does not compile.
- "Read by" errs on the side of more: a rule that keeps whole items in a helper counts as reading all of them.
`

// reference writes every fact with its values, its meaning and its readers.
func reference(root *factSchema, set *Set) string {
	var b strings.Builder
	b.WriteString(referenceHead)
	for _, input := range slices.Sorted(maps.Keys(root.Properties)) {
		f := root.Properties[input]
		fmt.Fprintf(&b, "\n## input.%s\n\n%s.\n\n", input, strings.ToUpper(f.Description[:1])+f.Description[1:])
		writeFacts(&b, f, input, nil, set)
	}
	return b.String()
}

func writeFacts(b *strings.Builder, f *factSchema, input string, path []string, set *Set) {
	for _, name := range slices.Sorted(maps.Keys(f.Properties)) {
		below := f.Properties[name]
		to := append(slices.Clone(path), name)
		if below.Items != nil {
			to = append(to, "")
		}
		writeFact(b, below, input, to, set)
		writeFacts(b, below.value(), input, to, set)
	}
}

func writeFact(b *strings.Builder, f *factSchema, input string, path []string, set *Set) {
	text, values := f.meaning()
	name := strings.ReplaceAll(strings.Join(path, "."), "..", "[].") // an empty step is each item
	if f.Items != nil {
		name = strings.TrimSuffix(name, ".") + "[]"
	}
	fmt.Fprintf(b, "- `%s` (%s): %s\n", name, f.kind(), text)
	for _, v := range f.value().Enum {
		if values[v] != "" {
			fmt.Fprintf(b, "  - `%s`: %s\n", quoteEmpty(v), values[v])
		}
	}
	if f.value().Properties != nil {
		return
	}
	if readers := set.readers(input, path); len(readers) > 0 {
		fmt.Fprintf(b, "  - read by %s\n", strings.Join(readers, ", "))
	}
}

func quoteEmpty(v string) string {
	if v == "" {
		return `""`
	}
	return v
}

// kind is the type of a fact in words.
func (f *factSchema) kind() string {
	v := f.value()
	kind := map[string]string{"string": "text", "integer": "number", "boolean": "true or false", "object": "facts"}[v.Type]
	switch {
	case v.answer():
		kind = "yes, no or unknown"
	case v.Enum != nil:
		kind = "one of these"
	case v.Type == "object" && v.Properties == nil:
		kind = "texts by name"
	}
	if f.Items != nil {
		return "list: " + kind
	}
	return kind
}

// readers lists the rules that read a fact.
func (s *Set) readers(input string, path []string) []string {
	var out []string
	for _, r := range s.rules {
		if r.Input != input {
			continue
		}
		reads := r.Reads
		for _, step := range path {
			if reads = reads.Below(step); reads == nil {
				break
			}
		}
		if reads != nil {
			out = append(out, fmt.Sprintf("[%s](%s/README.md)", r.ID, r.ID))
		}
	}
	return out
}
