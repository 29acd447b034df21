package source

import "github.com/aisec-lint/aisec-lint/loader/yaml"

// Unbuilt is something that a kustomization or chart refers to and that its
// build lacked, or the reason why it was not built at all.
type Unbuilt struct {
	Cause   Cause
	Whole   bool // nothing of it was built
	Message string
	Help    string
	Span    yaml.Span
}

// Cause says what kept something from being built.
type Cause string

// The causes of an Unbuilt.
const (
	Broken  Cause = "broken"  // the tool refuses it, or something is not in the tree
	Refused Cause = "refused" // by design: what lies elsewhere is not fetched, and no plugin is executed
	Input   Cause = "input"   // a file that is kept out of repositories: secrets, .env, what the user excluded
	Follows Cause = "follows" // it needs what else is missing
	Values  Cause = "values"  // a chart that wants values which it does not bring
)

// Silent reports what is noted and is no finding: nobody did anything wrong.
func (u *Unbuilt) Silent() bool { return u.Cause == Input || u.Cause == Follows }
