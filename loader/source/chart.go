package source

import (
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// ReleaseName is what charts are rendered as: the name that `helm template`
// takes when it is given none.
const ReleaseName = "release-name"

// Chart is what is known of the chart that a ChartSet was made from.
type Chart struct {
	Rendered    bool
	Failure     *Problem // Helm's own message, and where it points
	Missing     []string // what it was rendered without: "dependency `x`, which is not under charts/"
	Values      string   // the values file that it was rendered with, because it stops without; "" for its own alone
	ValuesFiles []string // values files beside values.yaml and those of ci/, sorted; not used but for Values
	Switches    []Switch // by file and line
}

// Switch is a value that is off and for that reason keeps objects of a chart
// from being made, as in `{{ if .Values.networkPolicy.enabled }}`.
type Switch struct {
	Value    string    // networkPolicy.enabled, from the top of values.yaml
	At       yaml.Span // in the values file; without a File if none names it
	Template yaml.Span // the condition
	Kinds    []string  // of the objects, sorted
}
