package diagnose

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Flattened reports whether an object has lost its indentation: metadata is
// empty and what belongs in it or in spec stands at the top level. No valid
// object of a kind that a cluster knows looks so.
func Flattened(root *yaml.Node, group, kind string) *Fault {
	meta := root.Field("metadata")
	if meta != nil && meta.Value.Kind != yaml.Null {
		return nil
	}
	if meta == nil && !BuiltinGroup(group) {
		return nil
	}
	var strays []string
	var first *yaml.Node
	for _, f := range root.Fields {
		if isStray(f.Key.Text) {
			strays = append(strays, "`"+f.Key.Text+"`")
			if first == nil {
				first = f.Key
			}
		}
	}
	if first == nil {
		return nil
	}
	if meta != nil {
		first = meta.Key
	}
	return flattenedFault(kind, meta != nil, strays, first.Pos)
}

func flattenedFault(kind string, hasMetadata bool, strays []string, pos yaml.Pos) *Fault {
	const most = 3
	if len(strays) > most {
		strays = strays[:most]
	}
	state, verb := "missing", "stands"
	if hasMetadata {
		state = "empty"
	}
	if len(strays) > 1 {
		verb = "stand"
	}
	return &Fault{
		Cause: CauseFlattened, Pos: pos, Kinds: []string{kind},
		Message: fmt.Sprintf("indentation lost: `metadata` is %s and %s %s at the top level",
			state, strings.Join(strays, ", "), verb),
		Help: "copy the manifest again with its indentation, or indent it by hand; nothing of it was evaluated",
	}
}

// isStray reports whether a key belongs into metadata or spec of the kinds
// that this tool knows, and never at an object's top level.
func isStray(key string) bool {
	switch key {
	case "name", "namespace", "labels", "annotations",
		"mtls", "selector", "podSelector", "matchLabels", "ports", "template", "host", "hosts", "rules",
		"action", "policyTypes", "ingress", "egress", "containers", "replicas", "servers", "gateways",
		"http", "trafficPolicy", "subsets", "parentRefs", "listeners", "targetRef", "targetRefs",
		"jwtRules", "endpoints", "resolution", "schedule", "jobTemplate", "gatewayClassName",
		"workloadSelector", "configPatches", "portLevelMtls":
		return true
	}
	return false
}

// BuiltinGroup reports whether the API group is one whose kinds all have
// metadata.
func BuiltinGroup(group string) bool {
	switch group {
	case "", "apps", "batch", "autoscaling", "policy", "extensions",
		"serving.kserve.io", "ray.io", "kubeflow.org", "cilium.io", "crd.projectcalico.org", "projectcalico.org":
		return true
	}
	return strings.HasSuffix(group, ".k8s.io") || strings.HasSuffix(group, ".istio.io") ||
		strings.HasSuffix(group, ".x-k8s.io")
}

// flattenedText is flattened for a text that does not even parse: no line is
// indented, and name or namespace follows an empty metadata.
func flattenedText(lines []yaml.Line) *Fault {
	var found *yaml.Line
	for i, l := range lines {
		if len(l.Text) > 0 && (l.Text[0] == ' ' || l.Text[0] == '\t') && len(bytes.TrimSpace(l.Text)) > 0 {
			return nil
		}
		if string(bytes.TrimSpace(l.Text)) == "metadata:" && i+1 < len(lines) {
			key, _, _ := bytes.Cut(lines[i+1].Text, []byte{':'})
			if isStray(string(key)) {
				found = &lines[i]
			}
		}
	}
	if found == nil {
		return nil
	}
	f := flattenedFault("", true, []string{"what belongs in it"}, found.Pos(1))
	f.Kinds = nil
	return f
}

// oddKey finds a key that begins with a space which is none to YAML: the text
// parses, and means something else than what one sees.
func oddKey(n *yaml.Node) *Fault {
	for _, f := range n.Fields {
		for _, r := range f.Key.Text {
			if isOddSpace(r) {
				return oddIndentFault(r, f.Key.Pos)
			}
			break
		}
		if found := oddKey(f.Value); found != nil {
			return found
		}
	}
	for _, item := range n.Items {
		if found := oddKey(item); found != nil {
			return found
		}
	}
	return nil
}

// curlyValue finds a plain scalar that is wrapped in typographic quotes, which
// thereby became part of the value. Prose is left alone.
func curlyValue(n *yaml.Node) *Fault {
	if n.Kind == yaml.String && n.Style == yaml.Plain && isCurly(n.Text) {
		return &Fault{
			Cause: CauseTypographicQuote, Pos: n.Pos,
			Message: fmt.Sprintf("the typographic quotes around %s are part of the value", Printable(n.Text)),
			Help:    `write straight quotes (") or none`,
		}
	}
	for _, f := range n.Fields {
		switch f.Key.Text {
		case "annotations", "data", "stringData", "description", "message":
			continue
		}
		if found := curlyValue(f.Key); found != nil {
			return found
		}
		if found := curlyValue(f.Value); found != nil {
			return found
		}
	}
	for _, item := range n.Items {
		if found := curlyValue(item); found != nil {
			return found
		}
	}
	return nil
}

func isCurly(text string) bool {
	const open, closing = "“„”‘‚’«", "“”‘’»"
	runes := []rune(text)
	return len(runes) > 1 && !strings.ContainsAny(text, " \t\n") &&
		strings.ContainsRune(open, runes[0]) && strings.ContainsRune(closing, runes[len(runes)-1])
}
