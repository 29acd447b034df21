package report

import (
	"bytes"
	"encoding/json"

	"github.com/aisec-lint/aisec-lint/loader/source"
)

// The structs below are the public contract of connectivity as JSON; a field
// may be added, none renamed or removed. Lists are never null.
type jsonConnection struct {
	Src          string        `json:"src"`
	Dst          string        `json:"dst"`
	Protocol     string        `json:"protocol"`
	Ports        []PortRange   `json:"ports"`
	Verdict      string        `json:"verdict"`
	TLS          string        `json:"tls,omitempty"`
	When         string        `json:"when,omitempty"`
	Environments []string      `json:"environments,omitempty"`
	Because      *[]jsonReason `json:"because,omitempty"` // with --explain, then never null
}

type jsonQuestion struct {
	From    string        `json:"from"`
	To      string        `json:"to"`
	Port    int           `json:"port,omitempty"`
	Verdict string        `json:"verdict"`
	Because *[]jsonReason `json:"because,omitempty"`
}

type jsonReason struct {
	Object   *jsonObject   `json:"object,omitempty"`
	Location *jsonLocation `json:"location,omitempty"`
	Effect   string        `json:"effect"`
}

// writeConnectivityJSON gives each row a line of its own, which grep and diff
// like: there may be very many.
func writeConnectivityJSON(w *bytes.Buffer, c *Connectivity) error {
	var row bytes.Buffer
	e := json.NewEncoder(&row)
	e.SetEscapeHTML(false)
	line := func(v any) error {
		row.Reset()
		err := e.Encode(v)
		inline(w, bytes.TrimSuffix(row.Bytes(), []byte("\n")))
		return err
	}
	w.WriteString("{\n  \"version\": 1,\n")
	if q := c.Question; q != nil {
		w.WriteString("  \"question\": ")
		if err := line(jsonQuestion{q.From, q.To, q.Port, q.Verdict, jsonReasons(q.Because, c.Explained)}); err != nil {
			return err
		}
		w.WriteString(",\n")
	}
	w.WriteString("  \"connections\": [")
	margin := "\n    "
	for i := range c.Connections {
		w.WriteString(margin)
		margin = ",\n    "
		if err := line(jsonConnectionOf(&c.Connections[i], c.Explained)); err != nil {
			return err
		}
	}
	if len(c.Connections) > 0 {
		w.WriteString("\n  ")
	}
	w.WriteString("]\n}\n")
	return nil
}

func jsonConnectionOf(c *Connection, explained bool) jsonConnection {
	out := jsonConnection{
		Src: c.Src.Name, Dst: c.Dst.Name, Protocol: c.Protocol, Ports: c.Ports, Verdict: c.Verdict, TLS: c.TLS, When: c.When,
		Because: jsonReasons(c.Because, explained), Environments: c.Environments,
	}
	if out.Ports == nil {
		out.Ports = []PortRange{}
	}
	return out
}

func jsonReasons(reasons []Reason, explained bool) *[]jsonReason {
	if !explained {
		return nil
	}
	out := make([]jsonReason, len(reasons))
	for i := range reasons {
		r := &reasons[i]
		out[i].Effect = r.Effect
		if r.Object != (source.Ref{}) {
			out[i].Object = jsonRef(r.Object)
		}
		if r.Location.File != nil {
			place := jsonPlace(&r.Location)
			out[i].Location = &place
		}
	}
	return &out
}

// inline lays out compact JSON on one line, with a blank where a person would
// put one.
func inline(w *bytes.Buffer, compact []byte) {
	for i := 0; i < len(compact); i++ {
		switch c := compact[i]; c {
		case '"':
			n := stringLength(compact[i:])
			plainString(w, compact[i:i+n])
			i += n - 1
		case ',', ':':
			w.WriteByte(c)
			w.WriteByte(' ')
		default:
			w.WriteByte(c)
		}
	}
}
