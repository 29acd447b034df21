package analyzer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// authzReferences lists the values of a rule that name nobody, or too many.
func (s *setModel) authzReferences(r *authzRule) []AuthzReferenceFacts {
	out := []AuthzReferenceFacts{}
	for i := range r.every {
		c := &r.every[i]
		for j, v := range c.values {
			out = s.reference(out, r, c, v, c.values, c.path.Join(j), false)
		}
		for j, v := range c.not {
			out = s.reference(out, r, c, v, c.not, c.notPath.Join(j), true)
		}
	}
	return out
}

func (s *setModel) reference(out []AuthzReferenceFacts, r *authzRule, c *condition, v string, among []string, at yaml.Path, negative bool) []AuthzReferenceFacts {
	f := AuthzReferenceFacts{Negative: negative, Evidence: Evidence{
		From: Source{Object: r.policy.Object, Path: at}, Names: map[string]string{"value": quote(v), "field": "`" + lastKey(at) + "`"},
	}}
	if isPlaceholder(v) {
		return out
	}
	switch c.attr {
	case byPrincipal, byServiceAccount:
		s.accountReference(&f, r, c, v)
	case byPort:
		s.portReference(&f, r, v)
	case byHost, byMethod, byPath:
		if literalWildcard(v) && !isTemplate(v) && !slices.ContainsFunc(among, func(o string) bool { return o != v && covers(o, v) }) {
			f.Problem = "literal-wildcard"
		}
	case byNamespace, byTrustDomain, byAddress, byRemoteAddress, byRequestPrincipal, byClaim, byHeader, byOther:
	}
	if f.Problem == "" {
		return out
	}
	return append(out, f)
}

// literalWildcard recognises a `*` that is none: only one, first or last, is.
func literalWildcard(v string) bool {
	if v == "*" {
		return false
	}
	inner := strings.TrimSuffix(v, "*")
	if strings.HasPrefix(v, "*") {
		inner = v[1:]
	}
	return strings.Contains(inner, "*")
}

// accountReference judges a principal or service account. Whether anybody has
// it is said in a closed namespace only, and only of a whole name.
func (s *setModel) accountReference(f *AuthzReferenceFacts, r *authzRule, c *condition, v string) {
	switch {
	case strings.HasPrefix(v, "spiffe://"):
		f.Problem = "spiffe-prefix"
		f.Names["suggestion"] = quote(strings.TrimPrefix(v, "spiffe://"))
		return
	case c.attr == byPrincipal && literalWildcard(v):
		f.Problem = "literal-wildcard"
		return
	case strings.Contains(v, "*"):
		return
	}
	ns, account, ok := s.accountOf(c, v)
	if !ok {
		return
	}
	f.Names["account"] = "`" + ns + "/" + account + "`"
	allows := r.policy.action() == "ALLOW" && !f.Negative
	users := s.accounts()[ns+"/"+account]
	switch {
	case allows && account == "default":
		f.Problem = "default-account"
	case allows && len(users.apps) > 1:
		f.Problem = "shared-account"
		f.Names["apps"] = joinSorted(users.apps)
	case !users.declared && s.closedNamespace(ns):
		s.suggestAccount(f, ns, account)
		if f.Suggestion || ns == r.policy.Namespace || !s.namespaces[ns].hostsTools() {
			f.Problem = "no-account"
		}
	}
}

// accountOf takes a whole principal of the mesh's own trust domain apart, or a
// service account.
func (s *setModel) accountOf(c *condition, v string) (ns, account string, ok bool) {
	domains, _ := s.trustDomains()
	parts := strings.Split(v, "/")
	switch {
	case c.attr == byServiceAccount && len(parts) == 1:
		return c.home, v, true
	case c.attr == byServiceAccount && len(parts) == 2:
		return parts[0], parts[1], true
	case c.attr == byPrincipal && len(parts) == 5 && parts[1] == "ns" && parts[3] == "sa" &&
		(parts[0] == defaultTrustDomain || slices.Contains(domains, parts[0])):
		return parts[2], parts[4], true
	}
	return "", "", false
}

func (s *setModel) closedNamespace(name string) bool {
	ns := s.namespaces[name]
	return ns != nil && ns.closed == Yes && !s.authz.machines[name] && name != "" && name != "default" && !s.gaps.unread(name, "ServiceAccount")
}

// suggestAccount finds the account of the namespace that was most likely meant.
func (s *setModel) suggestAccount(f *AuthzReferenceFacts, ns, account string) {
	var known []string
	for key := range s.accounts() {
		if name, ok := strings.CutPrefix(key, ns+"/"); ok {
			known = append(known, name)
		}
	}
	slices.Sort(known)
	near := nearest(account, known)
	if i := slices.IndexFunc(known, func(k string) bool { return contains(k, account) }); near == "" && i >= 0 {
		near = known[i]
	}
	if near != "" {
		f.Suggestion = true
		f.Names["suggestion"] = "`" + near + "`"
	}
}

// accountUse is who runs as a service account.
type accountUse struct {
	declared bool // or somebody runs as it
	apps     map[string]bool
}

// readAccounts finds the ServiceAccounts of the set and the applications that
// run as them. Versions of one application are one; a job is a part of what
// starts it and does not count as another.
func (s *setModel) readAccounts() map[string]accountUse {
	out := map[string]accountUse{}
	for _, o := range s.objects {
		if o.Kind == "ServiceAccount" && o.APIVersion == "v1" {
			out[o.Namespace+"/"+o.Name] = accountUse{declared: true, apps: map[string]bool{}}
		}
	}
	for _, w := range s.workloads {
		if w.pod == nil {
			continue
		}
		account := w.pod.ServiceAccountName
		if account == "" {
			account = "default"
		}
		key := w.Namespace + "/" + account
		use := out[key]
		if use.apps == nil {
			use.apps = map[string]bool{}
		}
		if use.declared = true; w.Kind != "Job" && w.Kind != "CronJob" {
			use.apps["`"+w.app()+"`"] = true
		}
		out[key] = use
	}
	return out
}

// app names the application that a workload is a version or part of.
func (w *Workload) app() string {
	for _, key := range []string{"app.kubernetes.io/part-of", "app.kubernetes.io/instance", "app.kubernetes.io/name", "app", "k8s-app"} {
		if v := w.Labels[key]; v != "" {
			return v
		}
	}
	return w.Name
}

// portReference recognises the number of a Service port where the port of the
// pod is compared.
func (s *setModel) portReference(f *AuthzReferenceFacts, r *authzRule, v string) {
	number, err := strconv.Atoi(v)
	if err != nil || number == 0 || len(r.policy.maybe) > 0 {
		return
	}
	for _, w := range s.inForceOn(r.policy) {
		if w.implied || w.Facts.Gateway || w.portNumbered(number, "TCP") != nil {
			f.Problem = ""
			return
		}
		probe := PortExceptionFacts{Number: number, Evidence: Evidence{Names: map[string]string{}}}
		if s.servicePortMeant(w, &probe); probe.Port == "service" {
			f.Problem = "service-port"
			f.Names["target"], f.Names["service"] = probe.Names["target"], probe.Names["service"]
			f.Workloads = append(f.Workloads, w.ref())
		}
	}
}
