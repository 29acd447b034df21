package helm

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Bounds of the ways in which a chart that stops is tried.
const (
	mostValuesFiles = 16
	mostLeftOut     = 16
)

// renderAnyhow renders a chart; one that stops, with the values that it brings
// for other occasions, or else without the templates that stop.
func (r *renderer) renderAnyhow(w *chartWork) {
	if w.err = r.openSafely(w); w.err != nil {
		w.first = w.err
		return
	}
	w.out, w.err = r.render(w.src, r.values, w.budget)
	w.first = w.err
	if w.err == nil || w.budget.err != nil || isBug(w.err) {
		return
	}
	if len(r.opts.Values)+len(r.opts.Set) == 0 && r.withOwnValues(w) {
		return
	}
	r.withoutTemplates(w)
}

func (r *renderer) openSafely(w *chartWork) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = bugError(p)
		}
	}()
	return r.open(w.src, w.budget)
}

// withOwnValues tries the values files beside the chart's own, then those of
// ci/, which chart-testing installs it with.
// https://github.com/helm/chart-testing/blob/main/doc/ct_install.md
func (r *renderer) withOwnValues(w *chartWork) bool {
	files := slices.Clone(w.chart.ValuesFiles)
	ci := func(name string) int {
		if path.Base(path.Dir(name)) == "ci" {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(files, func(a, b string) int { return ci(a) - ci(b) })
	for _, name := range files[:min(len(files), mostValuesFiles)] {
		o := r.valuesObject(name)
		if o == nil {
			continue
		}
		values, err := valuesOver(r.values, o.File)
		if err != nil {
			continue
		}
		b := w.again()
		if out, err := r.render(w.src, values, b); err == nil {
			w.out, w.err, w.budget, w.how = out, nil, b, trial{values: o}
			w.chart.Values = name
			w.src.given = o
			return true
		}
	}
	return false
}

// again is a budget for another trial.
func (w *chartWork) again() *budget {
	b := newBudget(w.src)
	b.files = w.src.files
	return b
}

// withoutTemplates leaves out one template after the other that stops. Helpers
// stay: what includes them needs them.
func (r *renderer) withoutTemplates(w *chartWork) {
	all := w.src.files
	how := trial{}
	err := w.err
	for len(how.without) < mostLeftOut {
		i := w.src.stoppedAt(err)
		if i < 0 {
			break
		}
		how.without, how.stopped = append(how.without, w.src.files[i].name), append(how.stopped, err)
		w.src.files = slices.Delete(slices.Clone(w.src.files), i, i+1)
		if !slices.ContainsFunc(w.src.files, isOwnTemplate) {
			break
		}
		b := w.again()
		var out *rendered
		if out, err = r.render(w.src, r.values, b); err == nil {
			w.out, w.err, w.budget, w.how = out, nil, b, how
			return
		}
		if b.err != nil {
			break
		}
	}
	w.src.files = all
}

func isOwnTemplate(f chartFile) bool {
	return f.template && !strings.HasPrefix(path.Base(f.name), "_") && strings.HasPrefix(f.name, "templates/")
}

// named is how Helm names the template that stopped; of several, the outermost
// comes first.
const named = `([^\s()":]+/templates/[^\s()":]+):(\d+)(?::(\d+))?`

// stoppedAt finds the template that an error is about, -1 if there is none that
// can be left out.
func (c *chartSource) stoppedAt(err error) int {
	m := regexp.MustCompile(named).FindStringSubmatch(err.Error())
	if m == nil {
		return -1
	}
	_, rel, _ := strings.Cut(m[1], "/")
	return slices.IndexFunc(c.files, func(f chartFile) bool {
		return f.name == rel && f.template && !strings.HasPrefix(path.Base(rel), "_")
	})
}

// wantsValues recognises a chart that stops because a value is not given: by its
// own word (required, fail), or where it reads below one that is not there.
// https://helm.sh/docs/howto/charts_tips_and_tricks/#using-the-required-function
func wantsValues(err error) bool {
	text := err.Error()
	return strings.Contains(text, "execution error at") || strings.Contains(text, "nil pointer evaluating")
}

// notRendered notes why nothing of a chart was rendered.
func (r *renderer) notRendered(w *chartWork) {
	cause := source.Broken
	if wantsValues(w.first) {
		cause = source.Values
	}
	r.unbuilt = append(r.unbuilt, source.Unbuilt{
		Cause: cause, Whole: true, Span: w.chart.Failure.Span,
		Message: "Helm chart `" + diagnose.Printable(w.src.root) + "` is not rendered: " + w.chart.Failure.Message,
		Help:    helpFor(cause, w.src.root),
	})
}

func helpFor(cause source.Cause, root string) string {
	root = diagnose.Printable(root)
	if cause == source.Values {
		return "give the values that it asks for with --helm-values or --set"
	}
	return "repair it until `helm template " + root + "` succeeds"
}

// renderedInPart notes what a chart was rendered without, or with.
func (r *renderer) renderedInPart(w *chartWork) {
	name := diagnose.Printable(w.src.root)
	home := r.readings[r.files[path.Join(w.src.root, "Chart.yaml")]]
	if w.how.values != nil {
		why := r.failure(w.src, w.budget, w.first)
		r.unbuilt = append(r.unbuilt, source.Unbuilt{
			Cause: source.Input, Span: why.Span,
			Message: fmt.Sprintf("Helm chart `%s` is rendered with `%s`, because without values it stops: %s", name, diagnose.Printable(w.chart.Values), why.Message),
			Help:    helpFor(source.Values, w.src.root),
		})
	}
	for i, rel := range w.how.without {
		why := r.failure(w.src, w.budget, w.how.stopped[i])
		cause := source.Broken
		if wantsValues(w.how.stopped[i]) {
			cause = source.Values
		}
		r.unbuilt = append(r.unbuilt, source.Unbuilt{
			Cause: cause, Span: why.Span, Help: helpFor(cause, w.src.root),
			Message: fmt.Sprintf("Helm chart `%s` is rendered without `%s`: %s", name, diagnose.Printable(rel), why.Message),
		})
		home.Gaps = append(home.Gaps, r.lostWith(path.Join(w.src.root, rel))...)
	}
}

// lostWith are the kinds of objects that a template would make, as its text
// tells; any, where it does not.
func (r *renderer) lostWith(name string) []source.Gap {
	kinds := []string{""}
	if i, ok := r.files[name]; ok {
		data := r.readings[i].File.Data
		if found := diagnose.SniffKinds(data, yaml.Pos{Line: 1, Col: 1}); len(found) > 0 && !slices.ContainsFunc(found, isComputed) {
			kinds = found
		}
	}
	var out []source.Gap
	for _, kind := range kinds {
		out = append(out, source.Gap{Kind: kind, File: name, Reason: "template of a helm chart that stops without values"})
	}
	return out
}

func isComputed(kind string) bool { return strings.Contains(kind, "{{") }

// isBug recognises a fault of ours.
func isBug(err error) bool {
	_, ok := errors.AsType[*bug](err)
	return ok
}
