package report

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// writeConnectivityText groups by destination: who asks about a model server
// wants to see everybody that reaches it.
func writeConnectivityText(w *bytes.Buffer, c *Connectivity, opts Options) {
	paint := newPalette(opts.Color)
	if c.Question != nil {
		writeAnswer(w, c, paint)
		return
	}
	if len(c.Connections) == 0 {
		w.WriteString("no connection is allowed\n")
		return
	}
	for i, group := range byDestination(edges(c.Connections)) {
		if i > 0 {
			w.WriteByte('\n')
		}
		w.WriteString(paint.place.Sprint(visible(group[0].dst.Name)) + " can be reached by\n")
		widest := 0
		for _, e := range group {
			widest = max(widest, widthOf(e.src.Name))
		}
		for i, e := range group {
			pad := strings.Repeat(" ", min(widest, widestName)-min(widthOf(e.src.Name), widestName)+2)
			w.WriteString("  " + visible(e.src.Name) + pad + strings.Join(e.ports(), "; ") + "\n")
			writeReasons(w, "    ", e.because, paint)
			if len(e.environments) > 0 && !e.continues(group[i+1:]) {
				w.WriteString(paint.gutter.Sprint("    = note:") + " in environment " + nameEnvironments(e.environments, opts.Verbose) + "\n")
			}
		}
	}
}

// continues reports that the next row says more of the same peer in the same sets.
func (e *edge) continues(next []*edge) bool {
	return len(next) > 0 && next[0].src == e.src && slices.Equal(next[0].environments, e.environments)
}

// widestName is the longest name that others are aligned with.
const widestName = 60

// widthOf is how many columns of a terminal a name takes.
func widthOf(name string) int {
	n := 0
	for _, r := range visible(name) {
		n += columns(r)
	}
	return n
}

// byDestination groups the edges; in and among the groups, workloads of the
// tree come first, then classes, then addresses. Of the groups, those of
// workloads with a role in an AI application lead.
func byDestination(edges []*edge) [][]*edge {
	slices.SortStableFunc(edges, func(a, b *edge) int {
		return cmp.Or(cmp.Compare(a.dst.Kind, b.dst.Kind), aiFirst(a.dst, b.dst), cmp.Compare(a.dst.Name, b.dst.Name), cmp.Compare(a.src.Kind, b.src.Kind))
	})
	var groups [][]*edge
	for i, e := range edges {
		if i == 0 || edges[i-1].dst != e.dst {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], e)
	}
	return groups
}

func aiFirst(a, b Peer) int {
	switch {
	case a.AI == b.AI:
		return 0
	case a.AI:
		return -1
	default:
		return 1
	}
}

// writeAnswer answers the question about one pair that has no row.
func writeAnswer(w *bytes.Buffer, c *Connectivity, paint *palette) {
	q := c.Question
	w.WriteString(paint.place.Sprint(visible(q.Verdict)+":") + " ")
	w.WriteString(visible(q.From) + " " + q.verb() + " connect to " + visible(q.To))
	if q.Port != 0 {
		w.WriteString(" on port " + strconv.Itoa(q.Port))
	}
	w.WriteByte('\n')
	writeReasons(w, "  ", q.Because, paint)
	if q.Verdict != allowed && !c.Explained {
		w.WriteString("--explain names what decides it\n")
	}
}

func (q *Question) verb() string {
	switch q.Verdict {
	case allowed:
		return "may"
	case denied:
		return "may not"
	default:
		return "may or may not"
	}
}

func writeReasons(w *bytes.Buffer, pad string, reasons []Reason, paint *palette) {
	for i := range reasons {
		w.WriteString(paint.gutter.Sprint(pad+"= because:") + " " + reasonText(&reasons[i]) + "\n")
	}
}
