package analyzer

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// operated is what a workload owes to the operator that makes its pods.
type operated struct {
	kind  *operatorKind
	group string // podGroup.name
	// start is a program that the operator puts before the container's own.
	start invocation
	// guarded: NetworkPolicies that the tree does not hold apply to the pods.
	guarded bool
	// anyAccount: the operator names the service account.
	anyAccount bool
	// Where the parts of the template stand.
	spec       yaml.Path
	containers []yaml.Path // of those that stand outside the list, and all after them
	metadata   []yaml.Path // that hold labels and annotations, the strongest first
}

// partial reports that the pods hold more than the manifests tell.
func (w *Workload) partial() bool { return w.operated != nil && w.operated.kind.partial }

// anonymous reports that nothing is known of the kind but what it looks like.
func (k *operatorKind) anonymous() bool { return k.kind == "" }

// recogniseKind lets the kind say what the pods run: where it knows for
// certain, or where nothing else tells.
func (w *Workload) recogniseKind(main **process, all []process) {
	if w.operated == nil || w.operated.kind.product.name == "" || !w.operated.kind.sure && w.product.role != "none" {
		return
	}
	w.product = &w.operated.kind.product
	if len(all) > 0 {
		*main = &all[0]
	}
}

// guarded reports that an operator makes policies for the pods, or may.
func (w *Workload) guarded() bool { return w.operated != nil && w.operated.guarded }

// told reports that the manifests tell all ports and containers of the pods.
func (w *Workload) told() bool { return !w.implied && !w.partial() }

// podPath leads to a field of the pod template, given as the steps that lead
// there in a template of Kubernetes.
func (w *Workload) podPath(steps ...any) yaml.Path {
	if w.operated == nil || len(steps) == 0 {
		return w.template.Join(steps...)
	}
	return w.operated.path(w.object, steps)
}

func (p *operated) path(o *source.Object, steps []any) yaml.Path {
	if steps[0] != "spec" {
		for _, at := range p.metadata {
			if path := at.Join(steps[1:]...); o.Node(path) != nil {
				return path
			}
		}
		return p.metadata[0].Join(steps[1:]...)
	}
	if len(steps) > 2 && steps[1] == "containers" {
		if i, ok := steps[2].(int); ok && i >= 0 && i < len(p.containers) {
			return p.containers[i].Join(steps[3:]...)
		}
	}
	return p.spec.Join(steps[1:]...)
}

// readOperated makes workloads of an object of an operator's kind. made is
// false when none of its pods can be seen.
func (s *setModel) readOperated(o *decoded, kind *operatorKind) (made bool) {
	var groups []foundGroup
	for i := range kind.pods {
		g := &kind.pods[i]
		if g.only == nil || g.only(o.Root) {
			groups = append(groups, g.foundIn(o.Root)...)
		}
	}
	return s.readGroups(o, kind, groups)
}

func (s *setModel) readGroups(o *decoded, kind *operatorKind, groups []foundGroup) (made bool) {
	var out []*Workload
	for i := range groups {
		if w := s.operatedWorkload(o, kind, &groups[i]); w != nil {
			out = append(out, w)
		}
	}
	for _, w := range out {
		if group := w.operated.group; group != "" && len(out) > 1 {
			w.Name += "/" + group
		}
		s.addWorkload(w)
		if kind.anonymous() {
			continue
		}
		w.ns.addPodDir(o.Object)
		if w.ns.anchor.Object == nil {
			w.ns.anchor = Source{Object: o.Object, Path: yaml.Path{"metadata", "name"}}
		}
	}
	return len(out) > 0
}

