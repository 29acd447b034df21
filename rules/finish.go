package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// value fills a placeholder.
func (f *draft) value(name string) string {
	if values := f.values[name]; values != nil {
		return strings.Join(slices.SortedFunc(maps.Keys(values), compareNatural), ", ")
	}
	switch name {
	case "workloads":
		return listWorkloads(slices.Sorted(maps.Keys(f.workloads)))
	case "object":
		return objectName(f.object.Ref)
	default:
		return f.from.Path.String()
	}
}

// findings finishes every draft, in the order in which they are reported.
func (d *drafts) findings(environments int) []Finding {
	out := make([]Finding, len(d.order))
	for i, f := range d.order {
		out[i] = f.finding()
	}
	slices.SortFunc(out, compareFindings)
	out = onceEach(out)
	for i := range out {
		if len(out[i].Environments) == environments {
			out[i].Environments = []string{}
		}
	}
	tellApart(out)
	unread := map[string]int{}
	for i := range out {
		f := &out[i]
		if f.Object == (source.Ref{}) {
			// Several documents of a file may be broken: they are told apart by
			// their order.
			anchor := f.Rule.ID + "\x00" + f.Location.File.Name
			f.Fingerprint = fingerprint(anchor, strconv.Itoa(unread[anchor]))
			unread[anchor]++
		}
	}
	return out
}

// onceEach unites the findings that several sets have in common: a base that
// three overlays apply is wrong once.
func onceEach(findings []Finding) []Finding {
	first := map[string]int{}
	var out []Finding
	for i := range findings {
		f := &findings[i]
		key := fmt.Sprint(f.Rule.ID, "\x00", f.Severity, "\x00", f.Message, "\x00", f.Location.File.Name, f.Location.Start, f.Location.End, f.Location.Path)
		at, known := first[key]
		if !known {
			first[key] = len(out)
			out = append(out, *f)
			continue
		}
		one := &out[at]
		if len(one.Environments) > 0 && len(f.Environments) > 0 {
			one.Environments = union(one.Environments, f.Environments)
		} else {
			one.Environments = []string{}
		}
		one.Workloads = union(one.Workloads, f.Workloads)
		one.Related = append(one.Related, f.Related...)
		one.Related = uniqueNotes(one.Related)
	}
	return out
}

func union(a, b []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

// uniqueNotes sorts notes, what a rule has to say before the list of workloads,
// and drops those that say the same of the same place.
func uniqueNotes(notes []Note) []Note {
	listed := func(n Note) int {
		if strings.HasPrefix(n.Message, workloadNote) {
			return 1
		}
		return 0
	}
	slices.SortFunc(notes, func(a, b Note) int {
		return cmp.Or(listed(a)-listed(b), compareLocations(a.Location, b.Location), strings.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(notes, func(a, b Note) bool {
		return a.Message == b.Message && a.Location.Span == b.Location.Span
	})
}

// tellApart gives findings of one rule at one place prints of their own: what is
// said of some workloads there and what of others. The first, and the most
// severe, keeps the plain one.
func tellApart(findings []Finding) {
	most := map[string]Severity{}
	for i := range findings {
		f := &findings[i]
		most[f.Fingerprint] = max(most[f.Fingerprint], f.Severity)
	}
	seen := map[string]int{}
	for i := range findings {
		f := &findings[i]
		key := f.Fingerprint
		if f.Severity < most[key] {
			key = fingerprint(key, f.Severity.String())
		}
		if seen[key]++; seen[key] > 1 && f.Object != (source.Ref{}) {
			key = fingerprint(key, strconv.Itoa(seen[key]))
		}
		f.Fingerprint = key
	}
}

func (f *draft) finding() Finding {
	out := Finding{
		Rule: f.rule.Meta, Severity: f.severity,
		Message:   f.rule.messages[f.variant].fill(f.value),
		Help:      f.rule.remediation.fill(f.value),
		Workloads: slices.Sorted(maps.Keys(f.workloads)),
		Location:  locate(f.from), Environments: append([]string{}, f.environments...),
		Related: slices.Concat(f.related, f.elsewhere(), f.inBase()),
	}
	out.Related = uniqueNotes(out.Related)
	if f.object != nil {
		ref := f.object.Ref
		out.Object = ref
		out.Fingerprint = fingerprint(f.rule.ID, ref.Group(), ref.Kind, ref.Namespace, ref.Name, f.path)
	}
	return out
}

// workloadNote begins the note that names a workload and its place.
const workloadNote = "workload `"

// elsewhere notes the workloads that a finding is about and that are defined
// in another object than the one it stands at.
func (f *draft) elsewhere() []Note {
	var out []Note
	for id, from := range f.workloads {
		if from.Object == nil || from.Object == f.object {
			continue
		}
		out = append(out, Note{Message: workloadNote + id + "`", Location: locate(from)})
	}
	return out
}

// inBase notes the field in the document that a kustomization changed, when the
// finding stands at the change.
func (f *draft) inBase() []Note {
	if f.from.Object == nil {
		return nil
	}
	span, changed := f.from.Object.Base(f.from.Path)
	if !changed {
		return nil
	}
	message := "in the base"
	if f.from.Object.FromValues() {
		message = "the value"
	}
	return []Note{{Message: message, Location: Location{span, f.from.Path}}}
}

func locate(from fact.Source) Location {
	switch {
	case from.Object == nil:
		return Location{Span: from.Span}
	case from.Key:
		span, _ := from.Object.KeyAt(from.Path)
		return Location{span, from.Path}
	default:
		span, _ := from.Object.At(from.Path)
		return Location{span, from.Path}
	}
}

func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

func compareFindings(a, b Finding) int {
	return cmp.Or(
		compareLocations(a.Location, b.Location),
		strings.Compare(a.Rule.ID, b.Rule.ID),
		strings.Compare(a.Message, b.Message),
		strings.Compare(a.Fingerprint, b.Fingerprint),
		slices.Compare(a.Workloads, b.Workloads),
	)
}

func compareLocations(a, b Location) int {
	return cmp.Or(
		strings.Compare(a.File.Name, b.File.Name),
		cmp.Compare(a.Start.Line, b.Start.Line),
		cmp.Compare(a.Start.Col, b.Start.Col),
	)
}

// compareNatural orders what begins with a number by that number, and before
// everything else.
func compareNatural(a, b string) int {
	number := func(s string) int {
		digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
		n, err := strconv.Atoi(s[:digits])
		if err != nil {
			return math.MaxInt
		}
		return n
	}
	return cmp.Or(cmp.Compare(number(a), number(b)), strings.Compare(a, b))
}

// listWorkloads names up to three workloads and counts the others.
func listWorkloads(ids []string) string {
	const named = 3
	if len(ids) == 0 {
		return "no workload"
	}
	var items []string
	for _, id := range ids[:min(named, len(ids))] {
		items = append(items, "`"+id+"`")
	}
	if more := len(ids) - len(items); more > 0 {
		items = append(items, strconv.Itoa(more)+" more")
	}
	if len(items) == 1 {
		return items[0]
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}

// objectName writes an object as Kind `namespace/name`.
func objectName(ref source.Ref) string {
	name := ref.Name
	if ref.Namespace != "" {
		name = ref.Namespace + "/" + name
	}
	return ref.Kind + " `" + name + "`"
}
