// Package environment tells what is applied together.
//
// In: a tree whose sources are read and built (source.Tree.Sets). Out: its
// environments, the groups of sources that live in one cluster at a time, and
// its scopes, the groups of objects that are audited together.
//
//	destination.go  which namespace Argo CD and Flux apply a source to
//	sources.go      what of a source meets others; versions of one object
//	floating.go     directories whose objects name no namespace
//	join.go         which sources are alternatives, and how these pair
//	scopes.go       the objects of one environment
//	gaps.go         whom that concerns which was not read
//
// Sources join unless they are alternatives: overlays of one base, versions of
// one object, destinations of one directory.
package environment
