package report

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/rules"
)

// MTLS is what there is to print about mutual TLS.
type MTLS struct {
	Several bool                 // answers may differ between environments
	Ports   []MTLSPort           // by workload and port
	Clients iter.Seq[MTLSClient] // by client, host, port and subset; may be very many
}

// MTLSPort is what one port of a workload takes.
type MTLSPort struct {
	Workload     string
	Port         int // 0 is every other port
	Mode         string
	Mesh         string
	DecidedBy    string
	Location     rules.Location // no file where nothing decides
	Environments []string       // that answer so, where others answer otherwise
}

// MTLSClient is what one client sends to one port of a host.
type MTLSClient struct {
	Client       string
	Host         string
	Port         int
	Subset       string
	Mode         string
	Outcome      string
	DecidedBy    string
	Location     rules.Location
	Environments []string
}

// MTLSFormats lists the formats that WriteMTLS knows.
func MTLSFormats() []string { return []string{"text", "json", "csv"} }

// WriteMTLS prints m. Its error is the writer's, or an unknown format.
func WriteMTLS(w io.Writer, format string, m *MTLS, opts Options) error {
	out := bufio.NewWriter(w)
	var err error
	switch format {
	case "text":
		writeMTLSText(out, m, opts)
	case "json":
		err = writeMTLSJSON(out, m)
	case "csv":
		err = writeMTLSCSV(out, m)
	default:
		return fmt.Errorf("unknown format %q, want one of %s", format, strings.Join(MTLSFormats(), ", "))
	}
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	return err
}

// The structs below are the public contract of mutual TLS as JSON; a field may
// be added, none renamed or removed.
type jsonMTLSPort struct {
	Workload     string        `json:"workload"`
	Port         int           `json:"port"`
	Mode         string        `json:"mode"`
	Mesh         string        `json:"mesh"`
	DecidedBy    string        `json:"decidedBy"`
	Location     *jsonLocation `json:"location,omitempty"`
	Environments []string      `json:"environments,omitempty"`
}

type jsonMTLSClient struct {
	Client       string        `json:"client"`
	Host         string        `json:"host"`
	Port         int           `json:"port"`
	Subset       string        `json:"subset"`
	Mode         string        `json:"mode"`
	Outcome      string        `json:"outcome"`
	DecidedBy    string        `json:"decidedBy"`
	Location     *jsonLocation `json:"location,omitempty"`
	Environments []string      `json:"environments,omitempty"`
}

// writeMTLSJSON gives each row a line of its own, as connectivity does.
func writeMTLSJSON(w *bufio.Writer, m *MTLS) error {
	rows := jsonRows{w: w}
	rows.open("{\n  \"version\": 1,\n  \"ports\": [")
	for i := range m.Ports {
		p := &m.Ports[i]
		rows.add(jsonMTLSPort{p.Workload, p.Port, p.Mode, p.Mesh, p.DecidedBy, optionalPlace(&p.Location), p.Environments})
	}
	rows.open("],\n  \"clients\": [")
	for c := range m.clients() {
		rows.add(jsonMTLSClient{c.Client, c.Host, c.Port, c.Subset, c.Mode, c.Outcome, c.DecidedBy, optionalPlace(&c.Location), c.Environments})
		if rows.err != nil {
			break
		}
	}
	rows.open("]\n}\n")
	return rows.err
}

func optionalPlace(l *rules.Location) *jsonLocation {
	if l.File == nil {
		return nil
	}
	place := jsonPlace(l)
	return &place
}

// jsonRows writes lists of which each item is one line.
type jsonRows struct {
	w     *bufio.Writer
	inner bytes.Buffer
	any   bool // the open list has an item
	err   error
}

// open ends the list before and begins the next.
func (r *jsonRows) open(text string) {
	if r.any {
		r.put("\n  ")
	}
	r.any = false
	r.put(text)
}

func (r *jsonRows) put(text string) {
	if r.err == nil {
		_, r.err = r.w.WriteString(text)
	}
}

func (r *jsonRows) add(v any) {
	if r.err != nil {
		return
	}
	if r.any {
		r.put(",")
	}
	r.any = true
	r.put("\n    ")
	r.inner.Reset()
	e := json.NewEncoder(&r.inner)
	e.SetEscapeHTML(false)
	if r.err = e.Encode(v); r.err != nil {
		return
	}
	var line bytes.Buffer
	inline(&line, bytes.TrimSuffix(r.inner.Bytes(), []byte("\n")))
	r.put(line.String())
}

// writeMTLSCSV writes both kinds of rows under one header.
func writeMTLSCSV(w io.Writer, m *MTLS) error {
	out := csv.NewWriter(w)
	write := func(environments string, row ...string) error {
		if m.Several {
			row = append(row, environments)
		}
		return out.Write(row)
	}
	err := write("environments", "workload", "host", "port", "subset", "mode", "mesh", "outcome", "decidedBy")
	for i := range m.Ports {
		p := &m.Ports[i]
		if err == nil {
			err = write(cell(strings.Join(p.Environments, " ")), cell(p.Workload), "", strconv.Itoa(p.Port), "", p.Mode, p.Mesh, "", cell(p.DecidedBy))
		}
	}
	for c := range m.clients() {
		if err != nil {
			break
		}
		err = write(cell(strings.Join(c.Environments, " ")), cell(c.Client), cell(c.Host), strconv.Itoa(c.Port), cell(c.Subset), c.Mode, "", c.Outcome, cell(c.DecidedBy))
	}
	out.Flush()
	if err != nil {
		return err
	}
	return out.Error()
}
