package inventory

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/operator"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/product"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Workload is a group of equal pods: a controller with its template, a bare
// pod, or (implied) the pods that a Service or policy selects and that are not
// in the tree.
type Workload struct {
	ID          string // namespace/name[Kind]
	Namespace   string
	Name        string
	Kind        string
	Labels      map[string]string
	Annotations map[string]string

	Ns       *Namespace
	Object   *source.Object
	template yaml.Path // leads to the pod template; empty for a Pod
	Pod      *corev1.PodSpec
	Implied  bool
	Owner    string // kind of a controller that the tree does not hold
	LabelSet LabelSet
	Ports    []*Port
	Services []*Service
	Product  *product.Product   // what it runs
	Operated *operator.Operated // of pods that an operator makes
	Gateway  bool               // pods of a mesh or ingress gateway
	Platform bool               // Istio's or Kubernetes' own control plane
}

// Port is one port of a workload.
type Port struct {
	Number     int
	Name       string
	Protocol   string
	Declared   bool
	Unnamed    bool // stands for every port that nothing names
	From       fact.Source
	Services   []string
	Entry      map[string]bool
	Webhook    fact.Source          // the reference by which the API server calls it
	Purpose    fact.Purpose         // see PortFacts
	Management fact.ManagementFacts // see PortFacts
}

// readWorkloads finds every pod template. Objects that a controller of the
// tree owns (an export of a cluster holds Deployment, ReplicaSet and Pod) are
// their owner's.
func (s *Inventory) readWorkloads() {
	own := s.readOwners()
	for _, o := range s.Objects {
		meta, spec, template := podTemplate(o.Typed)
		if spec == nil {
			s.readCustom(o, own)
			continue
		}
		if own.ownedInTree(o) {
			continue
		}
		w := &Workload{
			Namespace: o.Namespace, Name: o.Name, Kind: o.Kind,
			Labels: maps.Clone(meta.Labels), Annotations: meta.Annotations,
			Ns: s.Namespace(o.Namespace), Object: o.Object, template: template, Pod: spec,
		}
		if w.Labels == nil {
			w.Labels = map[string]string{}
		}
		if o.Kind == "Job" && o.Name != "" { // https://kubernetes.io/docs/reference/labels-annotations-taints/#batchkubernetesio-job-name
			w.Labels["job-name"], w.Labels["batch.kubernetes.io/job-name"] = o.Name, o.Name
		}
		if ref := metav1.GetControllerOfNoCopy(&o.Meta); ref != nil {
			w.Owner = ref.Kind
		}
		w.LabelSet = LabelSet{Known: w.Labels, may: labelsItself(o)}
		w.readPorts()
		s.addWorkload(w)
		w.Ns.addPodDir(o.Object)
		if w.Ns.Anchor.Object == nil {
			w.Ns.Anchor = fact.Source{Object: o.Object, Path: yaml.Path{"metadata", "name"}}
		}
	}
	s.tellLabels()
}

func (s *Inventory) addWorkload(w *Workload) {
	w.ID = fact.Display(w.Namespace) + "/" + w.Name + "[" + w.Kind + "]"
	s.Workloads = append(s.Workloads, w)
	w.Ns.Index.Add(w)
}

// podTemplate returns the pod metadata, the pod spec and the way to them.
func podTemplate(typed any) (metav1.ObjectMeta, *corev1.PodSpec, yaml.Path) {
	of := func(t *corev1.PodTemplateSpec) (metav1.ObjectMeta, *corev1.PodSpec, yaml.Path) {
		return t.ObjectMeta, &t.Spec, yaml.Path{"spec", "template"}
	}
	switch t := typed.(type) {
	case *corev1.Pod:
		return t.ObjectMeta, &t.Spec, nil
	case *appsv1.Deployment:
		return of(&t.Spec.Template)
	case *appsv1.StatefulSet:
		return of(&t.Spec.Template)
	case *appsv1.DaemonSet:
		return of(&t.Spec.Template)
	case *appsv1.ReplicaSet:
		return of(&t.Spec.Template)
	case *batchv1.Job:
		return of(&t.Spec.Template)
	case *corev1.ReplicationController:
		if t.Spec.Template != nil {
			return of(t.Spec.Template)
		}
	case *batchv1.CronJob:
		tpl := &t.Spec.JobTemplate.Spec.Template
		return tpl.ObjectMeta, &tpl.Spec, yaml.Path{"spec", "jobTemplate", "spec", "template"}
	}
	return metav1.ObjectMeta{}, nil, nil
}

