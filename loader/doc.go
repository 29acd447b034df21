// Package loader reads trees of Kubernetes manifests: it knows bytes, files
// and YAML, and of Kubernetes only what decides whether a document is an
// object and which objects belong together.
//
// Load walks the paths, splits every file into documents and parses each alone,
// so that a broken one never hides its neighbours and every position is a place
// in the file. What is no object is skipped with a reason, what cannot be read
// becomes a Problem with its cause, and both leave a Gap in their set, because
// a claim of absence ("no policy selects this pod") holds only where nothing
// was left out.
//
// Objects are grouped into sets that are audited apart: the plain manifests,
// each Helm chart, each kustomization, and directories that are alternatives of
// one another.
//
// The YAML parser is known to parse.go alone.
package loader
