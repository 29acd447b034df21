package decode

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// enumOf lists the values of the closed string types that the verdicts rest
// on. Source: the validation of each type in k8s.io/kubernetes, which the API
// types state in their comments only.
func enumOf(t reflect.Type) []string {
	switch t {
	case reflect.TypeFor[corev1.Protocol]():
		return []string{"TCP", "UDP", "SCTP"}
	case reflect.TypeFor[networkingv1.PolicyType]():
		return []string{"Ingress", "Egress"}
	case reflect.TypeFor[metav1.LabelSelectorOperator]():
		return []string{"In", "NotIn", "Exists", "DoesNotExist"}
	case reflect.TypeFor[corev1.ServiceType]():
		return []string{"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"}
	case reflect.TypeFor[corev1.ServiceExternalTrafficPolicy]():
		return []string{"Cluster", "Local"}
	case reflect.TypeFor[corev1.RestartPolicy]():
		return []string{"Always", "OnFailure", "Never"}
	}
	return nil
}

// ParseBool reads a boolean as sigs.k8s.io/yaml does, whose YAML 1.1 knows
// more words for it than Go.
func ParseBool(s string) bool {
	switch strings.ToLower(s) {
	case "true", "yes", "y", "on":
		return true
	}
	return false
}

// AppendJSON writes a node as the JSON that the API server would receive.
func AppendJSON(b []byte, n *yaml.Node) []byte {
	switch n.Kind {
	case yaml.Null:
		return append(b, "null"...)
	case yaml.Bool:
		return strconv.AppendBool(b, ParseBool(n.Text))
	case yaml.Int, yaml.Float:
		return appendNumber(b, n.Text)
	case yaml.String:
		return appendString(b, n.Text)
	case yaml.List:
		return appendList(b, n)
	case yaml.Map:
		return appendMap(b, n)
	}
	return b
}

func appendList(b []byte, n *yaml.Node) []byte {
	b = append(b, '[')
	for i, item := range n.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendJSON(b, item)
	}
	return append(b, ']')
}

func appendMap(b []byte, n *yaml.Node) []byte {
	b = append(b, '{')
	for i := range n.Fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, n.Fields[i].Key.Text), ':')
		b = AppendJSON(b, n.Fields[i].Value)
	}
	return append(b, '}')
}

func appendNumber(b []byte, text string) []byte {
	text = strings.ReplaceAll(text, "_", "")
	if i, err := strconv.ParseInt(text, 0, 64); err == nil {
		return strconv.AppendInt(b, i, 10)
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		if out, err := json.Marshal(f); err == nil {
			return append(b, out...)
		}
	}
	return appendString(b, text)
}

func appendString(b []byte, s string) []byte {
	out, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return append(b, out...)
}

// IsPlaceholder recognises text that another tool fills in before anything is
// applied: it stands for a value that nobody knows here.
func IsPlaceholder(s string) bool {
	for _, mark := range []string{"${", "{{", "$(", "<%", "{%", "replaced-by-", "REPLACE_", "replace-with-", "%%"} {
		if strings.Contains(s, mark) {
			return true
		}
	}
	return strings.HasPrefix(s, "$") && len(s) > 1 || strings.HasPrefix(s, "<") && strings.HasSuffix(s, ">")
}

func Quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return "`" + s + "`"
}

func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "an " + noun
	}
	return "a " + noun
}

// describe says what a value is, as found in the manifest.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.Map, yaml.List, yaml.Null:
		return article(n.Kind.String())
	case yaml.Bool, yaml.Int, yaml.Float, yaml.String:
	}
	return "the " + n.Kind.String() + " " + Quote(n.Text)
}

// TextAt is the string at a key, or what an absent key stands for.
func TextAt(n *yaml.Node, key, absent string) string {
	v := n.Get(key)
	if v == nil || v.Kind == yaml.Null {
		return absent
	}
	return v.Text
}

func TextMap(n *yaml.Node) map[string]string {
	out := map[string]string{}
	if n != nil {
		for i := range n.Fields {
			if v, ok := n.Fields[i].Value.Str(); ok {
				out[n.Fields[i].Key.Text] = v
			}
		}
	}
	return out
}

func NodeInt(n *yaml.Node) (int, bool) {
	if n == nil || n.Kind != yaml.Int {
		return 0, false
	}
	i, err := strconv.ParseInt(strings.ReplaceAll(n.Text, "_", ""), 0, 32)
	return int(i), err == nil
}

func FirstText(nodes ...*yaml.Node) string {
	for _, n := range nodes {
		if text, ok := n.Str(); ok && text != "" {
			return text
		}
	}
	return ""
}

// BoolOr reads a boolean; what is neither true nor false is filled in by
// another tool.
func BoolOr(n *yaml.Node, missing fact.Tri) fact.Tri {
	switch {
	case n == nil || n.Kind == yaml.Null:
		return missing
	case n.Kind != yaml.Bool:
		return fact.Unknown
	case ParseBool(n.Text):
		return fact.Yes
	default:
		return fact.No
	}
}

func IsEmpty(s *metav1.LabelSelector) bool {
	return len(s.MatchLabels) == 0 && len(s.MatchExpressions) == 0
}

func Deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// Given reports a value that is there: null and empty lists are nothing.
func IsSet(n *yaml.Node) bool {
	return n != nil && n.Kind != yaml.Null && (n.Kind != yaml.List || len(n.Items) > 0)
}

// Truth reads a boolean; what fills a placeholder may be either.
func MayBeTrue(n *yaml.Node) bool {
	return IsSet(n) && (n.Kind != yaml.Bool || ParseBool(n.Text))
}

func LabelSelectorAt(n *yaml.Node) (*metav1.LabelSelector, bool) {
	var out metav1.LabelSelector
	ok := NewDecoder().Into(n, &out)
	return &out, ok && n.Kind == yaml.Map
}

// EqualNodes compares content, not layout.
func EqualNodes(a, b *yaml.Node) bool {
	return string(AppendJSON(nil, a)) == string(AppendJSON(nil, b))
}

func OrTCP[T ~string](protocol T) string {
	if protocol == "" {
		return "TCP"
	}
	return string(protocol)
}
