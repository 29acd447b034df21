package mesh

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// readRevisions collects the revisions and tags that the tree's own injection
// webhooks serve: a label that names another one injects nothing, unless
// something outside the tree does. It returns nil where the tree has no such
// webhook: then nothing is known of revisions, and every label is believed.
// See istio/istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml.
func readRevisions(objects []*decode.Decoded) map[string]bool {
	var out map[string]bool
	for _, o := range objects {
		if o.Kind != "MutatingWebhookConfiguration" {
			continue
		}
		for _, hook := range o.Root.Get("webhooks").List() {
			name, _ := hook.Get("name").Str()
			if !strings.Contains(name, "sidecar-injector.istio.io") {
				continue
			}
			if out == nil {
				out = map[string]bool{}
			}
			addRevisions(out, hook.Get("namespaceSelector"))
			addRevisions(out, hook.Get("objectSelector"))
		}
	}
	return out
}

func addRevisions(to map[string]bool, selector *yaml.Node) {
	if rev, ok := selector.Get("matchLabels").Get(revisionLabel).Str(); ok {
		to[rev] = true
	}
	for _, e := range selector.Get("matchExpressions").List() {
		key, _ := e.Get("key").Str()
		if operator, _ := e.Get("operator").Str(); key != revisionLabel || operator != "In" {
			continue
		}
		for _, v := range e.Get("values").List() {
			to[v.Text] = true
		}
	}
}

// memberByRevision decides by a label that asks for a revision.
func (m *Mesh) memberByRevision(rev string, from fact.Source) membership {
	switch {
	case decode.IsPlaceholder(rev):
		return membership{member: fact.UnknownMember, reason: notRead, from: from}
	case m.revisions != nil && !m.revisions[rev]:
		return membership{member: fact.UnknownMember, reason: unknownRevision, from: from}
	}
	return membership{member: fact.Sidecar, reason: byRevision, from: from, revision: rev}
}
