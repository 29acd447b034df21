package inventory

import (
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Unapplied finds the policies in files that lie beside a kustomization and
// are not listed by it: `kustomize build` leaves them out
// (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/).
// Where pods that the policy is for lie beside it and are not listed either,
// somebody applies both in another way, and nothing is said.
func Unapplied(set *source.Set) []fact.Subject {
	if set.Kind != source.BesideSet {
		return nil
	}
	var out []fact.Subject
	objects := decode.All(set.Objects)
	for _, o := range objects {
		if source.IsPolicy(o.Object) && !appliedWithPods(set, objects, o) {
			out = append(out, unappliedSubject(set, o.Object))
		}
	}
	return out
}

// appliedWithPods reports that what a policy is for lies in the same part of
// the directory.
func appliedWithPods(set *source.Set, objects []*decode.Decoded, policy *decode.Decoded) bool {
	whom, part := policySelector(policy), subtreeOf(set, policy.Object)
	return slices.ContainsFunc(objects, func(o *decode.Decoded) bool {
		if o.Namespace != policy.Namespace || subtreeOf(set, o.Object) != part || source.IsPolicy(o.Object) {
			return false
		}
		if meta, spec, _ := podTemplate(o.Typed); spec != nil {
			return whom.Matches(LabelSet{Known: meta.Labels}) != fact.No
		}
		return !isWorkloadKind(o.Kind) && podOwner(o.Object) != ownsNone
	})
}

func unappliedSubject(set *source.Set, o *source.Object) fact.Subject {
	facts := &fact.UnappliedFacts{Where: "beside"}
	if subtreeOf(set, o) != "" {
		facts.Where = "below"
	}
	return fact.Subject{Type: "unapplied", Facts: facts, Evidence: fact.Evidence{
		From: fact.Source{Object: o, Path: yaml.Path{"metadata", "name"}},
		Names: map[string]string{
			"policy": fact.RefName(o), "file": fileBelow(set, o), "kustomization": path.Base(set.Gaps[0].File),
		},
	}}
}

// subtreeOf is the first directory between a kustomization and a file, "" for a
// file right beside it.
func subtreeOf(set *source.Set, o *source.Object) string {
	part, _, found := strings.Cut(fileBelow(set, o), "/")
	if !found {
		return ""
	}
	return part
}

func fileBelow(set *source.Set, o *source.Object) string {
	return strings.TrimPrefix(o.File.Name, set.Root+"/")
}
