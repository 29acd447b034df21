package inventory

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// MayHold reports whether the pod may bear a label of which nothing is known:
// its labels are not all told, or a controller sets that one.
func (l LabelSet) MayHold(key string) bool {
	switch set := ControllerSet(key); {
	case slices.Contains(l.may, key):
		return true
	case set && slices.Contains(l.told, labelDomain(key)): // nobody writes another operator's labels
		return false
	default:
		return l.Open || set
	}
}

// labelDomain is the part of a key before its slash, or the key itself.
func labelDomain(key string) string {
	domain, _, _ := strings.Cut(key, "/")
	return domain
}

// tellLabels settles what pods that an operator does not make say of that
// operator's labels. Where its objects are in the tree, a pod that bears none
// of its labels is none of its pods; anywhere else the objects may be made at
// run time, and nobody knows.
func (s *Inventory) tellLabels() {
	domains := map[*Namespace]map[string]bool{}
	for _, w := range s.Workloads {
		w.Ns.OperatorAddsPolicies = w.Ns.OperatorAddsPolicies || w.OperatorAddsPolicies()
		if w.Operated != nil && w.Operated.Kind.Domain != "" {
			if domains[w.Ns] == nil {
				domains[w.Ns] = map[string]bool{}
			}
			domains[w.Ns][w.Operated.Kind.Domain] = true
		}
	}
	if len(domains) == 0 {
		return
	}
	told := map[*Namespace][]string{}
	for ns, found := range domains {
		told[ns] = fact.SortedKeys(found)
		ns.operators = told[ns]
	}
	for _, w := range s.Workloads {
		w.LabelSet.told = told[w.Ns]
		if w.Operated != nil && w.Operated.Kind.Domain != "" {
			w.LabelSet.told = without(told[w.Ns], w.Operated.Kind.Domain)
		}
	}
}

func without(list []string, drop string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == drop })
}

// MadeLater reports whether a selector that finds none of the tree's pods asks
// for labels of an operator. Pods that bear them may well be made at run time:
// such a selector is wrong for certain only when it is seen what was meant.
func (ns *Namespace) MadeLater(sel Selector) bool {
	if slices.ContainsFunc(sel.Reqs, func(r labels.Requirement) bool { return madeAtRunTime(r.Key()) }) {
		return true
	}
	return (ns.spawns || slices.ContainsFunc(sel.Reqs, func(r labels.Requirement) bool { return slices.Contains(ns.operators, labelDomain(r.Key())) })) &&
		ns.Index.Suggest(sel) == ""
}

// madeAtRunTime recognises labels of pods that a controller makes of its own
// accord, and that no manifest holds. Unlike ControllerSet no pod of a
// template gets them.
func madeAtRunTime(key string) bool {
	switch key {
	case "spark-app-selector", "spark-exec-id", "spark-role": // https://spark.apache.org/docs/latest/running-on-kubernetes.html#labels
		return true
	case "dag_id", "task_id", "airflow-worker", "kubernetes_executor": // https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/kubernetes_executor.html
		return true
	case "hub.jupyter.org/username", "hub.jupyter.org/servername": // https://github.com/jupyterhub/kubespawner/blob/main/kubespawner/spawner.py (_build_pod_labels)
		return true
	}
	switch labelDomain(key) {
	case "acme.cert-manager.io", // https://github.com/cert-manager/cert-manager/blob/master/pkg/issuer/acme/http/pod.go (podLabels)
		"workflows.argoproj.io", // https://argo-workflows.readthedocs.io/en/latest/fields/
		"gateway.dask.org":      // https://github.com/dask/dask-gateway/blob/main/dask-gateway-server/dask_gateway_server/backends/kubernetes/controller.py
		return strings.Contains(key, "/")
	}
	return false
}
