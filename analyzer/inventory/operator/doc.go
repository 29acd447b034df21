// Package operator knows which pods and Services the operators of AI platforms
// make of the objects of their kinds: KServe, Ray, Kubeflow, Knative and others.
//
// In goes an object; out come its groups of pods, each with the place of its pod
// template, the labels and ports that the controller adds, and the Services in
// front of them. [NewTable] builds the table, [Table.Of] finds the entry of an
// object. Support for a new kind is one entry of a table_*.go file, with the page
// or source file that it was read in; a new list of kinds is named in [NewTable].
//
// The package makes no workloads: that is done by package inventory.
package operator
