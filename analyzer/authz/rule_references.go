package authz

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/analyzer/mesh"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// references lists the values of a rule that match no caller, or too many.
func (ps *Policies) references(r *rule) []fact.AuthzReferenceFacts {
	out := []fact.AuthzReferenceFacts{}
	for i := range r.every {
		c := &r.every[i]
		for j, v := range c.Values {
			out = ps.reference(out, r, c, v, c.Values, c.Path.Join(j), false)
		}
		for j, v := range c.Not {
			out = ps.reference(out, r, c, v, c.Not, c.NotPath.Join(j), true)
		}
	}
	return out
}

func (ps *Policies) reference(out []fact.AuthzReferenceFacts, r *rule, c *decode.Condition, v string, among []string, at yaml.Path, negative bool) []fact.AuthzReferenceFacts {
	f := fact.AuthzReferenceFacts{Negative: negative, Evidence: fact.Evidence{
		From: fact.Source{Object: r.policy.Object, Path: at}, Names: map[string]string{"value": decode.Quote(v), "field": "`" + lastKey(at) + "`"},
	}}
	if decode.IsPlaceholder(v) {
		return out
	}
	switch c.Attr {
	case decode.ByPrincipal, decode.ByServiceAccount:
		ps.accountReference(&f, r, c, v)
	case decode.ByPort:
		ps.portReference(&f, r, v)
	case decode.ByHost, decode.ByMethod, decode.ByPath:
		if literalWildcard(v) && !isTemplate(v) && !slices.ContainsFunc(among, func(o string) bool { return o != v && covers(o, v) }) {
			f.Problem = "literal-wildcard"
		}
	case decode.ByNamespace, decode.ByTrustDomain, decode.ByAddress, decode.ByRemoteAddress, decode.ByRequestPrincipal, decode.ByClaim, decode.ByHeader, decode.ByOther:
	}
	if f.Problem == "" {
		return out
	}
	return append(out, f)
}

// literalWildcard recognises a `*` that Istio takes literally: only the first or
// the last character is a wildcard.
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

// accountReference checks a principal or service account. That no workload has
// it is reported only in a complete namespace, and only of a whole name.
func (ps *Policies) accountReference(f *fact.AuthzReferenceFacts, r *rule, c *decode.Condition, v string) {
	switch {
	case strings.HasPrefix(v, "spiffe://"):
		f.Problem = "spiffe-prefix"
		f.Names["suggestion"] = decode.Quote(strings.TrimPrefix(v, "spiffe://"))
		return
	case c.Attr == decode.ByPrincipal && literalWildcard(v):
		f.Problem = "literal-wildcard"
		return
	case strings.Contains(v, "*"):
		return
	}
	ns, account, ok := ps.accountOf(c, v)
	if !ok {
		return
	}
	f.Names["account"] = "`" + ns + "/" + account + "`"
	allows := r.policy.action() == actionAllow && !f.Negative
	users := ps.accounts[ns+"/"+account]
	switch {
	case allows && account == "default":
		f.Problem = "default-account"
	case allows && len(users.apps) > 1:
		f.Problem = "shared-account"
		f.Names["apps"] = fact.JoinSorted(users.apps)
	case !users.declared && ps.accountsComplete(ns):
		ps.suggestAccount(f, ns, account)
		if f.Suggestion || ns == r.policy.Namespace || !ps.inventory.Namespaces[ns].MayHostPlatformTools() {
			f.Problem = "no-account"
		}
	}
}

// accountOf returns the namespace and account that a whole principal of the
// mesh's own trust domain, or a service account, names.
func (ps *Policies) accountOf(c *decode.Condition, v string) (ns, account string, ok bool) {
	domains, _ := ps.mesh.TrustDomains()
	parts := strings.Split(v, "/")
	switch {
	case c.Attr == decode.ByServiceAccount && len(parts) == 1:
		return c.Namespace, v, true
	case c.Attr == decode.ByServiceAccount && len(parts) == 2:
		return parts[0], parts[1], true
	case c.Attr == decode.ByPrincipal && len(parts) == 5 && parts[1] == "ns" && parts[3] == "sa" &&
		(parts[0] == defaultTrustDomain || slices.Contains(domains, parts[0])):
		return parts[2], parts[4], true
	}
	return "", "", false
}

func (ps *Policies) accountsComplete(name string) bool {
	ns := ps.inventory.Namespaces[name]
	return ns != nil && ns.Complete == fact.Yes && !ps.nonPodWorkloads[name] && name != "" && name != "default" && !ps.inventory.Gaps.Unread(name, "ServiceAccount")
}

// suggestAccount finds the account of the namespace that was most likely meant.
func (ps *Policies) suggestAccount(f *fact.AuthzReferenceFacts, ns, account string) {
	var known []string
	for key := range ps.accounts {
		if name, ok := strings.CutPrefix(key, ns+"/"); ok {
			known = append(known, name)
		}
	}
	slices.Sort(known)
	near := fact.Nearest(account, known)
	if i := slices.IndexFunc(known, func(k string) bool { return inventory.Contains(k, account) }); near == "" && i >= 0 {
		near = known[i]
	}
	if near != "" {
		f.Suggestion = true
		f.Names["suggestion"] = "`" + near + "`"
	}
}

// accountUse is a service account and the applications that run as it.
type accountUse struct {
	declared bool // the account is in the tree, or a workload runs as it
	apps     map[string]bool
}

// readAccounts finds the ServiceAccounts of the set and the applications that
// run as them. Versions of one application are one; a job is a part of what
// starts it and does not count as another.
func (ps *Policies) readAccounts() map[string]accountUse {
	out := map[string]accountUse{}
	for _, o := range ps.inventory.Objects {
		if o.Kind == "ServiceAccount" && o.APIVersion == "v1" {
			out[o.Namespace+"/"+o.Name] = accountUse{declared: true, apps: map[string]bool{}}
		}
	}
	for _, w := range ps.inventory.Workloads {
		if w.Pod == nil {
			continue
		}
		account := w.Pod.ServiceAccountName
		if account == "" {
			account = "default"
		}
		key := w.Namespace + "/" + account
		use := out[key]
		if use.apps == nil {
			use.apps = map[string]bool{}
		}
		if use.declared = true; w.Kind != "Job" && w.Kind != "CronJob" {
			use.apps["`"+app(w)+"`"] = true
		}
		out[key] = use
	}
	return out
}

// app names the application that a workload is a version or part of.
func app(w *inventory.Workload) string {
	for _, key := range []string{"app.kubernetes.io/part-of", "app.kubernetes.io/instance", "app.kubernetes.io/name", "app", "k8s-app"} {
		if v := w.Labels[key]; v != "" {
			return v
		}
	}
	return w.Name
}

// portReference recognises the number of a Service port where the port of the
// pod is compared.
func (ps *Policies) portReference(f *fact.AuthzReferenceFacts, r *rule, v string) {
	number, err := strconv.Atoi(v)
	if err != nil || number == 0 || len(r.policy.possiblySelected) > 0 {
		return
	}
	for _, w := range ps.inForceOn(r.policy) {
		if w.Implied || w.Gateway || w.PortNumbered(number, "TCP") != nil {
			f.Problem = ""
			return
		}
		if meant, ok := mesh.ServicePort(w, number); ok {
			f.Problem = "service-port"
			f.Names["target"], f.Names["service"] = meant.Target, meant.Service
			f.Workloads = append(f.Workloads, w.Ref())
		}
	}
}
