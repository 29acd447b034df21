// Package source reads files into Kubernetes objects that know where each of
// their fields is written. It also defines the tree that loader.Load returns.
//
// In: a file that package walk found. Out: a Reading: its objects, the documents
// that could not be read (Problem, with the words of package diagnose), those
// that are not objects (Skip), and what is therefore not known (Gap).
//
// Of Kubernetes it knows what decides whether a document is an object, which
// kinds have no namespace and which files belong to tools. It does not render
// charts, build kustomizations or group objects into sets; what does so makes
// objects with a Placer, which answers where a field is edited.
package source
