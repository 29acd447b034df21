package inventory

import (
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/product"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// runtimePods are the namespaces in which pods appear that no manifest holds.
type runtimePods struct {
	everywhere bool
	in         map[string]bool
}

// findRuntimePods looks for whoever makes pods while it runs: an account of a
// workload that may, by the RBAC of the tree, and software that is known to.
func (s *Inventory) findRuntimePods() runtimePods {
	out := runtimePods{in: map[string]bool{}}
	spawners := product.NewSpawners()
	for _, o := range s.Objects {
		out.everywhere = out.everywhere || solvesChallenges(o.Object)
	}
	for _, w := range s.Workloads {
		if w.Implied || w.Object == nil {
			continue
		}
		labels := decode.TextMap(w.Object.Root.Get("metadata").Get("labels"))
		maps.Copy(labels, w.Labels)
		if spawners.Of(labels, w.processes()) != nil {
			for _, name := range s.spawnsInto(w) {
				out.in[name] = true
			}
		}
		if w.Owner != "" && !isWorkloadKind(w.Owner) && w.Owner != "Node" { // its owner is not in the tree and may make others
			out.in[w.Namespace] = true
		}
	}
	s.addGranted(&out)
	return out
}

// spawnsInto is the workload's own namespace, unless a configuration beside it
// names another.
func (s *Inventory) spawnsInto(w *Workload) []string {
	var out []string
	for _, o := range s.Objects {
		if o.APIVersion != "v1" || o.Kind != "ConfigMap" || o.Namespace != w.Namespace {
			continue
		}
		for _, text := range decode.TextMap(o.Root.Get("data")) {
			out = append(out, product.SpawnedInto(text)...)
		}
	}
	if len(out) == 0 {
		return []string{w.Namespace}
	}
	return out
}

// addGranted follows the bindings of the tree.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding
func (s *Inventory) addGranted(out *runtimePods) {
	roles := s.podMakingRoles()
	for _, o := range s.Objects {
		if o.Group() != rbacv1.GroupName || o.Kind != "RoleBinding" && o.Kind != "ClusterRoleBinding" {
			continue
		}
		var b rbacv1.RoleBinding // a ClusterRoleBinding has the same fields
		s.decodeNested(o.Root, &b)
		role := roleKey{name: b.RoleRef.Name}
		if b.RoleRef.Kind == "Role" {
			role.namespace, role.local = o.Namespace, true
		}
		if !roles[role] || !s.anyRunsAs(b.Subjects, o.Namespace) {
			continue
		}
		if o.Kind == "ClusterRoleBinding" {
			out.everywhere = true
		} else {
			out.in[o.Namespace] = true
		}
	}
}

type roleKey struct {
	namespace, name string
	local           bool // a Role
}

// podMakingRoles finds the roles that let somebody make pods, those that every
// cluster has among them.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
func (s *Inventory) podMakingRoles() map[roleKey]bool {
	out := map[roleKey]bool{{name: "cluster-admin"}: true, {name: "admin"}: true, {name: "edit"}: true}
	var aggregating []*decode.Decoded
	var making []LabelSet // labels of the ClusterRoles that do
	for _, o := range s.Objects {
		if o.Group() != rbacv1.GroupName || o.Kind != "Role" && o.Kind != "ClusterRole" {
			continue
		}
		var role rbacv1.ClusterRole // a Role has the same rules
		s.decodeNested(o.Root, &role)
		if role.AggregationRule != nil {
			aggregating = append(aggregating, o)
		}
		if !slices.ContainsFunc(role.Rules, s.makesPods) {
			continue
		}
		if o.Kind == "Role" {
			out[roleKey{o.Namespace, o.Name, true}] = true
			continue
		}
		out[roleKey{name: o.Name}] = true
		making = append(making, LabelSet{Known: role.Labels})
	}
	for _, o := range aggregating {
		if aggregates(o, making) {
			out[roleKey{name: o.Name}] = true
		}
	}
	return out
}

// aggregates reports a ClusterRole that takes in one of those with these labels.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
func aggregates(o *decode.Decoded, roles []LabelSet) bool {
	return slices.ContainsFunc(o.Root.Get("aggregationRule").Get("clusterRoleSelectors").List(), func(n *yaml.Node) bool {
		sel := SelectorAt(n)
		return slices.ContainsFunc(roles, func(l LabelSet) bool { return sel.Matches(l) != fact.No })
	})
}

// makesPods reports a rule that allows to create pods, or an object that a
// controller makes pods of. A rule for named objects does not let anybody
// create them.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
func (s *Inventory) makesPods(r rbacv1.PolicyRule) bool {
	if len(r.ResourceNames) > 0 || !slices.Contains(r.Verbs, "create") && !slices.Contains(r.Verbs, rbacv1.VerbAll) {
		return false
	}
	return slices.ContainsFunc(r.APIGroups, func(group string) bool {
		return slices.ContainsFunc(r.Resources, func(resource string) bool { return s.ownsPods(group, resource) })
	})
}

func (s *Inventory) ownsPods(group, resource string) bool {
	builtIn := func(names ...string) bool {
		return resource == rbacv1.ResourceAll || slices.Contains(names, resource)
	}
	switch group {
	case rbacv1.APIGroupAll:
		return builtIn("pods", "replicationcontrollers", "deployments", "statefulsets", "daemonsets", "replicasets", "jobs", "cronjobs")
	case "":
		return builtIn("pods", "replicationcontrollers")
	case "apps", "extensions":
		return builtIn("deployments", "statefulsets", "daemonsets", "replicasets")
	case "batch":
		return builtIn("jobs", "cronjobs")
	}
	return s.operators.OwnsPods(group, resource)
}

// anyRunsAs reports whether a workload of the tree runs as one of the subjects.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects
func (s *Inventory) anyRunsAs(subjects []rbacv1.Subject, binding string) bool {
	return slices.ContainsFunc(s.Workloads, func(w *Workload) bool {
		account, known := w.Account()
		return !w.Implied && known == fact.Yes && slices.ContainsFunc(subjects, func(subject rbacv1.Subject) bool {
			return speaksOf(&subject, binding, w.Namespace, account)
		})
	})
}

// speaksOf compares a subject with an account. What `helm template` prints has no
// namespace but for the subjects of bindings, so that the one which objects
// without a namespace go to may be any.
func speaksOf(subject *rbacv1.Subject, binding, namespace, account string) bool {
	switch subject.Kind {
	case rbacv1.ServiceAccountKind:
		home := subject.Namespace
		if home == "" {
			home = binding
		}
		return subject.Name == account && (home == namespace || OpenName(home) || OpenName(namespace))
	case rbacv1.UserKind:
		return subject.Name == "system:serviceaccount:"+namespace+":"+account
	case rbacv1.GroupKind:
		own, found := strings.CutPrefix(subject.Name, "system:serviceaccounts")
		return found && (own == "" || own == ":"+namespace) || subject.Name == "system:authenticated"
	}
	return false
}

// solvesChallenges reports an issuer whose pods for HTTP-01 challenges bear
// labels that it gives them itself. They live in the namespace of whatever
// asks for a certificate; the labels that all of them bear are known
// (madeAtRunTime).
// https://cert-manager.io/docs/configuration/acme/http01/#podtemplate
func solvesChallenges(o *source.Object) bool {
	if o.Group() != "cert-manager.io" || o.Kind != "Issuer" && o.Kind != "ClusterIssuer" {
		return false
	}
	return slices.ContainsFunc(o.Root.Get("spec").Get("acme").Get("solvers").List(), func(n *yaml.Node) bool {
		for _, way := range []string{"ingress", "gatewayHTTPRoute"} {
			if n.Get("http01").Get(way).Get("podTemplate").Get("metadata").Get("labels") != nil {
				return true
			}
		}
		return false
	})
}
