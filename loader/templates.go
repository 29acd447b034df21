package loader

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// templatePolicies are the kinds of policies that a template would make, and
// where, as far as its text tells.
func templatePolicies(r *source.Reading) []source.Gap {
	var out []source.Gap
	for text := range strings.SplitSeq(string(r.File.Data), "\n---") {
		for _, kind := range diagnose.SniffKinds([]byte(text), yaml.Pos{Line: 1, Col: 1}) {
			if isPolicyName(kind) {
				out = append(out, source.Gap{Kind: kind, File: r.File.Name, Reason: source.UntemplatedReason, Namespaces: templateNamespaces(text)})
			}
		}
	}
	return out
}

// templateNamespaces reads the namespace of an object from its template: the
// release's own if it names none, any if it is computed.
func templateNamespaces(text string) []string {
	for line := range strings.Lines(text) {
		value, found := strings.CutPrefix(strings.TrimSpace(line), "namespace:")
		if !found || !strings.HasPrefix(line, "  namespace:") {
			continue
		}
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		switch {
		case strings.Contains(value, ".Release.Namespace"):
			return []string{""}
		case strings.Contains(value, "{{"):
			return nil
		}
		return []string{value}
	}
	return []string{""}
}

func isPolicyName(kind string) bool {
	switch kind {
	case "NetworkPolicy", "PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication", "DestinationRule", "Sidecar",
		"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy", "AdminNetworkPolicy", "ClusterNetworkPolicy":
		return true
	}
	return false
}
