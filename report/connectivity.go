package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/rules"
)

// Connectivity is what there is to print about who may connect to whom.
type Connectivity struct {
	Connections []Connection // sorted by destination, source, protocol
	Question    *Question    // nil unless one pair was asked for and no row answers
	Explained   bool         // the reasons were asked for
	Mesh        bool         // the rows say what the mesh makes of them
}

// Connection is one row: one source, one destination, one protocol.
type Connection struct {
	Src, Dst     Peer
	Protocol     string
	Ports        []PortRange // sorted, disjoint
	Verdict      string      // allowed, unknown and, with the mesh, denied, broken-tls or conditional
	TLS          string      // with the mesh: mtls, plaintext, origination; empty when not known
	When         string      // which requests a conditional verdict allows
	Because      []Reason
	Environments []string // that it holds in, where others answer otherwise
}

// PortRange is inclusive on both ends; in JSON it is a pair.
type PortRange [2]int

// PeerKind tells what a peer is.
type PeerKind int

// The kinds of peers.
const (
	WorkloadPeer PeerKind = iota // of the tree
	ClassPeer                    // pods that the tree does not hold
	AddressPeer                  // a range of addresses
)

// Peer is one side of a connection.
type Peer struct {
	Name string
	Kind PeerKind
	AI   bool // it has a role in an AI application
}

// Reason is one object that decides, and what it does.
type Reason struct {
	Object   source.Ref // zero when it is no object that decides
	Location rules.Location
	Effect   string
}

// Question is one pair that no row answers: From and To as they were asked.
type Question struct {
	From, To string
	Port     int // 0: any
	Verdict  string
	Because  []Reason
}

// The verdicts that are drawn and worded; the first is what needs no word.
const (
	allowed = "allowed"
	denied  = "denied"
)

// ConnectivityFormats lists the formats that WriteConnectivity knows.
func ConnectivityFormats() []string { return []string{"text", "json", "csv", "dot", "mermaid"} }

// WriteConnectivity prints c. Its error is the writer's, or an unknown format.
func WriteConnectivity(w io.Writer, format string, c *Connectivity, opts Options) error {
	var out bytes.Buffer
	var err error
	switch format {
	case "text":
		writeConnectivityText(&out, c, opts)
	case "json":
		err = writeConnectivityJSON(&out, c)
	case "csv":
		err = writeConnectivityCSV(&out, c)
	case "dot":
		writeDot(&out, newGraph(c.Connections))
	case "mermaid":
		writeMermaid(&out, newGraph(c.Connections))
	default:
		err = fmt.Errorf("unknown format %q, want one of %s", format, strings.Join(ConnectivityFormats(), ", "))
	}
	if err != nil {
		return err
	}
	_, err = w.Write(out.Bytes())
	return err
}

// protocolPorts writes `TCP 80, 8000-8010` and `every TCP port`.
func protocolPorts(c *Connection) string {
	if everyPort(c.Ports) {
		return "every " + visible(c.Protocol) + " port"
	}
	return visible(c.Protocol) + " " + portList(c.Ports, ", ")
}

func portList(ports []PortRange, separator string) string {
	parts := make([]string, len(ports))
	for i, p := range ports {
		parts[i] = strconv.Itoa(p[0])
		if p[1] != p[0] {
			parts[i] += "-" + strconv.Itoa(p[1])
		}
	}
	return strings.Join(parts, separator)
}

func everyPort(ports []PortRange) bool {
	return len(ports) == 1 && ports[0] == PortRange{1, 65535}
}

// edge is every row of one source, destination, verdict and (where reasons were
// asked for) set of reasons: what a person sees as one connection.
type edge struct {
	src, dst     Peer
	verdict      string
	because      []Reason
	environments []string
	rows         []*Connection
}

// edges joins the rows, in their order, that differ by their protocol alone.
func edges(connections []Connection) []*edge {
	type key struct {
		src, dst                       Peer
		verdict, because, environments string
	}
	known := map[key]*edge{}
	var out []*edge
	for i := range connections {
		c := &connections[i]
		k := key{c.Src, c.Dst, c.Verdict, reasonsText(c.Because), strings.Join(c.Environments, "\x00")}
		e := known[k]
		if e == nil {
			e = &edge{src: c.Src, dst: c.Dst, verdict: c.Verdict, because: c.Because, environments: c.Environments}
			known[k] = e
			out = append(out, e)
		}
		e.rows = append(e.rows, c)
	}
	return out
}

// protocols is how many protocols network policies tell apart.
const protocols = 3

// ports words what is open, one text for each protocol. A verdict other than
// allowed stands before it.
func (e *edge) ports() []string {
	var parts []string
	whole, how := 0, ""
	for _, c := range e.rows {
		parts = append(parts, protocolPorts(c)+c.how())
		if everyPort(c.Ports) {
			whole++
			how += c.how()
		}
	}
	if whole == protocols {
		parts = []string{"every port"}
		if how != "" {
			parts[0] += ", TCP" + how
		}
	}
	if e.verdict != allowed {
		parts[0] = visible(e.verdict) + ": " + parts[0]
	}
	return parts
}

// how words what the mesh adds to a row. It takes TCP only.
func (c *Connection) how() string {
	text := ""
	if c.Protocol == "TCP" {
		text = map[string]string{"mtls": " over mTLS", "plaintext": " in plaintext", "origination": " over TLS of the client's own"}[c.TLS]
	}
	if c.When != "" {
		text += " when " + visible(c.When)
	}
	return text
}

// reasonText words one reason: its object, what it does, and where.
func reasonText(r *Reason) string {
	text := visible(r.Effect)
	if r.Object.Kind != "" {
		text = objectName(r.Object) + ": " + text
	}
	if place := placeOf(&r.Location); place != "" {
		text += " (" + place + ")"
	}
	return text
}

func reasonsText(reasons []Reason) string {
	parts := make([]string, len(reasons))
	for i := range reasons {
		parts[i] = reasonText(&reasons[i])
	}
	return strings.Join(parts, "; ")
}

// objectName writes Kind `namespace/name`, as the messages of rules do.
func objectName(r source.Ref) string {
	name := r.Name
	if r.Namespace != "" {
		name = r.Namespace + "/" + name
	}
	return visible(r.Kind) + " `" + visible(name) + "`"
}
