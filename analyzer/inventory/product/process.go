package product

import (
	"net"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// Process is one container that goes on running, as far as products matter.
type Process struct {
	container *corev1.Container
	image     imageRef
	Commands  []Invocation
}

// NewProcess reads the image and the command line of a container.
func NewProcess(c *corev1.Container) Process { return Process{c, parseImage(c.Image), Invocations(c)} }

// runs returns the command that starts with these words, nil if none does.
func (p *Process) runs(words ...string) Invocation {
	for _, v := range p.Commands {
		if (Mark{Words: words}).Matches(v) {
			return v
		}
	}
	return nil
}

// env returns the value of a variable as far as the manifest tells: given is
// unknown when it comes from elsewhere, may come from a ConfigMap or Secret
// that sets whatever it holds, or is set by the script itself.
func (p *Process) env(name string) (value string, given fact.Tri) {
	given = fact.No
	if len(p.container.EnvFrom) > 0 || p.mentions(name) {
		given = fact.Unknown
	}
	for i := range p.container.Env {
		switch e := &p.container.Env[i]; {
		case e.Name != name:
		case e.ValueFrom != nil || decode.IsPlaceholder(e.Value):
			value, given = "", fact.Unknown
		default:
			value, given = e.Value, fact.Yes
		}
	}
	return value, given
}

// mentions reports whether a command sets the variable itself.
func (p *Process) mentions(name string) bool {
	return slices.ContainsFunc(p.Commands, func(v Invocation) bool {
		return slices.ContainsFunc(v, func(word string) bool { return strings.HasPrefix(word, name+"=") })
	})
}

// number reads the port that an option gives, or the default. ok is false when
// nobody can tell.
func (p *Process) number(v Invocation, fallback int, names ...string) (number int, ok bool) {
	text, given := v.flag(names...)
	if !given {
		return fallback, true
	}
	return p.port(text)
}

// port reads a number, also where it is the value of a variable.
func (p *Process) port(text string) (number int, ok bool) {
	if name, is := variableIn(text); is {
		value, given := p.env(name)
		if given != fact.Yes {
			return 0, false
		}
		text = value
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n > 0
}

// variableIn returns the name in `$(NAME)`, `${NAME}` and `$NAME`.
func variableIn(text string) (string, bool) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return "", false
	}
	for _, pair := range []string{"()", "{}"} {
		if strings.HasPrefix(rest, pair[:1]) && strings.HasSuffix(rest, pair[1:]) {
			rest = rest[1 : len(rest)-1]
		}
	}
	return rest, isAssignment(rest + "=")
}

// isLoopback recognises the addresses on which only the pod itself is heard.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}
