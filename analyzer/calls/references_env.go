package calls

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// variables returns the container's environment: ConfigMaps first, the
// container's own variables over them.
// https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables)
func (r *referenceReader) variables(c *corev1.Container, at yaml.Path) []variable {
	var vars []variable
	index := map[string]int{}
	put := func(v variable) {
		if i, ok := index[v.name]; ok {
			vars[i] = v
			return
		}
		index[v.name] = len(vars)
		vars = append(vars, v)
	}
	for _, from := range c.EnvFrom {
		if from.ConfigMapRef == nil {
			continue
		}
		for _, v := range r.configs.variables(r.w.Namespace, from.ConfigMapRef.Name) {
			v.name = from.Prefix + v.name
			put(v)
		}
	}
	own := map[string]string{} // what `$(NAME)` may name: the variables above it
	for j := range c.Env {
		e := &c.Env[j]
		v := variable{name: e.Name, via: viaEnv, confidence: High, from: fact.Source{Object: r.w.Object, Path: at.Join("env", j, "value")}}
		switch {
		case e.ValueFrom == nil:
			v.value, v.known = expandVariables(e.Value, own), true
		case e.ValueFrom.ConfigMapKeyRef != nil:
			ref := e.ValueFrom.ConfigMapKeyRef
			v.value, v.from, v.known = r.configs.value(r.w.Namespace, ref.Name, ref.Key)
		}
		put(v)
		delete(own, v.name)
		if v.known {
			own[v.name] = v.value
		}
	}
	return vars
}

// hostVariable reads a variable whose value is a name and nothing else.
func (r *referenceReader) hostVariable(v *variable, host string, all map[string]string) {
	if whyHostNotCalled(host) != "" || whyNameNotCalled(v.name) != "" {
		return
	}
	m := mention{host: host, form: pairForm}
	if clusterName(host) {
		m.form = clusterForm
	}
	stem, kind := splitHostVariable(v.name)
	if kind == "" && m.form == pairForm {
		return
	}
	confidence := v.confidence
	m.port = portBeside(v.name, stem, all)
	switch {
	case m.port != 0 || m.form == clusterForm:
	case kind == "SERVICE_NAME" || kind == "SERVICE": // may as well be its own name, as in OTEL_SERVICE_NAME
		return
	case kind == "SERVER" || kind == "ENDPOINT" || kind == "BROKER": // may name a product
		confidence = Low
	default:
		confidence = min(confidence, Medium)
	}
	r.add(m, v.name, v.via, confidence, v.from)
}

// splitHostVariable splits the name of a variable that holds a host: DB_HOST is DB.
func splitHostVariable(name string) (stem, kind string) {
	upper := strings.ToUpper(strings.ReplaceAll(name, ".", "_"))
	for _, k := range []string{
		"SERVICE_NAME", "SERVICE_HOST", "SERVICE", "HOSTNAME", "HOST", "SERVER", "ENDPOINT", "ADDRESS", "ADDR", "BROKER",
	} {
		if stem, ok := strings.CutSuffix(upper, "_"+k); ok && stem != "" {
			return stem, k
		}
	}
	return "", ""
}

// portBeside finds the port that a second variable gives to a host.
func portBeside(name, stem string, all map[string]string) int {
	if stem == "" {
		return 0
	}
	sep := "_"
	if strings.Contains(name, ".") {
		sep = "."
	}
	for _, other := range []string{stem + sep + "SERVICE" + sep + "PORT", stem + sep + "PORT", strings.ToUpper(name) + sep + "PORT"} {
		for _, spelt := range []string{other, strings.ToLower(other)} {
			if _, port, ok := hostPort("x:" + strings.TrimSpace(all[spelt])); ok {
				return port
			}
		}
	}
	return 0
}

// expandVariables replaces $(NAME) as the kubelet does; an unknown name stays
// as it is, and $$ is a dollar sign.
// https://github.com/kubernetes/kubernetes/blob/master/third_party/forked/golang/expansion/expand.go
func expandVariables(text string, vars map[string]string) string {
	const longestName = 256
	if !strings.Contains(text, "$") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text) && b.Len() < mostText; i++ {
		rest := text[i:]
		switch {
		case strings.HasPrefix(rest, "$$"):
			b.WriteByte('$')
			i++
			continue
		case strings.HasPrefix(rest, "$("):
			name, _, closed := strings.Cut(rest[2:min(len(rest), longestName)], ")")
			if value, known := vars[name]; known && closed {
				b.WriteString(value)
				i += len("$()") + len(name) - 1
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
