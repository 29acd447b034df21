package report

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
)

// writeConnectivityCSV writes a header and one line for each row; of several
// ports, each is one word.
func writeConnectivityCSV(w *bytes.Buffer, c *Connectivity) error {
	out := csv.NewWriter(w)
	header := []string{"src", "dst", "protocol", "ports", "verdict"}
	if c.Mesh {
		header = append(header, "tls", "when")
	}
	if c.Explained {
		header = append(header, "because")
	}
	several := slices.ContainsFunc(c.Connections, func(r Connection) bool { return len(r.Environments) > 0 })
	if several {
		header = append(header, "environments")
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for i := range c.Connections {
		r := &c.Connections[i]
		row := []string{cell(r.Src.Name), cell(r.Dst.Name), cell(r.Protocol), portList(r.Ports, " "), cell(r.Verdict)}
		if c.Mesh {
			row = append(row, cell(r.TLS), cell(r.When))
		}
		if c.Explained {
			row = append(row, cell(reasonsText(r.Because)))
		}
		if several {
			row = append(row, cell(strings.Join(r.Environments, " ")))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// cell keeps a spreadsheet from computing what stands in a manifest:
// https://owasp.org/www-community/attacks/CSV_Injection. No name that
// Kubernetes accepts begins so.
func cell(s string) string {
	s = visible(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}
