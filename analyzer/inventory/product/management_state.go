package product

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// StateControls finds etcd and NATS beside a platform that keeps its state
// there. Anywhere else they are not known to belong to an AI workload.
func StateControls(processes []Process) []ManagementPort {
	var out []ManagementPort
	for i := range processes {
		p := &processes[i]
		if len(p.image.path) == 0 {
			continue
		}
		switch p.image.path[len(p.image.path)-1] {
		case "etcd":
			if !etcdLoopback(p) {
				out = append(out, ManagementPort{2379, "etcd", "etcd", etcdAuth(p)})
			}
		case "nats", "nats-server":
			out = append(out, ManagementPort{4222, "nats", "NATS", natsAuth(p)})
		}
	}
	return out
}

func etcdLoopback(p *Process) bool {
	urls, _ := p.runs("etcd").flag("--listen-client-urls", "-listen-client-urls")
	if urls == "" {
		return false
	}
	return !slices.ContainsFunc(strings.Split(urls, ","), func(u string) bool {
		_, host, _ := strings.Cut(u, "://")
		host, _, _ = strings.Cut(host, ":")
		return !isLoopback(host)
	})
}

// etcdAuth: users are made at run time, where no manifest tells of them, except
// by Bitnami's image, which makes root or is told not to.
// https://etcd.io/docs/v3.5/op-guide/authentication/rbac/
// https://github.com/bitnami/containers/blob/main/bitnami/etcd/README.md
func etcdAuth(p *Process) fact.Tri {
	certificates, given := p.runs("etcd").flag("--client-cert-auth", "-client-cert-auth")
	variable, _ := p.env("ETCD_CLIENT_CERT_AUTH")
	_, password := p.env("ETCD_ROOT_PASSWORD")
	none, _ := p.env("ALLOW_NONE_AUTHENTICATION")
	switch {
	case given && certificates != "false", variable == "true", password == fact.Yes:
		return fact.Yes
	case slices.Contains(p.image.path, "bitnami") && none == "yes" && password == fact.No:
		return fact.No
	}
	return fact.Unknown
}

// natsAuth: without a configuration file, flags alone ask for credentials.
// https://docs.nats.io/nats-server/flags
func natsAuth(p *Process) fact.Tri {
	v := natsFlags(p)
	has := func(names ...string) bool {
		return slices.ContainsFunc(v, func(word string) bool {
			name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
			return strings.HasPrefix(word, "-") && slices.Contains(names, name)
		})
	}
	switch {
	case has("user", "pass", "auth", "tlsverify"):
		return fact.Yes
	case len(v) == 0 || has("c", "config"):
		return fact.Unknown
	}
	return fact.No
}

// natsFlags are the server's own arguments, with or without its name.
func natsFlags(p *Process) Invocation {
	if v := p.runs("nats-server"); v != nil {
		return v[1:]
	}
	if len(p.container.Command) == 0 {
		return p.container.Args
	}
	return nil
}