// readPorts lists the declared container ports. Init containers count only
// when they go on running beside the pod (restartPolicy Always).
// https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
func (w *Workload) readPorts() {
	read := func(list string, i int, c *corev1.Container) {
		for j, p := range c.Ports {
			w.Ports = append(w.Ports, &Port{
				Number: int(p.ContainerPort), Name: p.Name, Protocol: decode.OrTCP(p.Protocol), Declared: true,
				From: fact.Source{Object: w.Object, Path: w.PodPath("spec", list, i, "ports", j, "containerPort")},
			})
		}
	}
	for i := range w.Pod.Containers {
		read("containers", i, &w.Pod.Containers[i])
	}
	for i := range w.Pod.InitContainers {
		if r := w.Pod.InitContainers[i].RestartPolicy; r != nil && *r == corev1.ContainerRestartPolicyAlways {
			read("initContainers", i, &w.Pod.InitContainers[i])
		}
	}
	w.dedupePorts()
}

func (w *Workload) dedupePorts() {
	seen := map[string]bool{}
	w.Ports = slices.DeleteFunc(w.Ports, func(p *Port) bool {
		key := strconv.Itoa(p.Number) + "/" + p.Protocol
		if seen[key] && p.Name == "" {
			return true
		}
		seen[key] = true
		return p.Number == 0
	})
}

// PortNumbered returns the workload's port of that number, nil if it has none.
func (w *Workload) PortNumbered(number int, protocol string) *Port {
	for _, p := range w.Ports {
		if p.Number == number && p.Protocol == protocol {
			return p
		}
	}
	return nil
}

// PortNamed resolves a name as the endpoints controller does: name and
// protocol must both agree.
// https://github.com/kubernetes/kubernetes/blob/master/pkg/api/v1/pod/util.go (FindPort)
func (w *Workload) PortNamed(name, protocol string) *Port {
	for _, p := range w.Ports {
		if p.Name == name && p.Protocol == protocol {
			return p
		}
	}
	return nil
}

// HostNetwork reports pods that use the network of their node.
func (w *Workload) HostNetwork() bool { return w.Pod != nil && w.Pod.HostNetwork }

// Source is a field of the object that defines the workload.
func (w *Workload) Source(steps ...any) fact.Source {
	return fact.Source{Object: w.Object, Path: yaml.Path(steps)}
}

// PodSource is a field of the pods, given as the steps that lead there in a pod
// template of Kubernetes.
func (w *Workload) PodSource(steps ...any) fact.Source {
	return fact.Source{Object: w.Object, Path: w.PodPath(steps...)}
}

func (p *Port) String() string {
	switch {
	case p.Number == 0:
		return "`" + p.Name + "`"
	case p.Name == "":
		return strconv.Itoa(p.Number)
	default:
		return fmt.Sprintf("%d (`%s`)", p.Number, p.Name)
	}
}

// Account is the name of the workload's service account.
func (w *Workload) Account() (string, fact.Tri) {
	switch {
	case w.Pod == nil:
		return "", fact.Unknown
	case w.Pod.ServiceAccountName != "":
		return w.Pod.ServiceAccountName, fact.Yes
	case w.Pod.DeprecatedServiceAccount != "":
		return w.Pod.DeprecatedServiceAccount, fact.Yes
	case w.PodsPartlyKnown() || w.Operated != nil && w.Operated.AnyAccount:
		return "", fact.Unknown
	}
	return "default", fact.Yes
}

// Get returns a label, and whether it is there.
func (l LabelSet) Get(key string) (string, fact.Tri) {
	value, known := l.Known[key]
	switch {
	case known:
		return value, fact.Yes
	case l.MayHold(key):
		return "", fact.Unknown
	}
	return "", fact.No
}

// Ref names the workload and the place where it is defined.
func (w *Workload) Ref() fact.WorkloadRef { return fact.WorkloadRef{ID: w.ID, From: w.Anchor()} }

// Anchor is where a finding about the workload as a whole belongs.
func (w *Workload) Anchor() fact.Source {
	if !w.Implied {
		return w.Source("metadata", "name")
	}
	switch w.Kind {
	case "NetworkPolicy":
		return w.Source("spec", "podSelector")
	default:
		return w.Source("spec", "selector")
	}
}
