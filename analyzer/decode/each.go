package decode

import (
	"iter"

	"google.golang.org/protobuf/proto"
)

// Spec returns the spec of an Istio object that is believed, if it has the type T.
func Spec[T proto.Message](o *Decoded) (spec T, ok bool) {
	i, isIstio := o.Typed.(*Istio)
	if !isIstio || !o.Believed {
		return spec, false
	}
	spec, ok = i.Spec.(T)
	return spec, ok
}

// Each yields the Istio objects that are believed and whose spec has the type
// T, in the order of the list.
func Each[T proto.Message](objects []*Decoded) iter.Seq2[*Decoded, T] {
	return func(yield func(*Decoded, T) bool) {
		for _, o := range objects {
			if spec, ok := Spec[T](o); ok && !yield(o, spec) {
				return
			}
		}
	}
}
