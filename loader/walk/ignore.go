package walk

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"

	doublestar "github.com/bmatcuk/doublestar/v4"
)

// ignoreRules are the .gitignore rules that hold in one directory: its own and,
// through parent, those of the directories above.
type ignoreRules struct {
	parent *ignoreRules
	dir    string // absolute
	rules  []ignoreRule
}

type ignoreRule struct {
	glob    string
	negated bool
	dirOnly bool
	// anchored rules match the path from their directory, others any name.
	anchored bool
}

// ignored asks for one file or directory. Because the walk never enters what is
// ignored, an entry need not be asked for its ancestors' sake, which is how git
// itself works: below an ignored directory nothing can be taken back in.
func (r *ignoreRules) ignored(abs string, isDir bool) bool {
	for ; r != nil; r = r.parent {
		rel, err := filepath.Rel(r.dir, abs)
		if err != nil {
			continue
		}
		rel = filepath.ToSlash(rel)
		for _, rule := range slices.Backward(r.rules) {
			if rule.match(rel, isDir) {
				return !rule.negated
			}
		}
	}
	return false
}

func (r ignoreRule) match(rel string, isDir bool) bool {
	if r.dirOnly && !isDir {
		return false
	}
	if !r.anchored {
		rel = rel[strings.LastIndexByte(rel, '/')+1:]
	}
	ok, err := doublestar.Match(r.glob, rel)
	return ok && err == nil
}

// with returns the rules with those of a file added; r if there is none.
func (r *ignoreRules) with(dir, file string) *ignoreRules {
	data, err := os.ReadFile(file)
	if err != nil {
		return r
	}
	var rules []ignoreRule
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))) {
		if rule, ok := parseIgnoreRule(strings.TrimRight(string(line), "\r\n")); ok {
			rules = append(rules, rule)
		}
	}
	if rules == nil {
		return r
	}
	return &ignoreRules{parent: r, dir: dir, rules: rules}
}

func parseIgnoreRule(line string) (ignoreRule, bool) {
	var rule ignoreRule
	for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
		line = line[:len(line)-1]
	}
	if line == "" || line[0] == '#' {
		return rule, false
	}
	line, rule.negated = strings.CutPrefix(line, "!")
	line, rule.dirOnly = strings.CutSuffix(line, "/")
	if line == "" {
		return rule, false
	}
	rule.anchored = strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	// `a/**` means everything in a and not a itself; doublestar takes both.
	if rest, ok := strings.CutSuffix(line, "/**"); ok {
		line = rest + "/**/*"
	}
	// Braces are ordinary characters to git.
	rule.glob = strings.NewReplacer("{", `\{`, "}", `\}`).Replace(line)
	return rule, true
}

// rulesAbove collects the rules that hold in dir by its ancestors: those up to
// the directory that holds .git, if there is one, and of that repository's
// exclude file.
func rulesAbove(dir string) *ignoreRules {
	var above []string
	for d := dir; ; d = filepath.Dir(d) {
		above = append(above, d)
		if _, err := os.Lstat(filepath.Join(d, ".git")); err == nil {
			break
		}
		if d == filepath.Dir(d) {
			return nil
		}
	}
	root := above[len(above)-1]
	var rules *ignoreRules
	rules = rules.with(root, filepath.Join(root, ".git", "info", "exclude"))
	for i := len(above) - 1; i > 0; i-- {
		rules = rules.with(above[i], filepath.Join(above[i], ".gitignore"))
	}
	return rules
}
