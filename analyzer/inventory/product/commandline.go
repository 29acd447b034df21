package product

import (
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Invocation is one program that a container starts: its name without folders,
// or the module that Python runs, and its arguments.
type Invocation []string

// Invocations reads the command line of a container. A script is split only
// when a shell runs it; whatever else an argument says is data.
// https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
func Invocations(c *corev1.Container) []Invocation {
	argv := unwrap(slices.Concat(c.Command, c.Args))
	if len(argv) == 0 {
		return nil
	}
	script, ok := shellScript(argv)
	if !ok {
		return []Invocation{named(argv)}
	}
	var out []Invocation
	for _, words := range splitShell(script) {
		if words = unwrap(words); len(words) > 0 {
			out = append(out, named(words))
		}
	}
	return out
}

// shellScript returns what follows `sh -c`.
func shellScript(argv []string) (string, bool) {
	switch path.Base(argv[0]) {
	case "sh", "bash", "ash", "dash", "zsh":
	default:
		return "", false
	}
	for i, a := range argv[1:] {
		if !strings.HasPrefix(a, "-") {
			return "", false
		}
		if !strings.HasPrefix(a, "--") && strings.HasSuffix(a, "c") {
			rest := argv[i+2:]
			if len(rest) > 1 && rest[0] == "--" {
				rest = rest[1:]
			}
			if len(rest) == 0 {
				return "", false
			}
			return rest[0], true
		}
	}
	return "", false
}

// unwrap drops what stands before a program without changing which it is:
// assignments, words of the shell, and programs that start another.
func unwrap(words []string) []string {
	for len(words) > 0 {
		switch base := path.Base(words[0]); {
		case slices.Contains([]string{"exec", "nohup", "env", "sudo", "tini", "dumb-init", "--", "if", "then", "else", "do", "while", "until", "!", "time"}, base),
			isAssignment(words[0]):
			words = words[1:]
		case (base == "uv" || base == "poetry") && len(words) > 1 && words[1] == "run":
			words = words[2:]
		default:
			return words
		}
	}
	return words
}

func isAssignment(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	return ok && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// named puts the program's name first; of `python -m MODULE` that is the module.
func named(words []string) Invocation {
	out := slices.Clone(words)
	out[0] = path.Base(out[0])
	if !strings.HasPrefix(out[0], "python") {
		return out
	}
	for i := 1; i+1 < len(out) && strings.HasPrefix(out[i], "-"); i++ {
		if out[i] == "-m" {
			return out[i+1:]
		}
	}
	return out
}

// flag returns the value of an option that may be written `--name value` or
// `--name=value`, the last one if it is given more than once.
func (v Invocation) flag(names ...string) (value string, given bool) {
	for i, word := range v {
		for _, name := range names {
			if rest, ok := strings.CutPrefix(word, name+"="); ok {
				value, given = rest, true
			} else if word == name {
				value, given = "", true
				if i+1 < len(v) && !strings.HasPrefix(v[i+1], "-") {
					value = v[i+1]
				}
			}
		}
	}
	return value, given
}

// shellSplitter cuts a script into commands and words, as far as that can be
// done without running it.
type shellSplitter struct {
	commands [][]string
	words    []string
	word     strings.Builder
	open     bool // a word has begun, if only with a quote
}

// splitShell lists the simple commands of a script. It knows quotes, comments,
// continued lines and separators; what a substitution prints is not known and
// stays as written.
// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
func splitShell(script string) [][]string {
	var s shellSplitter
	for i := 0; i < len(script); i++ {
		switch c := script[i]; {
		case c == '\'':
			i = s.quoted(script, i, strings.IndexByte(script[i+1:], '\''))
		case c == '"':
			i = s.quoted(script, i, closingQuote(script[i+1:]))
		case c == '\\':
			i = s.escaped(script, i+1)
		case strings.HasPrefix(script[i:], "$("):
			end := i + 1 + closingParenthesis(script[i+1:])
			s.add(script[i:end])
			i = end - 1
		case c == '#' && !s.open:
			i = endOfLine(script, i) - 1
		case strings.IndexByte(" \t\r", c) >= 0:
			s.endWord()
		case strings.IndexByte(";&|\n()", c) >= 0:
			s.endCommand()
		default:
			s.add(script[i : i+1])
		}
	}
	s.endCommand()
	return s.commands
}

// escaped adds what stands behind a backslash, at i, and returns its place.
// Nothing stays of an end of line.
func (s *shellSplitter) escaped(script string, i int) int {
	switch {
	case strings.HasPrefix(script[i:], "\r\n"):
		return i + 1
	case i < len(script) && script[i] != '\n':
		s.add(script[i : i+1])
	}
	return i
}

func endOfLine(script string, i int) int {
	if n := strings.IndexByte(script[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(script)
}

// quoted adds what stands between the quote at i and the one that many bytes
// behind it, and returns the place of the latter.
func (s *shellSplitter) quoted(script string, i, length int) int {
	if length < 0 {
		length = len(script) - i - 1
	}
	s.add(script[i+1 : i+1+length])
	return i + 1 + length
}

func closingQuote(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// closingParenthesis is how long the group is that s begins with.
func closingParenthesis(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

func (s *shellSplitter) add(text string) {
	s.open = true
	s.word.WriteString(text)
}

func (s *shellSplitter) endWord() {
	if s.open {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.open = false
}

func (s *shellSplitter) endCommand() {
	s.endWord()
	if len(s.words) > 0 {
		s.commands = append(s.commands, s.words)
	}
	s.words = nil
}
