package analyzer

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// operatorKind says what an operator makes of the objects of one kind: which
// pods, with which labels, behind which Services. The API modules of operators
// are not needed for it: a pod template lies somewhere in the object, or what
// stands in its place is told here.
type operatorKind struct {
	group, kind string
	source      string // the page or file that the entry was read in

	pods     []podGroup
	services []madeService
	// labels that every pod gets; `{name}` is the object's name, `{group}` that
	// of the group.
	labels map[string]string
	// domain is the part before the slash of the labels whose values only the
	// controller knows, where labels does not tell them; or a whole key.
	domain string
	// may are single further keys that the controller may set.
	may []string
	// copied: the object's own labels and annotations go on to its pods.
	copied bool
	// own: a label of the template wins over the controller's.
	own bool
	// partial: containers, ports or labels come from elsewhere too, such as a
	// serving runtime. What such an object owns in the tree is known better.
	partial bool
	// opens: it makes further pods that are not told here.
	opens bool
	// guarded: the operator makes NetworkPolicies for the pods of such an object.
	guarded func(object *yaml.Node) bool
	// product is what its pods run where nothing better is known of them; sure
	// says that the kind knows better than the image.
	product product
	sure    bool
	// refine reads what the general form does not tell.
	refine func(o *decoded, g *foundGroup, w *Workload)
}

// podGroup is one kind of pod of an object.
type podGroup struct {
	// at leads from the object to the group; `*` stands for every item of a
	// list and every value of a mapping. Empty is the object itself.
	at string
	// name tells the groups of an object apart. Empty: it leads the others and
	// bears the object's name alone. `*` is the key of the mapping, in lower
	// case, and any other text after `*` the field of the group that names it.
	name string
	// template leads from the group to the pod template.
	template string
	// unlabelled: the template holds a pod spec only; labels in it go nowhere.
	unlabelled bool
	// inline: the fields of the pod spec lie in the template itself.
	inline bool
	// container are fields of the template that may hold a container beside
	// the list of containers; it comes first.
	container []string
	called    string // the name of that container
	// bare: the group is there without a pod template, too.
	bare   bool
	labels map[string]string
	ports  []madePort
	only   func(object *yaml.Node) bool // nil: always
}

// madePort is a port that the controller declares on the pods.
type madePort struct {
	number int
	name   string
	// unless: the template declares a port of its own; then it is not added.
	unless bool
}

// madeService is a Service that the controller makes.
type madeService struct {
	name string // `{name}` is the object's
	// behind are the groups whose pods it selects, by podGroup.name; none is
	// every group.
	behind   []string
	headless bool
	// ports hold where the first container declares none; otherwise each of its
	// ports is served at its own number.
	ports []servedPort
	// typed lead to the field that gives the Service's type, the first that is
	// there; named to one that gives another name.
	typed []string
	named string
	// unknown: the Service is there, and who is behind it depends on how the
	// operator is installed.
	unknown bool
	only    func(object *yaml.Node) bool
}

// servedPort is a port of a made Service. A first one leads to the first port
// that the container declares, and to target where it declares none.
type servedPort struct {
	name         string
	port, target int
	first        bool
}

// operatorTable finds the entry of a kind.
type operatorTable map[[2]string]*operatorKind

func newOperatorTable() operatorTable {
	t := operatorTable{}
	for _, list := range [][]operatorKind{kserveKinds(), servingKinds(), rayKinds(), trainingKinds(), platformKinds()} {
		for i := range list {
			t[[2]string{list[i].group, list[i].kind}] = &list[i]
		}
	}
	return t
}

func (t operatorTable) of(o *source.Object) *operatorKind {
	return t[[2]string{o.Group(), o.Kind}]
}

// fill replaces `{name}` and `{group}`.
func fill(text, name, group string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	return strings.NewReplacer("{name}", name, "{group}", group).Replace(text)
}

// foundGroup is a podGroup as an object has it.
type foundGroup struct {
	*podGroup
	name string
	node *yaml.Node
	path yaml.Path
}

// foundIn walks the way to the groups of an object.
func (g *podGroup) foundIn(root *yaml.Node) []foundGroup {
	var out []foundGroup
	var steps []string
	if g.at != "" {
		steps = strings.Split(g.at, ".")
	}
	g.walk(root, nil, steps, "", &out)
	return out
}

func (g *podGroup) walk(n *yaml.Node, path yaml.Path, steps []string, key string, out *[]foundGroup) {
	switch {
	case n == nil || n.Kind != yaml.Map && n.Kind != yaml.List:
	case len(steps) == 0:
		if n.Kind == yaml.Map && len(*out) < maxGroups {
			*out = append(*out, foundGroup{podGroup: g, node: n, path: path, name: g.nameOf(n, key)})
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

// maxGroups bounds the workloads that one object may become.
const maxGroups = 64

func (g *podGroup) nameOf(n *yaml.Node, key string) string {
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

// shownBy reports whether pods can be seen in the object.
func (k *operatorKind) shownBy(root *yaml.Node) bool {
	for i := range k.pods {
		for _, g := range k.pods[i].foundIn(root) {
			template, _ := follow(g.node, nil, g.template)
			spec := template
			if !g.inline {
				spec = template.Get("spec")
			}
			if g.bare || len(spec.Get("containers").List()) > 0 {
				return true
			}
		}
	}
	return false
}
