package decode

import (
	"fmt"

	securityistio "istio.io/api/security/v1beta1"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// duplicates reports keys that a mapping holds twice: the last one silently
// wins (sigs.k8s.io/yaml), which is never what two entries were written for.
func (d *Decoder) duplicates(o *source.Object) {
	for _, dup := range o.Duplicates {
		d.problems = append(d.problems, FieldProblem{
			Problem: "duplicate-key", Path: dup.Path, Key: true,
			Message: fmt.Sprintf("%s is written twice, on lines %d and %d; only the last counts", Quote(dup.Path.String()), dup.First.Line, dup.Second.Line),
			Help:    "keep one of them, or indent it where it belongs",
		})
	}
}

// validate adds what the API server or istiod refuses beyond the types. Each
// kind has a file of its own, in the order of the upstream function. Policies of
// the tiers are validated apart (Tier): a refused one makes verdicts unknown,
// and is not reported.
func (d *Decoder) validate(o *Decoded) {
	switch t := o.Typed.(type) {
	case *networkingv1.NetworkPolicy:
		d.networkPolicy(t)
	case *Istio:
		switch spec := t.Spec.(type) {
		case *securityistio.PeerAuthentication:
			d.peerAuthentication(o.Object, spec)
		case *securityistio.AuthorizationPolicy:
			d.authorizationPolicy(spec)
		case *securityistio.RequestAuthentication:
			d.requestAuthentication(spec)
		}
	}
}

// refuse notes a problem with the value at a path.
func (d *Decoder) refuse(problem string, path yaml.Path, message, help string) {
	d.problems = append(d.problems, FieldProblem{Problem: problem, Path: path, Message: message, Help: help})
}
