// Package walk decides which files are read and what they are called.
//
// In: the paths that the user gave, --exclude and .gitignore. Out: the files in
// the order of their names, each once (Files); the chart that a file lies in
// (Charts); whether a file that another one refers to may be read (Lookup).
//
// It looks at names, directories, links and .gitignore files, and never at what
// a manifest holds.
package walk
