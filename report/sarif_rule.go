package report

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aisec-lint/aisec-lint/rules"
)

// What GitHub cuts off or refuses.
const (
	maxDescription = 1024 // characters
	maxTags        = 20
)

// describe writes a rule's page for viewers.
func describe(m *rules.Meta) sarifRule {
	help := ruleHelp(m)
	if m.Page != "" {
		help.Markdown = m.Page
	}
	r := sarifRule{
		ID:                   m.ID,
		Name:                 ruleName(m.ID),
		ShortDescription:     sarifText{Text: shorten(sentence(orElse(m.Title, m.ID)))},
		FullDescription:      sarifText{Text: shorten(sentence(orElse(m.Description, orElse(m.Title, m.ID))))},
		Help:                 help,
		DefaultConfiguration: sarifConfig{sarifLevel(m.Severity)},
		Properties: sarifProperties{
			Precision: "high", SecuritySeverity: securitySeverity(m.Severity), Tags: ruleTags(m),
		},
	}
	if len(m.References) > 0 {
		r.HelpURI = m.References[0].URL
	}
	return r
}

// ruleHelp is the help of a rule without a page.
func ruleHelp(m *rules.Meta) sarifText {
	var text, markdown strings.Builder
	paragraph := func(s, md string) {
		if text.Len() > 0 {
			text.WriteString("\n\n")
			markdown.WriteString("\n\n")
		}
		text.WriteString(s)
		markdown.WriteString(md)
	}
	why := orElse(oneLine(m.Description), orElse(m.Title, m.ID))
	paragraph(why, why)
	if fix := oneLine(m.Remediation); fix != "" {
		paragraph("Fix: "+fix, "**Fix:** "+fix)
	}
	for _, ref := range m.References {
		paragraph(ref.Title+": "+ref.URL, "["+ref.Title+"]("+ref.URL+")")
	}
	return sarifText{Text: text.String(), Markdown: markdown.String()}
}

// ruleName makes MtlsPortException of mtls/port-exception.
func ruleName(id string) string {
	var b strings.Builder
	up := true
	for _, r := range id {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			up = true
			continue
		case up:
			r = unicode.ToUpper(r)
		}
		up = false
		b.WriteRune(r)
	}
	return b.String()
}

// ruleTags has `security` first, without which GitHub reads no severity.
func ruleTags(m *rules.Meta) []string {
	family, _, _ := strings.Cut(m.ID, "/")
	tags := []string{"security"}
	for _, t := range append([]string{family}, m.Tags...) {
		if !slices.Contains(tags, t) && len(tags) < maxTags {
			tags = append(tags, t)
		}
	}
	return tags
}

// securitySeverity lies within GitHub's band of each name: over 9.0 is critical,
// from 7.0 high, from 4.0 medium. It has no band for info but low.
func securitySeverity(s rules.Severity) string {
	switch s {
	case rules.Critical:
		return "9.5"
	case rules.High:
		return "8.0"
	case rules.Medium:
		return "5.5"
	case rules.Low:
		return "3.0"
	case rules.Info:
	}
	return "1.0"
}

func shorten(s string) string {
	if utf8.RuneCountInString(s) <= maxDescription {
		return s
	}
	return string([]rune(s)[:maxDescription-1]) + "…"
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}
