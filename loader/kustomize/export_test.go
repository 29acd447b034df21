package kustomize

// Building keeps a test that calls the library apart from builds.
var Building = building //nolint:gochecknoglobals // the same channel
