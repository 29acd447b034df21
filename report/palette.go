package report

import (
	"github.com/fatih/color"

	"github.com/aisec-lint/aisec-lint/rules"
)

// palette paints for one writer. The library's own switch is one for the whole
// process and looks at stdout alone, so every colour here is told by itself.
type palette struct {
	place, gutter, rule *color.Color
	severity            []*color.Color // indexed by rules.Severity
}

func newPalette(on bool) *palette {
	paint := func(attributes ...color.Attribute) *color.Color {
		c := color.New(attributes...)
		if on {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c
	}
	p := &palette{
		place: paint(color.Bold), gutter: paint(color.FgBlue), rule: paint(color.Faint),
		severity: make([]*color.Color, len(rules.SeverityNames())),
	}
	p.severity[rules.Critical] = paint(color.FgHiRed, color.Bold, color.Underline)
	p.severity[rules.High] = paint(color.FgRed, color.Bold)
	p.severity[rules.Medium] = paint(color.FgYellow, color.Bold)
	p.severity[rules.Low] = paint(color.FgCyan, color.Bold)
	p.severity[rules.Info] = paint(color.FgGreen, color.Bold)
	return p
}
