package decode

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// enumOf lists the values of the enumerations that verdicts rest on. Source: the
// validation of each type in k8s.io/kubernetes, which the API
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

// ParseBool reads a boolean as sigs.k8s.io/yaml does: YAML 1.1 has more words for
// it than Go.
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

// IsPlaceholder reports text that another tool replaces before the manifest is
// applied, such as `{{ .Values.x }}`: its value is not known.
func IsPlaceholder(s string) bool {
	for _, mark := range []string{"${", "{{", "$(", "<%", "{%", "replaced-by-", "REPLACE_", "replace-with-", "%%"} {
		if strings.Contains(s, mark) {
			return true
		}
	}
	return strings.HasPrefix(s, "$") && len(s) > 1 || strings.HasPrefix(s, "<") && strings.HasSuffix(s, ">")
}

// Quote puts text of a manifest in backticks, and cuts it after 60 characters.
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

// describe says in words what a value of the manifest is.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.Map, yaml.List, yaml.Null:
		return article(n.Kind.String())
	case yaml.Bool, yaml.Int, yaml.Float, yaml.String:
	}
	return "the " + n.Kind.String() + " " + Quote(n.Text)
}
