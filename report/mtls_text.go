package report

import (
	"bufio"
	"iter"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/rules"
)

// writeMTLSText prints the ports as a table and, of the clients, those that do
// something else than Istio does by itself.
func writeMTLSText(w *bufio.Writer, m *MTLS, opts Options) {
	paint := newPalette(opts.Color)
	put := func(text string) { _, _ = w.WriteString(text) } // bufio keeps the first error for Flush
	if len(m.Ports) == 0 {
		put("no workload\n")
		return
	}
	rows := [][]string{{"WORKLOAD", "PORT", "MODE", "MESH", "DECIDED BY"}}
	for i := range m.Ports {
		p := &m.Ports[i]
		number := strconv.Itoa(p.Port)
		if p.Port == 0 {
			number = "other"
		}
		rows = append(rows, []string{visible(p.Workload), number, p.Mode, p.Mesh, decider(p.DecidedBy, &p.Location) + within(p.Environments, opts.Verbose)})
	}
	writeTable(put, rows, paint)
	rows = [][]string{{"CLIENT", "HOST", "PORT", "SENDS", "OUTCOME", "DECIDED BY"}}
	for c := range m.clients() {
		if c.Mode == "AUTO" && c.Outcome != "broken" {
			continue
		}
		host := visible(c.Host)
		if c.Subset != "" {
			host += " (" + visible(c.Subset) + ")"
		}
		rows = append(rows, []string{visible(c.Client), host, strconv.Itoa(c.Port), c.Mode, c.Outcome, decider(c.DecidedBy, &c.Location) + within(c.Environments, opts.Verbose)})
	}
	if len(rows) > 1 {
		put("\n")
		writeTable(put, rows, paint)
	}
}

func (m *MTLS) clients() iter.Seq[MTLSClient] {
	if m.Clients == nil {
		return func(func(MTLSClient) bool) {}
	}
	return m.Clients
}

// within names the environments that a row holds in, where it does not in all.
func within(environments []string, all bool) string {
	if len(environments) == 0 {
		return ""
	}
	return ", in environment " + nameEnvironments(environments, all)
}

func decider(by string, at *rules.Location) string {
	if at.File == nil {
		return visible(by)
	}
	return visible(by) + " (" + visible(at.File.Name) + ":" + strconv.Itoa(at.Start.Line) + ")"
}

// writeTable aligns all columns but the last.
func writeTable(put func(string), rows [][]string, paint *palette) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = min(max(widths[i], widthOf(text)), widestName)
		}
	}
	for n, row := range rows {
		for i, text := range row {
			shown := text
			if n == 0 {
				shown = paint.gutter.Sprint(text)
			}
			put(shown)
			if i < len(row)-1 {
				put(strings.Repeat(" ", max(widths[i]-widthOf(text), 0)+2))
			}
		}
		put("\n")
	}
}
