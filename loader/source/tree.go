package source

import (
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Tree is what was read: every file, the sources, what is audited together, what
// could not be read and what was skipped. All slices are in a fixed order that
// depends on the content alone.
type Tree struct {
	Files    []*yaml.File // files that were opened, sorted by name
	Sets     []*Set       // the sources, sorted by Root, at least one
	Problems []Problem
	Skipped  []Skip
	// Documents counts the documents that were looked at, Kubernetes or not.
	Documents int
	// Unbuilt is what kustomizations and charts were built without, or why they
	// were not built at all; by place, each once.
	Unbuilt []Unbuilt

	Environments []*Environment // at least one
	Scopes       []*Scope       // what is audited together, at least one
}

// SetKind says what holds the objects of a set together.
type SetKind string

// The kinds of a set.
const (
	PlainSet     SetKind = "plain"     // manifests that are applied as they stand
	ChartSet     SetKind = "chart"     // a Helm chart, rendered or not
	KustomizeSet SetKind = "kustomize" // a kustomization, built if Built
	BesideSet    SetKind = "beside"    // files that lie at a built kustomization that does not list them
	VariantSet   SetKind = "variant"   // a directory whose objects contradict its neighbour's
)

// Set is a source: a group of objects that one run of a tool applies. Root is
// its directory, relative to the working directory.
type Set struct {
	Root    string
	Kind    SetKind
	Built   bool // the objects are those that the build makes; Gaps say what it lacked
	Objects []*Object
	Gaps    []Gap
	// Namespace is, of a source that Argo CD or Flux applies to several, the one
	// that this copy goes to.
	Namespace string
	Chart     *Chart // of a ChartSet whose Chart.yaml was read
	// Mentioned are, of a BesideSet, the files whose name stands in the
	// kustomization all the same, in a comment: they were left out on purpose, and are no part of its Objects.
	Mentioned map[string]bool
}

// Gap is something that belongs to a set and was not read, so that claims of
// absence about its kind do not hold. Kind "" means it may hold any kind; what
// may hold several has a Gap for each.
type Gap struct {
	Kind   string
	File   string
	Reason string // a sentence part: "helm chart that was not rendered"
	// Namespaces are those that it can concern; nil is any.
	Namespaces []string
	// Foreign: it is somebody else's software, such as a remote base or the chart
	// of a database. It may bring objects of any kind; its policies are for the
	// pods that it brings.
	Foreign bool
}

// Problem is a document or file that could not be read: one per document, at
// its first cause. Cause is a word from a closed list (the Cause constants); Message
// says in words what was found, Help what to do.
type Problem struct {
	Cause   string
	Message string
	Help    string
	Span    yaml.Span
	Set     *Set
	Related []Related
}

// Related is a second place that a problem involves.
type Related struct {
	Message string
	Span    yaml.Span
}

// Skip is a file or document that is not a Kubernetes object and was left alone.
type Skip struct {
	Reason string // a word from a closed list: "helm-template", "values", …
	File   string
	Line   int // first line of the document, 0 for a whole file
}

// Ref is the identity of an object. Namespace is empty when the manifest does
// not name one.
type Ref struct {
	APIVersion, Kind, Namespace, Name string
}

// Group returns the API group, empty for the core group.
func (r Ref) Group() string {
	for i := range len(r.APIVersion) {
		if r.APIVersion[i] == '/' {
			return r.APIVersion[:i]
		}
	}
	return ""
}

// Object is one Kubernetes object of a tree.
type Object struct {
	Ref
	Set *Set // that it is read from
	// Followed: it is Argo CD's or Flux's, and what it applies lies in the tree.
	Followed bool
	File     *yaml.File
	Root     *yaml.Node
	// Path leads to the object from its document's root: empty, or
	// items[3] for a member of a List.
	Path yaml.Path
	// Duplicates are the mapping keys that occur twice, in source order.
	Duplicates []yaml.Duplicate

	// Places says where the fields of an object stand that was rendered or built;
	// nil where Root is what File holds.
	Places Placer
}
