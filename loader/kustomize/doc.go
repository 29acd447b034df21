// Package kustomize builds the kustomizations of a tree as `kustomize build`
// does, in process, and finds where each field of the result is edited.
//
// In: the readings of the tree's files. Out: for each kustomization that no
// other includes its objects, what the build lacked, and the files that it read;
// or why it was not built.
//
// It never leads the library to the network, to a program or out of the tree:
// what a kustomization refers to is read first and written, under names of our
// own, to a file system in memory, which is all that the library sees. It does
// not decide which set a file belongs to.
package kustomize
