package rules

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/rules/rego"
)

// rule is one rule that can be judged.
type rule struct {
	*Meta
	texts
	*rego.Rule
	off bool // known, and not judged
}

// parsed is a module and, if it is a rule, its ID.
type parsed struct {
	*regoFile
	module *rego.Module
	id     string
}

// parseAll parses every source and finds out which are rules.
func parseAll(sources []*regoFile, embeddedIDs []string) ([]parsed, error) {
	modules, err := parseModules(sources)
	if err != nil {
		return nil, err
	}
	out := make([]parsed, 0, len(sources))
	taken := map[string]string{}
	for _, id := range embeddedIDs {
		taken[id] = "aisec-lint itself"
	}
	for i, src := range sources {
		m := modules[i]
		id, err := src.id(m)
		if err != nil {
			return nil, err
		}
		if id != "" && src.custom {
			if by, ok := taken[id]; ok {
				return nil, fmt.Errorf("%s:%d: rule %s is defined by %s", src.name, m.Row, id, by)
			}
			taken[id] = src.name
		}
		out = append(out, parsed{src, m, id})
	}
	return out, nil
}

func parseModules(sources []*regoFile) ([]*rego.Module, error) {
	modules, errs := make([]*rego.Module, len(sources)), make([]error, len(sources))
	var wg sync.WaitGroup
	for i, src := range sources {
		wg.Go(func() { modules[i], errs[i] = rego.Parse(src.name, src.text) })
	}
	wg.Wait()
	return modules, errors.Join(errs...)
}

// id returns which rule a module is, "" for a helper. Below data.rules there
// are rules and nothing else, and data.lib is ours, so that no helper can
// change a rule.
func (s *regoFile) id(m *rego.Module) (string, error) {
	id := ""
	switch {
	case m.Package[0] == "rules":
		id = strings.Join(m.Package[1:], "/")
		if len(m.Package) != 3 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-_/") != "" {
			return "", fmt.Errorf("%s:%d: a rule's package is rules.<family>[\"<name>\"], in lower case", s.name, m.Row)
		}
	case m.Package[0] == libFolder && s.custom:
		return "", fmt.Errorf("%s:%d: package %s is aisec-lint's own: import it, and give a helper of yours another name", s.name, m.Row, libFolder)
	}
	if !s.custom && id != s.folder {
		return "", fmt.Errorf("%s:%d: the folder wants package rules.%s[%q]", s.name, m.Row, path.Dir(s.folder), path.Base(s.folder))
	}
	return id, nil
}

// compile checks the modules together and makes the wanted rules of them.
func compile(modules []parsed, wanted selection, prove bool) ([]*rule, error) {
	var schema []byte
	var together []*rego.Module
	for _, p := range modules {
		prove = prove || p.custom
		if p.id == "" || wanted.includes(p.id) {
			together = append(together, p.module)
		}
	}
	if prove {
		schema = fact.Schema()
	}
	program, err := rego.Compile(together, schema)
	if err != nil {
		return nil, err
	}
	var out []*rule
	for _, p := range modules {
		if p.id == "" || !wanted.includes(p.id) {
			continue
		}
		r, err := newRule(program, p)
		if err != nil {
			return nil, err
		}
		r.off = r.Off && !names(wanted.enable, r.ID)
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *rule) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

func newRule(program *rego.Program, p parsed) (*rule, error) {
	meta, texts, err := readMeta(p.regoFile, p.id, p.module)
	if err != nil {
		return nil, err
	}
	r, err := program.Rule(p.module)
	if err != nil {
		return nil, err
	}
	return &rule{Meta: meta, texts: texts, Rule: r}, nil
}
