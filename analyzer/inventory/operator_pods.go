package inventory

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/operator"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/product"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// PodsPartlyKnown reports that the pods hold more than the manifests tell.
func (w *Workload) PodsPartlyKnown() bool { return w.Operated != nil && w.Operated.Kind.Partial }

// recogniseKind lets the kind say what the pods run: where it knows for
// certain, or where nothing else tells.
func (w *Workload) recogniseKind(main **product.Process, all []product.Process) {
	if w.Operated == nil || w.Operated.Kind.Product.Name == "" || !w.Operated.Kind.Sure && w.Product.Role != "none" {
		return
	}
	w.Product = &w.Operated.Kind.Product
	if len(all) > 0 {
		*main = &all[0]
	}
}

// OperatorAddsPolicies reports that an operator makes policies for the pods, or may.
func (w *Workload) OperatorAddsPolicies() bool { return w.Operated != nil && w.Operated.AddsPolicies }

// FullySpecified reports that the manifests tell all ports and containers of the pods.
func (w *Workload) FullySpecified() bool { return !w.Implied && !w.PodsPartlyKnown() }

// PodPath leads to a field of the pod template, given as the steps that lead
// there in a template of Kubernetes.
func (w *Workload) PodPath(steps ...any) yaml.Path {
	if w.Operated == nil || len(steps) == 0 {
		return w.template.Join(steps...)
	}
	return w.Operated.Path(w.Object, steps)
}

// readOperated makes workloads of an object of an operator's kind. made is
// false when none of its pods can be seen.
func (s *Inventory) readOperated(o *decode.Decoded, kind *operator.Kind) (made bool) {
	var groups []operator.FoundGroup
	for i := range kind.Pods {
		g := &kind.Pods[i]
		if g.Only == nil || g.Only(o.Root) {
			groups = append(groups, g.FoundIn(o.Root)...)
		}
	}
	return s.readGroups(o, kind, groups)
}

func (s *Inventory) readGroups(o *decode.Decoded, kind *operator.Kind, groups []operator.FoundGroup) (made bool) {
	var out []*Workload
	for i := range groups {
		if w := s.operatedWorkload(o, kind, &groups[i]); w != nil {
			out = append(out, w)
		}
	}
	for _, w := range out {
		if group := w.Operated.Group; group != "" && len(out) > 1 {
			w.Name += "/" + group
		}
		s.addWorkload(w)
		if kind.Unknown() {
			continue
		}
		w.Ns.addPodDir(o.Object)
		if w.Ns.Anchor.Object == nil {
			w.Ns.Anchor = fact.Source{Object: o.Object, Path: yaml.Path{"metadata", "name"}}
		}
	}
	return len(out) > 0
}

// operatedWorkload is nil for a group without a pod template.
func (s *Inventory) operatedWorkload(o *decode.Decoded, kind *operator.Kind, g *operator.FoundGroup) *Workload {
	template, at := operator.Follow(g.Node, g.Path, g.Template)
	w := &Workload{
		Namespace: o.Namespace, Name: o.Name, Kind: o.Kind, Ns: s.Namespace(o.Namespace), Object: o.Object, template: at,
		Operated: &operator.Operated{Kind: kind, Group: g.Name, Spec: at},
	}
	spec := template
	if !g.Inline {
		spec, w.Operated.Spec = template.Get("spec"), at.Join("spec")
	}
	pod := s.decodePod(spec)
	s.loneContainer(w, g, template, pod)
	if len(pod.Containers) == 0 && !g.Bare {
		return nil
	}
	w.Pod = pod
	s.operatedMeta(w, o, g, template)
	if ref := metav1.GetControllerOfNoCopy(&o.Meta); ref != nil {
		w.Owner = ref.Kind
	}
	w.Operated.AddsPolicies = kind.Unknown() || kind.Guarded != nil && kind.Guarded(o.Root)
	if kind.Refine != nil {
		kind.Refine(o, g, &operator.MadePods{Labels: w.Labels, Spec: pod, Operated: w.Operated})
	}
	w.readPorts()
	for _, p := range g.Ports {
		if p.Unless && len(w.Ports) > 0 || w.PortNamed(p.Name, "TCP") != nil || w.PortNumbered(p.Number, "TCP") != nil {
			continue
		}
		w.Ports = append(w.Ports, &Port{
			Number: p.Number, Name: p.Name, Protocol: "TCP", Declared: true, From: fact.Source{Object: o.Object, Path: w.Operated.Spec},
		})
	}
	return w
}

// decodePod reads a pod spec as far as it is one. Operators extend it, so that
// a field that it does not have is none of our business.
func (s *Inventory) decodePod(n *yaml.Node) *corev1.PodSpec {
	var pod corev1.PodSpec
	s.decodeNested(n, &pod)
	return &pod
}

func (s *Inventory) decodeNested(n *yaml.Node, v any) {
	if s.nested == nil {
		s.nested = decode.NewDecoder()
		s.nested.IgnoreUnknownFields = true
	}
	if n != nil && n.Kind == yaml.Map {
		s.nested.Into(n, v)
	}
}

// loneContainer puts the container that stands outside the list in front.
func (s *Inventory) loneContainer(w *Workload, g *operator.FoundGroup, template *yaml.Node, pod *corev1.PodSpec) {
	for _, field := range g.Container {
		n := template.Get(field)
		if n == nil || n.Kind != yaml.Map {
			continue
		}
		var c corev1.Container
		s.decodeNested(n, &c)
		c.Name = cmp.Or(c.Name, g.Called)
		w.Operated.Containers = append(w.Operated.Containers, w.template.Join(field))
		for i := range pod.Containers {
			w.Operated.Containers = append(w.Operated.Containers, w.Operated.Spec.Join("containers", i))
		}
		pod.Containers = slices.Insert(pod.Containers, 0, c)
		return
	}
}

// operatedMeta unites the labels that the pods get, weakest first.
func (s *Inventory) operatedMeta(w *Workload, o *decode.Decoded, g *operator.FoundGroup, template *yaml.Node) {
	w.Labels, w.Annotations = map[string]string{}, map[string]string{}
	add := func(n *yaml.Node, at yaml.Path) {
		w.Operated.Metadata = append(w.Operated.Metadata, at)
		maps.Copy(w.Labels, decode.TextMap(n.Get("labels")))
		maps.Copy(w.Annotations, decode.TextMap(n.Get("annotations")))
	}
	kind := w.Operated.Kind
	if kind.Copied {
		add(o.Root.Get("metadata"), yaml.Path{"metadata"})
	}
	if g.At != "" {
		add(g.Node, g.Path)
	}
	if !g.Unlabelled || !kind.Copied {
		add(template.Get("metadata"), w.template.Join("metadata"))
	}
	slices.Reverse(w.Operated.Metadata)
	may := slices.Clip(kind.May)
	for _, labels := range []map[string]string{kind.Labels, g.Labels} {
		for k, v := range labels {
			switch _, has := w.Labels[k]; {
			case has && kind.Own:
			case strings.HasSuffix(o.Name, "*") && strings.Contains(v, "{name}"): // of an object whose name the API server makes
				delete(w.Labels, k)
				may = append(may, k)
			default:
				w.Labels[k] = operator.Fill(v, o.Name, g.Name)
			}
		}
	}
	w.LabelSet = LabelSet{Known: w.Labels, Open: kind.Partial, may: may}
}
