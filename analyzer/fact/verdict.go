package fact

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Verdict is the answer of one layer about a connection.
type Verdict string

// The verdicts. Conditional and BrokenTLS are of the mesh layer only.
const (
	Allowed      Verdict = "allowed"
	Denied       Verdict = "denied"
	Undetermined Verdict = "unknown"     // what the manifests leave open decides
	Conditional  Verdict = "conditional" // some HTTP requests are allowed, others are not
	BrokenTLS    Verdict = "broken-tls"  // the server does not accept the TLS, or the plaintext, that the client sends
)

// PortRange is a range of port numbers, both ends included.
type PortRange struct{ First, Last int }

// Direction is the side of a connection that a policy is about.
type Direction string

// The directions.
const (
	Ingress Direction = "ingress" // connections to the pod
	Egress  Direction = "egress"  // connections from the pod
)

// Reason is one object that decides about a connection.
type Reason struct {
	Object *source.Object
	Path   yaml.Path // of the field that decides
	Effect string    // what it does, in words: "admits pods app=frontend on TCP 8000"
}

// DistinctReasons drops reasons that are equal to an earlier one.
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
