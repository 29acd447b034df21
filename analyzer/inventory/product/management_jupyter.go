package product

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// jupyterControls: who reaches a notebook server has a shell. A token is asked
// for unless it is set to nothing and no password stands in its place.
// https://jupyter-server.readthedocs.io/en/latest/operators/security.html
// The images of Kubeflow set both to nothing and leave the question to the mesh.
// https://github.com/kubeflow/kubeflow/blob/master/components/example-notebook-servers/jupyter/s6/services.d/jupyterlab/run
func jupyterControls(p *Process, kubeflow bool) []ManagementPort {
	const name, what = "jupyter", "the Jupyter server"
	v := jupyterCommand(p)
	if v == nil {
		auth := fact.Yes // the default of the images
		switch {
		case len(p.container.Command)+len(p.container.Args) > 0 || !jupyterImage(p, kubeflow):
			auth = fact.Unknown
		case kubeflow:
			auth = fact.No
		}
		return []ManagementPort{{8888, name, what, auth}}
	}
	port, ok := p.number(v, 8888, "--port", "--ServerApp.port", "--NotebookApp.port", "--LabApp.port")
	if !ok {
		return nil
	}
	// Jupyter itself listens on localhost; its images listen everywhere.
	host, given := v.flag("--ip", "--ServerApp.ip", "--NotebookApp.ip", "--LabApp.ip")
	if isLoopback(host) {
		return nil
	}
	auth := jupyterAuth(p, v)
	if auth == fact.No && !given && !jupyterImage(p, kubeflow) {
		auth = fact.Unknown
	}
	return []ManagementPort{{port, name, what, auth}}
}

func jupyterCommand(p *Process) Invocation {
	for _, v := range p.Commands {
		if strings.HasPrefix(v[0], "jupyter") || v[0] == "start-notebook.sh" || v[0] == "start-notebook.py" {
			return v
		}
	}
	return nil
}

// jupyterImage reports whether the image is one of those whose defaults are known.
func jupyterImage(p *Process, kubeflow bool) bool {
	parts := p.image.path
	if len(parts) < 2 {
		return false
	}
	if kubeflow {
		return slices.ContainsFunc(parts, func(s string) bool { return s == "notebook-servers" || s == "kubeflownotebookswg" })
	}
	return parts[len(parts)-2] == "jupyter" && strings.HasSuffix(parts[len(parts)-1], "-notebook")
}

func jupyterAuth(p *Process, v Invocation) fact.Tri {
	token, tokenGiven := v.flag("--ServerApp.token", "--NotebookApp.token", "--LabApp.token", "--IdentityProvider.token")
	password, passwordGiven := v.flag("--ServerApp.password", "--NotebookApp.password", "--LabApp.password", "--PasswordIdentityProvider.hashed_password")
	configured := slices.ContainsFunc(v, func(word string) bool {
		return strings.HasPrefix(word, "--config") || strings.Contains(word, "identity_provider_class") || strings.Contains(word, "_handler_class")
	})
	_, variable := p.env("JUPYTER_TOKEN")
	switch secret := unquoted(token) + unquoted(password); {
	case decode.IsPlaceholder(secret):
		return fact.Unknown
	case secret != "":
		return fact.Yes
	case configured:
		return fact.Unknown
	case !tokenGiven:
		return fact.Yes // its own token, or that of the variable, unless the image says otherwise
	case variable == fact.Unknown && !passwordGiven:
		return fact.Unknown
	case passwordGiven || jupyterImage(p, false) && !slices.ContainsFunc(p.container.VolumeMounts, holdsJupyterConfig):
		return fact.No
	}
	return fact.Unknown
}

// unquoted drops the quotes that traitlets drops from a string.
// https://github.com/ipython/traitlets/blob/main/traitlets/traitlets.py (Unicode.from_string)
func unquoted(s string) string {
	for _, q := range []string{`"`, `'`} {
		if len(s) > 1 && strings.HasPrefix(s, q) && strings.HasSuffix(s, q) {
			return s[1 : len(s)-1]
		}
	}
	return s
}

// holdsJupyterConfig reports whether a volume may bring a configuration, which
// lies below the home, /etc/jupyter or the environment's etc/jupyter.
// https://docs.jupyter.org/en/latest/use/jupyter-directories.html#configuration-files
func holdsJupyterConfig(m corev1.VolumeMount) bool {
	at := strings.TrimSuffix(m.MountPath, "/")
	return strings.Contains(at, "jupyter") || slices.ContainsFunc([]string{"/home/jovyan/.jupyter", "/etc/jupyter", "/opt/conda/etc/jupyter"}, func(dir string) bool {
		_, ok := strings.CutPrefix(dir, at)
		return ok
	})
}
