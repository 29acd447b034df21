package loader

import (
	"bytes"
	"fmt"
	"strings"
)

// flattened reports whether an object has lost its indentation: metadata is
// empty and what belongs in it or in spec stands at the top level. No valid
// object of a kind that a cluster knows looks so.
func flattened(root *Node, group, kind string) *fault {
	meta := root.field("metadata")
	if meta != nil && meta.Value.Kind != Null {
		return nil
	}
	if meta == nil && !builtinGroup(group) {
		return nil
	}
	var strays []string
	var first *Node
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

func flattenedFault(kind string, hasMetadata bool, strays []string, pos Pos) *fault {
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
	return &fault{
		cause: CauseFlattened, pos: pos, kinds: []string{kind},
		message: fmt.Sprintf("indentation lost: `metadata` is %s and %s %s at the top level",
			state, strings.Join(strays, ", "), verb),
		help: "copy the manifest again with its indentation, or indent it by hand; nothing of it was evaluated",
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

// builtinGroup reports whether the API group is one whose kinds all have
// metadata.
func builtinGroup(group string) bool {
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
func flattenedText(lines []textLine) *fault {
	var found *textLine
	for i, l := range lines {
		if len(l.text) > 0 && (l.text[0] == ' ' || l.text[0] == '\t') && len(bytes.TrimSpace(l.text)) > 0 {
			return nil
		}
		if string(bytes.TrimSpace(l.text)) == "metadata:" && i+1 < len(lines) {
			key, _, _ := bytes.Cut(lines[i+1].text, []byte{':'})
			if isStray(string(key)) {
				found = &lines[i]
			}
		}
	}
	if found == nil {
		return nil
	}
	f := flattenedFault("", true, []string{"what belongs in it"}, found.pos(1))
	f.kinds = nil
	return f
}

// oddKey finds a key that begins with a space which is none to YAML: the text
// parses, and means something else than what one sees.
func oddKey(n *Node) *fault {
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
func curlyValue(n *Node) *fault {
	if n.Kind == String && n.Style == Plain && isCurly(n.Text) {
		return &fault{
			cause: CauseTypographicQuote, pos: n.Pos,
			message: fmt.Sprintf("the typographic quotes around %s are part of the value", printable(n.Text)),
			help:    `write straight quotes (") or none`,
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
