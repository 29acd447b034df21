package rules

import (
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Severity orders findings; higher is worse.
type Severity int

// The severities, as users write them in lower case.
const (
	Info Severity = iota
	Low
	Medium
	High
	Critical
)

// SeverityNames lists what ParseSeverity reads, the least severe first.
func SeverityNames() []string { return []string{"info", "low", "medium", "high", "critical"} }

func (s Severity) String() string { return SeverityNames()[s] }

// ParseSeverity reads a severity's lower-case name.
func ParseSeverity(s string) (Severity, bool) {
	for i, n := range SeverityNames() {
		if n == s {
			return Severity(i), true
		}
	}
	return 0, false
}

// Meta is what a rule says of itself in its Rego annotations. ID is its
// folder, `<family>/<name>`.
type Meta struct {
	ID          string
	Title       string // at most 60 characters, states the defect
	Description string // why it matters, plain Markdown
	Severity    Severity
	Remediation string // what to change, one or two sentences, with {placeholders}
	References  []Reference
	Tags        []string
	Page        string // the rule's README.md, as `explain` prints it
	Custom      bool   // came from --rules
	Off         bool   // judged only where it is enabled by name
}

// Reference is a document that backs a rule.
type Reference struct{ Title, URL string }

// Finding is one true statement about one place.
type Finding struct {
	Rule         *Meta
	Severity     Severity   // may differ from the rule's own
	Message      string     // one sentence without full stop; names in it are the manifests' own, byte for byte
	Object       source.Ref // zero for a document that could not be read
	Workloads    []string   // sorted; namespace/name[Kind]
	Location     Location
	Related      []Note
	Help         string
	Environments []string // sorted names of those that it holds in, empty where that is all
	Fingerprint  string   // 16 hex digits over rule, object and path, never lines
}

// Location is a place in a file and the field that stands there.
type Location struct {
	yaml.Span
	Path yaml.Path // from the object's root; nil for a whole document
}

// Note is another object that a finding involves, and where.
type Note struct {
	Message  string
	Location Location
}
