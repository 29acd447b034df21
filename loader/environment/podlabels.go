package environment

import (
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// selection is whom a Service or policy is for, as far as its equalities say.
type selection struct {
	namespace string
	labels    map[string]string
	every     bool // it selects every pod, or says nothing of labels
}

// podSet is the pods of one workload.
type podSet struct {
	namespace string
	labels    map[string]string
}

func podsOf(o *source.Object) (podSet, bool) {
	labels, ok := podLabels(o)
	return podSet{o.Namespace, labels}, ok
}

// podLabels returns the labels of the pods that a workload makes.
func podLabels(o *source.Object) (labels map[string]string, ok bool) {
	spec := o.Root.Get("spec")
	meta := spec.Get("template").Get("metadata")
	switch o.Kind {
	case "Pod":
		meta = o.Root.Get("metadata")
	case "CronJob":
		meta = spec.Get("jobTemplate").Get("spec").Get("template").Get("metadata")
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job":
	default:
		return nil, false
	}
	return textMap(meta.Get("labels")), true
}

func textMap(n *yaml.Node) map[string]string {
	out := make(map[string]string)
	if n == nil {
		return out
	}
	for i := range n.Fields {
		out[n.Fields[i].Key.Text] = n.Fields[i].Value.ScalarText()
	}
	return out
}

// selectionsOf returns whom an object is for, and of a NetworkPolicy also the
// pods of the same namespace that it names as peers.
func selectionsOf(o *source.Object) []selection {
	out := selectorsOf(o)
	for i := range out {
		out[i].namespace = o.Namespace
	}
	return out
}

func selectorsOf(o *source.Object) []selection {
	spec := o.Root.Get("spec")
	switch {
	case o.Kind == "NetworkPolicy":
		own := labelsOf(spec.Get("podSelector").Get("matchLabels"))
		return append([]selection{own}, peersOf(spec)...)
	case o.Kind == "Service" && o.Group() == "":
		if spec.Get("selector") == nil {
			return nil
		}
		return []selection{labelsOf(spec.Get("selector"))}
	case isIstio(o):
		if workloads := spec.Get("workloadSelector").Get("labels"); workloads != nil {
			return []selection{labelsOf(workloads)}
		}
		return []selection{labelsOf(spec.Get("selector").Get("matchLabels"))}
	}
	return nil
}

// peersOf returns the pods of its own namespace that a NetworkPolicy names.
func peersOf(spec *yaml.Node) []selection {
	var peers []*yaml.Node
	for _, rule := range spec.Get("ingress").List() {
		peers = append(peers, rule.Get("from").List()...)
	}
	for _, rule := range spec.Get("egress").List() {
		peers = append(peers, rule.Get("to").List()...)
	}
	var out []selection
	for _, peer := range peers {
		if labels := peer.Get("podSelector").Get("matchLabels"); labels != nil && peer.Get("namespaceSelector") == nil {
			out = append(out, labelsOf(labels))
		}
	}
	return out
}

func labelsOf(n *yaml.Node) selection {
	labels := textMap(n)
	return selection{labels: labels, every: len(labels) == 0}
}

func isIstio(o *source.Object) bool {
	switch o.Group() {
	case "security.istio.io", "networking.istio.io", "telemetry.istio.io":
		return true
	}
	return false
}

// finds reports that a selection may find pods of a workload.
func (s *selection) finds(p podSet) bool {
	for key, value := range s.labels {
		if p.labels[key] != value {
			return false
		}
	}
	return s.namespace == p.namespace
}
