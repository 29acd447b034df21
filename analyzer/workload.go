package analyzer

import (
	"maps"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
	Facts       WorkloadFacts

	ns        *namespace
	object    *source.Object
	template  yaml.Path // leads to the pod template; empty for a Pod
	pod       *corev1.PodSpec
	implied   bool
	owner     string // kind of a controller that the tree does not hold
	labels    labelSet
	ports     []*port
	services  []*service
	selection selectedBy // what selects it
	product   *product   // what it runs
	operated  *operated  // of pods that an operator makes
}

// port is one port of a workload, before it becomes PortFacts.
type port struct {
	number   int
	name     string
	protocol string
	declared bool
	unnamed  bool // stands for every port that nothing names
	from     Source
	services []string
	entry    map[string]bool
	webhook  Source // the reference by which the API server calls it
	facts    PortFacts
}

// readWorkloads finds every pod template. Objects that a controller of the
// tree owns (an export of a cluster holds Deployment, ReplicaSet and Pod) are
// their owner's.
func (s *setModel) readWorkloads() {
	own := s.readOwners()
	for _, o := range s.objects {
		meta, spec, template := podTemplate(o.typed)
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
			ns: s.namespace(o.Namespace), object: o.Object, template: template, pod: spec,
		}
		if w.Labels == nil {
			w.Labels = map[string]string{}
		}
		if o.Kind == "Job" && o.Name != "" { // https://kubernetes.io/docs/reference/labels-annotations-taints/#batchkubernetesio-job-name
			w.Labels["job-name"], w.Labels["batch.kubernetes.io/job-name"] = o.Name, o.Name
		}
		if ref := metav1.GetControllerOfNoCopy(&o.meta); ref != nil {
			w.owner = ref.Kind
		}
		w.labels = labelSet{known: w.Labels, may: o.labelsItself()}
		w.readPorts()
		s.addWorkload(w)
		w.ns.addPodDir(o.Object)
		if w.ns.anchor.Object == nil {
			w.ns.anchor = Source{Object: o.Object, Path: yaml.Path{"metadata", "name"}}
		}
	}
	s.tellLabels()
}

func (s *setModel) addWorkload(w *Workload) {
	w.ID = display(w.Namespace) + "/" + w.Name + "[" + w.Kind + "]"
	s.workloads = append(s.workloads, w)
	w.ns.index.add(w)
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
			w.ports = append(w.ports, &port{
				number: int(p.ContainerPort), name: p.Name, protocol: orTCP(p.Protocol), declared: true,
				from: Source{Object: w.object, Path: w.podPath("spec", list, i, "ports", j, "containerPort")},
			})
		}
	}
	for i := range w.pod.Containers {
		read("containers", i, &w.pod.Containers[i])
	}
	for i := range w.pod.InitContainers {
		if r := w.pod.InitContainers[i].RestartPolicy; r != nil && *r == corev1.ContainerRestartPolicyAlways {
			read("initContainers", i, &w.pod.InitContainers[i])
		}
	}
	w.dedupePorts()
}

func (w *Workload) dedupePorts() {
	seen := map[string]bool{}
	w.ports = slices.DeleteFunc(w.ports, func(p *port) bool {
		key := strconv.Itoa(p.number) + "/" + p.protocol
		if seen[key] && p.name == "" {
			return true
		}
		seen[key] = true
		return p.number == 0
	})
}

// portNumbered returns the workload's port of that number, nil if it has none.
func (w *Workload) portNumbered(number int, protocol string) *port {
	for _, p := range w.ports {
		if p.number == number && p.protocol == protocol {
			return p
		}
	}
	return nil
}

// portNamed resolves a name as the endpoints controller does: name and
// protocol must both agree.
// https://github.com/kubernetes/kubernetes/blob/master/pkg/api/v1/pod/util.go (FindPort)
func (w *Workload) portNamed(name, protocol string) *port {
	for _, p := range w.ports {
		if p.name == name && p.protocol == protocol {
			return p
		}
	}
	return nil
}

func (w *Workload) hostNetwork() bool { return w.pod != nil && w.pod.HostNetwork }

func (w *Workload) source(steps ...any) Source {
	return Source{Object: w.object, Path: yaml.Path(steps)}
}

func orTCP[T ~string](protocol T) string {
	if protocol == "" {
		return "TCP"
	}
	return string(protocol)
}
