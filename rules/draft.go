package rules

import (
	"fmt"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// drafts unites the verdicts that say the same of the same place, whichever
// workload they came from.
type drafts struct {
	byPlace map[place]*draft
	order   []*draft
}

// place is what the verdicts of one finding share.
type place struct {
	rule     *rule
	variant  string
	severity Severity
	object   *source.Object
	path     string
	key      bool
	span     yaml.Span // of what has no object
}

// draft is a finding that may still grow.
type draft struct {
	place
	from         fact.Source
	workloads    map[string]fact.Source
	values       map[string]map[string]bool // of each placeholder
	related      []Note
	environments []string // that it holds in; nil is all
}

func newDrafts() *drafts { return &drafts{byPlace: map[place]*draft{}} }

// add files a verdict on a subject.
func (d *drafts) add(r *rule, s *fact.Subject, v *verdict) error {
	evidence, err := s.At(v.at)
	if err != nil {
		return err
	}
	if v.field != nil {
		evidence.From.Path, evidence.From.Key = v.field, false
	}
	f, err := d.at(r, v, evidence.From)
	if err != nil {
		return err
	}
	f.holdsIn(s.Environments)
	for _, w := range evidence.Workloads {
		f.workloads[w.ID] = w.From
	}
	for _, t := range []template{r.messages[v.variant], r.remediation} {
		for _, name := range t.names() {
			if err := f.collect(name, v.values, evidence.Names); err != nil {
				return err
			}
		}
	}
	for _, rel := range v.related {
		if err := f.relate(s, v, rel); err != nil {
			return err
		}
	}
	return nil
}

// holdsIn notes environments; nil is all.
func (f *draft) holdsIn(environments []string) {
	if f.environments == nil || environments == nil {
		f.environments = nil
		return
	}
	f.environments = union(f.environments, environments)
}

// at returns the draft for a place.
func (d *drafts) at(r *rule, v *verdict, from fact.Source) (*draft, error) {
	p := place{rule: r, variant: v.variant, severity: v.severity}
	switch {
	case from.Object != nil:
		p.object, p.path, p.key = from.Object, from.Path.String(), from.Key
	case from.Span.File != nil:
		p.span = from.Span
	default:
		return nil, fmt.Errorf("the fact at %v has no place", v.at)
	}
	f := d.byPlace[p]
	if f == nil {
		f = &draft{place: p, environments: []string{}, from: from, workloads: map[string]fact.Source{}, values: map[string]map[string]bool{}}
		d.byPlace[p] = f
		d.order = append(d.order, f)
	}
	return f, nil
}

// collect notes the value of a placeholder: the result's own, then the
// evidence's. What the draft knows itself is filled in at the end.
func (f *draft) collect(name string, lists ...map[string]string) error {
	for _, values := range lists {
		if value, ok := values[name]; ok {
			if f.values[name] == nil {
				f.values[name] = map[string]bool{}
			}
			f.values[name][value] = true
			return nil
		}
	}
	if name == "workloads" || f.object != nil && (name == "object" || name == "field") {
		return nil
	}
	return fmt.Errorf("nothing fills {%s}", name)
}

// relate notes another place that the finding involves.
func (f *draft) relate(s *fact.Subject, v *verdict, rel relation) error {
	evidence, err := s.At(rel.at)
	if err != nil {
		return err
	}
	where := locate(evidence.From)
	if where.File == nil {
		return fmt.Errorf("the related fact at %v has no place", rel.at)
	}
	note := &draft{place: place{object: evidence.From.Object}, from: evidence.From, workloads: map[string]fact.Source{}, values: map[string]map[string]bool{}}
	for _, w := range evidence.Workloads {
		note.workloads[w.ID] = w.From
	}
	for _, name := range rel.note.names() {
		if err := note.collect(name, v.values, evidence.Names); err != nil {
			return err
		}
	}
	f.related = append(f.related, Note{Message: rel.note.fill(note.value), Location: where})
	return nil
}
