// Package diagnose says in words why a text cannot be read, and where.
//
// In: an Error of package yaml and the text that it is about, or a document that
// parses and is still not what its author sees (pasted with typographic quotes,
// with line numbers, without its indentation or without a separator). Out: a
// Fault with a cause from a closed list, a message, help and a place; nil for a
// template, which is not an error.
//
// It does not repair anything, opens no file, and does not decide what a
// document that parses is; it guesses only whose objects are lost with a text
// (SniffKinds).
package diagnose
