package mesh

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// readRevisions collects the revisions and tags that the tree's own injection
// webhooks answer to: a label that names another one injects nothing, unless
// something outside the tree does. Without a webhook in the tree, nothing is
// known of revisions, and none is doubted.
// See istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml.
func (s *Mesh) readRevisions() {
	for _, o := range s.Inventory.Objects {
		if o.Kind != "MutatingWebhookConfiguration" {
			continue
		}
		for _, hook := range o.Root.Get("webhooks").List() {
			name, _ := hook.Get("name").Str()
			if !strings.Contains(name, "sidecar-injector.istio.io") {
				continue
			}
			if s.revisions == nil {
				s.revisions = map[string]bool{}
			}
			s.noteRevisions(hook.Get("namespaceSelector"))
			s.noteRevisions(hook.Get("objectSelector"))
		}
	}
}

func (s *Mesh) noteRevisions(selector *yaml.Node) {
	if rev, ok := selector.Get("matchLabels").Get(revisionLabel).Str(); ok {
		s.revisions[rev] = true
	}
	for _, e := range selector.Get("matchExpressions").List() {
		key, _ := e.Get("key").Str()
		if operator, _ := e.Get("operator").Str(); key != revisionLabel || operator != "In" {
			continue
		}
		for _, v := range e.Get("values").List() {
			s.revisions[v.Text] = true
		}
	}
}

// byRevision judges a label that asks for a revision.
func (s *Mesh) byRevision(rev string, from fact.Source) fact.MeshFacts {
	switch {
	case decode.IsPlaceholder(rev):
		return fact.MeshFacts{Member: fact.UnknownMember, Reason: "unread", Evidence: fact.Evidence{From: from}}
	case s.revisions != nil && !s.revisions[rev]:
		return fact.MeshFacts{Member: fact.UnknownMember, Reason: "unknown-revision", Evidence: fact.Evidence{From: from}}
	}
	return fact.MeshFacts{Member: fact.Sidecar, Reason: "revision", Evidence: fact.Evidence{From: from, Names: map[string]string{"revision": rev}}}
}