// operatedWorkload is nil for a group without a pod template.
func (s *setModel) operatedWorkload(o *decoded, kind *operatorKind, g *foundGroup) *Workload {
	template, at := follow(g.node, g.path, g.template)
	w := &Workload{
		Namespace: o.Namespace, Name: o.Name, Kind: o.Kind, ns: s.namespace(o.Namespace), object: o.Object, template: at,
		operated: &operated{kind: kind, group: g.name, spec: at},
	}
	spec := template
	if !g.inline {
		spec, w.operated.spec = template.Get("spec"), at.Join("spec")
	}
	pod := s.decodePod(spec)
	s.loneContainer(w, g, template, pod)
	if len(pod.Containers) == 0 && !g.bare {
		return nil
	}
	w.pod = pod
	s.operatedMeta(w, o, g, template)
	if ref := metav1.GetControllerOfNoCopy(&o.meta); ref != nil {
		w.owner = ref.Kind
	}
	w.operated.guarded = kind.anonymous() || kind.guarded != nil && kind.guarded(o.Root)
	if kind.refine != nil {
		kind.refine(o, g, w)
	}
	w.readPorts()
	for _, p := range g.ports {
		if p.unless && len(w.ports) > 0 || w.portNamed(p.name, "TCP") != nil || w.portNumbered(p.number, "TCP") != nil {
			continue
		}
		w.ports = append(w.ports, &port{
			number: p.number, name: p.name, protocol: "TCP", declared: true, from: Source{Object: o.Object, Path: w.operated.spec},
		})
	}
	return w
}

// follow walks a way of keys.
func follow(n *yaml.Node, path yaml.Path, way string) (*yaml.Node, yaml.Path) {
	if way == "" {
		return n, path
	}
	for key := range strings.SplitSeq(way, ".") {
		n, path = n.Get(key), path.Join(key)
	}
	return n, path
}

// decodePod reads a pod spec as far as it is one. Operators extend it, so that
// a field that it does not have is none of our business.
func (s *setModel) decodePod(n *yaml.Node) *corev1.PodSpec {
	var pod corev1.PodSpec
	s.decodeNested(n, reflect.ValueOf(&pod).Elem())
	return &pod
}

func (s *setModel) decodeNested(n *yaml.Node, v reflect.Value) {
	if s.nested == nil {
		s.nested = newDecoder()
		s.nested.quiet = true
	}
	d := s.nested
	d.path, d.parents, d.problems, d.templated = d.path[:0], d.parents[:0], nil, false
	if n != nil && n.Kind == yaml.Map {
		d.into(n, v)
	}
}

// loneContainer puts the container that stands outside the list in front.
func (s *setModel) loneContainer(w *Workload, g *foundGroup, template *yaml.Node, pod *corev1.PodSpec) {
	for _, field := range g.container {
		n := template.Get(field)
		if n == nil || n.Kind != yaml.Map {
			continue
		}
		var c corev1.Container
		s.decodeNested(n, reflect.ValueOf(&c).Elem())
		c.Name = cmp.Or(c.Name, g.called)
		w.operated.containers = append(w.operated.containers, w.template.Join(field))
		for i := range pod.Containers {
			w.operated.containers = append(w.operated.containers, w.operated.spec.Join("containers", i))
		}
		pod.Containers = slices.Insert(pod.Containers, 0, c)
		return
	}
}

// operatedMeta unites the labels that the pods get, weakest first.
func (s *setModel) operatedMeta(w *Workload, o *decoded, g *foundGroup, template *yaml.Node) {
	w.Labels, w.Annotations = map[string]string{}, map[string]string{}
	add := func(n *yaml.Node, at yaml.Path) {
		w.operated.metadata = append(w.operated.metadata, at)
		maps.Copy(w.Labels, textMap(n.Get("labels")))
		maps.Copy(w.Annotations, textMap(n.Get("annotations")))
	}
	kind := w.operated.kind
	if kind.copied {
		add(o.Root.Get("metadata"), yaml.Path{"metadata"})
	}
	if g.at != "" {
		add(g.node, g.path)
	}
	if !g.unlabelled || !kind.copied {
		add(template.Get("metadata"), w.template.Join("metadata"))
	}
	slices.Reverse(w.operated.metadata)
	may := slices.Clip(kind.may)
	for _, labels := range []map[string]string{kind.labels, g.labels} {
		for k, v := range labels {
			switch _, has := w.Labels[k]; {
			case has && kind.own:
			case strings.HasSuffix(o.Name, "*") && strings.Contains(v, "{name}"): // of an object whose name the API server makes
				delete(w.Labels, k)
				may = append(may, k)
			default:
				w.Labels[k] = fill(v, o.Name, g.name)
			}
		}
	}
	w.labels = labelSet{known: w.Labels, open: kind.partial, may: may}
}
