package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/loader/source"
)

// helmFlags say how charts are rendered.
type helmFlags struct {
	mode        string
	values, set []string
	apis        []string
	kube        string
}

func (h *helmFlags) register(f *pflag.FlagSet) {
	f.StringVar(&h.mode, "helm", "auto", "render Helm charts: auto, off")
	f.StringArrayVar(&h.values, "helm-values", nil, "render charts with the values of this `FILE` too (repeatable)")
	f.StringArrayVar(&h.set, "set", nil, "render charts with this `KEY=VALUE` too, as helm --set (repeatable)")
	f.StringSliceVar(&h.apis, "api-versions", nil, "tell charts that the cluster has this `API` too, as helm --api-versions (repeatable)")
	f.StringVar(&h.kube, "kube-version", "", "tell charts that this is the `VERSION` of Kubernetes, as helm --kube-version")
}

func (h *helmFlags) check() error {
	return oneOf("--helm", h.mode, []string{"auto", "off"})
}

func (h *helmFlags) options(o loader.Options) loader.Options {
	o.HelmOff, o.HelmValues, o.HelmSet = h.mode == "off", h.values, h.set
	o.HelmAPIs, o.HelmKube = h.apis, h.kube
	return o
}

// writeChartNotes says what of the charts was not rendered, and why.
func writeChartNotes(w io.Writer, sets []*source.Set) {
	for _, s := range sets {
		if s.Chart == nil {
			continue
		}
		if f := s.Chart.Failure; f != nil {
			_, _ = fmt.Fprintf(w, "note: Helm chart %s was not rendered: %s:%d:%d: %s\n", printable(s.Root),
				printable(f.Span.File.Name), f.Span.Start.Line, f.Span.Start.Col, printable(f.Message))
		}
		if len(s.Chart.Missing) > 0 {
			_, _ = fmt.Fprintf(w, "note: Helm chart %s was rendered without %s\n", printable(s.Root), printable(strings.Join(s.Chart.Missing, "; ")))
		}
	}
}

// isUnrendered: why a chart could not be rendered is said of each.
func isUnrendered(s *source.Set) bool {
	return s.Kind == source.ChartSet && (s.Chart == nil || !s.Chart.Rendered && s.Chart.Failure == nil)
}
