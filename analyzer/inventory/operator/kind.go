package operator

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/product"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Kind says what an operator makes of the objects of one kind: which
// pods, with which labels, behind which Services. The API modules of operators
// are not needed for it: a pod template lies somewhere in the object, or what
// stands in its place is told here.
type Kind struct {
	group, kind string
	source      string // the page or file that the entry was read in

	Pods     []PodGroup
	Services []MadeService
	// Labels that every pod gets; `{name}` is the object's name, `{group}` that
	// of the group.
	Labels map[string]string
	// Domain is the part before the slash of the labels whose values only the
	// controller knows, where labels does not tell them; or a whole key.
	Domain string
	// May are single further keys that the controller may set.
	May []string
	// Copied: the object's own labels and annotations go on to its pods.
	Copied bool
	// Own: a label of the template wins over the controller's.
	Own bool
	// Partial: containers, ports or labels come from elsewhere too, such as a
	// serving runtime. What such an object owns in the tree is known better.
	Partial bool
	// Opens: it makes further pods that are not told here.
	Opens bool
	// Guarded: the operator makes NetworkPolicies for the pods of such an object.
	Guarded func(object *yaml.Node) bool
	// Product is what its pods run where nothing better is known of them; sure
	// says that the kind knows better than the image.
	Product product.Product
	Sure    bool
	// Refine reads what the general form does not tell.
	Refine func(o *decode.Decoded, g *FoundGroup, made *MadePods)
}

// MadePods are the pods of one group, before they become a workload.
type MadePods struct {
	Labels map[string]string
	Spec   *corev1.PodSpec
	*Operated
}

// PodGroup is one kind of pod of an object.
type PodGroup struct {
	// At leads from the object to the group; `*` stands for every item of a
	// list and every value of a mapping. Empty is the object itself.
	At string
	// name tells the groups of an object apart. Empty: it leads the others and
	// bears the object's name alone. `*` is the key of the mapping, in lower
	// case, and any other text after `*` the field of the group that names it.
	name string
	// Template leads from the group to the pod template.
	Template string
	// Unlabelled: the template holds a pod spec only; labels in it go nowhere.
	Unlabelled bool
	// Inline: the fields of the pod spec lie in the template itself.
	Inline bool
	// Container are fields of the template that may hold a container beside
	// the list of containers; it comes first.
	Container []string
	Called    string // the name of that container
	// Bare: the group is there without a pod template, too.
	Bare   bool
	Labels map[string]string
	Ports  []madePort
	Only   func(object *yaml.Node) bool // nil: always
}

// madePort is a port that the controller declares on the pods.
type madePort struct {
	Number int
	Name   string
	// Unless: the template declares a port of its own; then it is not added.
	Unless bool
}

// MadeService is a Service that the controller makes.
type MadeService struct {
	name string // `{name}` is the object's
	// Behind are the groups whose pods it selects, by podGroup.name; none is
	// every group.
	Behind   []string
	Headless bool
	// ports hold where the first container declares none; otherwise each of its
	// ports is served at its own number.
	ports []servedPort
	// Typed lead to the field that gives the Service's type, the first that is
	// there; named to one that gives another name.
	Typed []string
	named string
	// Unknown: the Service is there, and who is behind it depends on how the
	// operator is installed.
	Unknown bool
	Only    func(object *yaml.Node) bool
}

// servedPort is a port of a made Service. A first one leads to the first port
// that the container declares, and to target where it declares none.
type servedPort struct {
	name         string
	port, target int
	first        bool
}

// Table finds the entry of a kind.
type Table map[[2]string]*Kind

// NewTable lists the kinds of every operator that is known, by group and kind.
func NewTable() Table {
	t := Table{}
	for _, list := range [][]Kind{kserveKinds(), servingKinds(), rayKinds(), trainingKinds(), platformKinds()} {
		for i := range list {
			t[[2]string{list[i].group, list[i].kind}] = &list[i]
		}
	}
	return t
}

// Of returns the entry of the object's kind, nil if no operator is known for it.
func (t Table) Of(o *source.Object) *Kind {
	return t[[2]string{o.Group(), o.Kind}]
}

// OwnsPods reports whether a controller makes pods of a resource, as RBAC names
// it: the plural of the kind, in lower case.
func (t Table) OwnsPods(group, resource string) bool {
	for key := range t {
		if key[0] == group && (resource == "*" || plural(key[1]) == resource) {
			return true
		}
	}
	return false
}

// plural forms the name of a kind's resource as CustomResourceDefinitions do.
func plural(kind string) string {
	kind = strings.ToLower(kind)
	switch {
	case strings.HasSuffix(kind, "s"), strings.HasSuffix(kind, "x"), strings.HasSuffix(kind, "ch"):
		return kind + "es"
	case strings.HasSuffix(kind, "y") && !strings.HasSuffix(kind, "ay"):
		return strings.TrimSuffix(kind, "y") + "ies"
	}
	return kind + "s"
}

// Fill replaces `{name}` and `{group}`.
func Fill(text, name, group string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	return strings.NewReplacer("{name}", name, "{group}", group).Replace(text)
}

// FoundGroup is a podGroup as an object has it.
type FoundGroup struct {
	*PodGroup
	Name string
	Node *yaml.Node
	Path yaml.Path
}

// FoundIn walks the way to the groups of an object.
func (g *PodGroup) FoundIn(root *yaml.Node) []FoundGroup {
	var out []FoundGroup
	var steps []string
	if g.At != "" {
		steps = strings.Split(g.At, ".")
	}
	g.walk(root, nil, steps, "", &out)
	return out
}

func (g *PodGroup) walk(n *yaml.Node, path yaml.Path, steps []string, key string, out *[]FoundGroup) {
	switch {
	case n == nil || n.Kind != yaml.Map && n.Kind != yaml.List:
	case len(steps) == 0:
		if n.Kind == yaml.Map && len(*out) < MaxGroups {
			*out = append(*out, FoundGroup{PodGroup: g, Node: n, Path: path, Name: g.nameOf(n, key)})
		}
	case steps[0] != "*":
		g.walk(n.Get(steps[0]), path.Join(steps[0]), steps[1:], steps[0], out)
	case n.Kind == yaml.List:
		for i, item := range n.Items {
			g.walk(item, path.Join(i), steps[1:], "", out)
		}
	default:
		for i := range n.Fields {
			key := n.Fields[i].Key.Text
			g.walk(n.Fields[i].Value, path.Join(key), steps[1:], key, out)
		}
	}
}

// MaxGroups bounds the workloads that one object may become.
const MaxGroups = 64

func (g *PodGroup) nameOf(n *yaml.Node, key string) string {
	field, dynamic := strings.CutPrefix(g.name, "*")
	switch {
	case !dynamic:
		return g.name
	case field == "":
		return strings.ToLower(key)
	}
	name, _ := n.Get(field).Str()
	return name
}

// ShownBy reports whether pods can be seen in the object.
func (k *Kind) ShownBy(root *yaml.Node) bool {
	for i := range k.Pods {
		for _, g := range k.Pods[i].FoundIn(root) {
			template, _ := Follow(g.Node, nil, g.Template)
			spec := template
			if !g.Inline {
				spec = template.Get("spec")
			}
			if g.Bare || len(spec.Get("containers").List()) > 0 {
				return true
			}
		}
	}
	return false
}
