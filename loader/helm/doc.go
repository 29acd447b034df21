// Package helm renders charts as `helm template` does, in process, and finds
// which line of a template or values file each field of the result comes from.
//
// In: the readings of the tree's files and the values that the user gave. Out:
// the readings of a chart's templates hold what they render to, and a Chart says
// what it was rendered without, why it failed, and which values are switched
// off.
//
// Lines: weave.go puts marks into the template before it is rendered, places.go
// reads them back and answers where a field stands, values.go finds the line of
// a value.
//
// Rendering has a budget of steps, not of time, and functions whose result
// differs from run to run return a constant. Nothing is fetched: a dependency
// that is not under charts/ is missing. With the build tag nohelm charts are
// recognised and not rendered.
package helm
