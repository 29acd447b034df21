package source

// Environment is a group of sources that live in one cluster at a time.
// Sources that can never be applied together (two overlays of one base, two
// versions of one object) lie in different environments.
type Environment struct {
	Name string
	Sets []*Set  // the sources, sorted by Root
	Out  []Apart // the sources that are left out
}

// Apart is a source that an environment leaves out, because another source of
// it takes its place.
type Apart struct {
	Set    *Set
	Reason string // a sentence part: "k8s/dev has another version of Deployment `ai/llm`"
}

// Scope is a group of objects that meet each other, and that are audited
// together: the objects of an environment that name their namespaces, or those
// of one source that name none and go where the user applies them.
type Scope struct {
	Root         string   // of the source whose objects name no namespace; "" otherwise
	Environments []string // the names of those that it is part of
	Sets         []*Set
	Objects      []*Object
	Gaps         []Gap
	// Shared are those of Objects that belong to another scope and matter here,
	// such as the mesh-wide policies: what is to be said of them is said there.
	Shared map[*Object]bool
	// Elsewhere are policies that may be applied to the pods of this scope as
	// well: they name no namespace, or find no pod where they lie.
	Elsewhere []*Object
}

// Everything is the name of the environment of a tree that has only one.
const Everything = "everything"
