package fact

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Conditional is the verdict that only some HTTP requests are allowed.
const Conditional Verdict = "conditional"

// PortRange is inclusive on both ends.
type PortRange struct{ First, Last int }

// Verdict is the answer of one layer about a connection.
type Verdict string

// The verdicts of the network layer.
const (
	Allowed      Verdict = "allowed"
	Denied       Verdict = "denied"
	Undetermined Verdict = "unknown" // manifests cannot tell
)

// Reason is one object that decides a connection.
type Reason struct {
	Object *source.Object
	Path   yaml.Path
	Effect string // what it does, in words: "admits pods app=frontend on TCP 8000"
}

// BrokenTLS is the verdict that what the client sends is not what the server
// takes.
const BrokenTLS Verdict = "broken-tls"

func DistinctReasons(all []Reason) []Reason {
	var out []Reason
	for _, r := range all {
		if !slices.ContainsFunc(out, func(o Reason) bool {
			return o.Object == r.Object && o.Effect == r.Effect && o.Path.String() == r.Path.String()
		}) {
			out = append(out, r)
		}
	}
	return out
}

// Direction is the side of a connection that a policy speaks of.
type Direction string

const (
	Ingress Direction = "ingress"
	Egress  Direction = "egress"
)
