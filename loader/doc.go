// Package loader reads trees of Kubernetes manifests.
//
// In: paths (Options). Out: a source.Tree: every file that was read, the objects
// in sets that are audited apart, what could not be read and what was skipped.
//
// Load is the order of the steps, and each step is a package:
//
//	walk       which files are read, and what they are called
//	source     what one file holds: objects, problems, skips, gaps
//	yaml         bytes to values with places
//	diagnose     why a text cannot be read, in words
//	kustomize  what kustomizations build
//	helm       what charts render to
//	loader     which objects form a set
//
// Each document is parsed alone, so that a broken one does not hide its
// neighbours and every position is a place in the file. What is not an object is
// skipped with a reason, what cannot be read becomes a Problem with its cause,
// and both leave a Gap in their set, because a claim of absence ("no policy
// selects this pod") holds only where nothing was left out.
//
// The loader knows bytes, files and YAML, and of Kubernetes only what decides
// whether a document is an object and which objects belong together. What the
// objects mean is for package analyzer.
package loader
