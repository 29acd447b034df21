package rules

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Page renders the README of a rule: what `explain` prints. bad and good are
// the texts of its examples, findings what the tool says of bad.
func Page(m *Meta, bad, good string, findings []Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n`%s` · %s%s\n\n%s\n", m.Title, m.ID, m.Severity, off(m), m.Description)
	if bad != "" {
		fmt.Fprintf(&b, "\n## Bad\n\n```yaml\n%s```\n\n```text\n", withoutWants(bad))
		for i := range findings {
			writeFinding(&b, &findings[i])
		}
		b.WriteString("```\n")
	}
	if good != "" {
		fmt.Fprintf(&b, "\n## Good\n\n```yaml\n%s```\n", good)
	}
	fmt.Fprintf(&b, "\n## How to repair\n\n%s\n\n## References\n\n", repairs(m, findings))
	for _, r := range m.References {
		fmt.Fprintf(&b, "- [%s](%s)\n", r.Title, r.URL)
	}
	return b.String()
}

func writeFinding(b *strings.Builder, f *Finding) {
	position := func(l Location) string {
		return fmt.Sprintf("%s:%d:%d", path.Base(l.File.Name), l.Start.Line, l.Start.Col)
	}
	fmt.Fprintf(b, "%s: %s: %s\n", position(f.Location), f.Severity, f.Message)
	for _, n := range f.Related {
		fmt.Fprintf(b, "  note: %s (%s)\n", n.Message, position(n.Location))
	}
}

// repairs returns what the findings advise, or without findings what the rule
// would.
func repairs(m *Meta, findings []Finding) string {
	var helps []string
	for i := range findings {
		if help := findings[i].Help; !slices.Contains(helps, help) {
			helps = append(helps, help)
		}
	}
	switch len(helps) {
	case 0:
		return m.Remediation
	case 1:
		return helps[0]
	}
	return "- " + strings.Join(helps, "\n- ")
}

// withoutWants takes out the comments in which an example says what it expects.
func withoutWants(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if before, _, found := strings.Cut(line, "# want \""); found {
			lines[i] = strings.TrimRight(before, " ") + "\n"
		}
	}
	return strings.Join(lines, "")
}

// off says that a rule must be asked for.
func off(m *Meta) string {
	if m.Off {
		return ", off unless enabled by name"
	}
	return ""
}
