// Package yaml turns bytes into nodes that know where they stand in a file.
//
// In: the bytes of a file, in any encoding that a manifest comes in. Out: its
// text as UTF-8 (Decode), the stretches of its documents (Split), and for each
// the tree of its values (Parse), with the keys that occur twice. Values are
// what sigs.k8s.io/yaml, and so Kubernetes, takes them for; JSON is read the
// same way.
//
// It does not know what a document is about, opens no file and has no words for
// what is wrong with a text: Parse returns an Error that package diagnose
// explains. It is the only package that knows the YAML library.
package yaml
