package source

import (
	"path"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Reading is what one file gave.
type Reading struct {
	File      *yaml.File
	Objects   []*Object
	Problems  []Problem
	Skips     []Skip
	Gaps      []Gap
	Unbuilt   []Unbuilt
	Documents int

	Kustomization *yaml.Node // of a kustomization file that parses
	Unread        bool       // the file was never opened
}

// Skip notes that the document at a line is not a Kubernetes object; line 0 is the
// whole file.
func (r *Reading) Skip(reason string, line int) {
	r.Skips = append(r.Skips, Skip{Reason: reason, File: r.File.Name, Line: line})
}

// fail records a document that cannot be read and the gap that it leaves.
func (r *Reading) fail(f *diagnose.Fault, kinds []string) {
	p := Problem{
		Cause: f.Cause, Message: f.Message, Help: f.Help,
		Span: yaml.Span{File: r.File, Start: f.Pos, End: f.End},
	}
	if !f.Pos.Before(f.End) {
		p.Span.End = r.File.WordEnd(f.Pos)
	}
	for _, rel := range f.Related {
		p.Related = append(p.Related, Related{rel.Message, yaml.Span{File: r.File, Start: rel.Pos, End: r.File.WordEnd(rel.Pos)}})
	}
	r.Problems = append(r.Problems, p)
	r.gap(kinds, "document that could not be read")
}

func (r *Reading) gap(kinds []string, reason string) {
	for _, kind := range kinds {
		r.Gaps = append(r.Gaps, Gap{Kind: kind, File: r.File.Name, Reason: reason})
	}
}

// ReadDocument reads one piece of a file into r.
func (r *Reading) ReadDocument(p yaml.Piece, namespace string) {
	root, found, err := yaml.Parse(p.Data, p.At)
	if err != nil {
		if f := diagnose.Explain(err, p.Data); f != nil {
			r.unparsed(p, f)
		} else {
			r.template(p)
		}
		return
	}
	if root == nil {
		r.Documents--
		return
	}
	f := diagnose.Pasted(p.Data, root)
	switch {
	case f != nil:
		r.fail(f, diagnose.SniffKinds(p.Data, p.At))
	case found.ComplexKey != (yaml.Pos{}):
		r.complexKey(p, root, found.ComplexKey)
	default:
		d := member{Reading: r, piece: p, namespace: namespace, duplicates: found.Duplicates}
		d.classify(root)
	}
}

// ofGitHub reports a file below .github, where workflows and templates of issues
// lie. https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
func ofGitHub(name string) bool { return strings.Contains("/"+name, "/.github/") }

// unparsed reports a document that is not YAML. A JSON file that does not even
// mention a kind is somebody else's (JSON with comments, most often), and so is
// a workflow of GitHub's.
func (r *Reading) unparsed(p yaml.Piece, f *diagnose.Fault) {
	if (path.Ext(r.File.Name) == ".json" && !strings.Contains(string(p.Data), `"kind"`)) || ofGitHub(r.File.Name) && !strings.Contains("\n"+string(p.Data), "\nkind:") {
		r.Skip(SkipNotKubernetes, p.ContentLine())
		return
	}
	kinds := f.Kinds
	if kinds == nil {
		kinds = r.sniffKinds(p)
	}
	r.fail(f, kinds)
}

func (r *Reading) template(p yaml.Piece) {
	r.Skip(SkipTemplate, p.ContentLine())
	r.gap(r.sniffKinds(p), "template that was not rendered")
}

// sniffKinds returns what a document that was not read may hold. Values of a
// chart hold no object unless a line says so.
func (r *Reading) sniffKinds(p yaml.Piece) []string {
	kinds := diagnose.SniffKinds(p.Data, p.At)
	if IsValuesFile(path.Base(r.File.Name)) {
		kinds = slices.DeleteFunc(kinds, func(kind string) bool { return kind == "" })
	}
	return kinds
}

// complexKey handles a mapping whose key is a collection: an unquoted
// `{{ value }}` reads so, and Kubernetes knows no such thing.
func (r *Reading) complexKey(p yaml.Piece, root *yaml.Node, at yaml.Pos) {
	text := r.File.Data[r.File.Offset(yaml.Pos{Line: at.Line, Col: max(at.Col-1, 1)}):]
	switch {
	case strings.HasPrefix(string(text[:min(len(text), 2)]), "{{"), diagnose.HasPlaceholder([]byte(r.File.Line(at.Line))):
		r.template(p)
	case root.Get("apiVersion") == nil || root.Get("kind") == nil:
		r.Skip(SkipNotKubernetes, p.ContentLine())
	default:
		r.unparsed(p, &diagnose.Fault{
			Cause: diagnose.CauseSyntax, Pos: at,
			Message: "a mapping or list stands where the name of a field was expected",
			Help:    "Kubernetes wants text as the name of a field",
		})
	}
}

// member is a document, or an object in a list, on its way to be an Object.
type member struct {
	*Reading
	piece      yaml.Piece
	namespace  string
	duplicates []yaml.Duplicate
	path       yaml.Path
	list       Ref // the list around it
}

// classify makes objects of root or says why it is none.
func (m *member) classify(root *yaml.Node) {
	apiVersion, _ := root.Get("apiVersion").Str()
	kind, _ := root.Get("kind").Str()
	if m.path != nil && root.Kind == yaml.Map {
		apiVersion, kind = m.inherit(root, apiVersion, kind)
	}
	ref := Ref{APIVersion: apiVersion, Kind: kind}
	if apiVersion == "" || kind == "" || isKustomization(apiVersion, kind) {
		m.Skip(m.reason(root, ref), root.Pos.Line)
		if kind == "" && ofOperator(apiVersion) { // what is meant is an object of an operator, which may own pods
			m.gap([]string{"Pod"}, "object that does not say its kind")
		}
		return
	}
	if diagnose.HasPlaceholder([]byte(apiVersion + kind)) {
		m.template(m.piece)
		return
	}
	if offCluster(apiVersion, kind) {
		m.Skip(SkipToolConfig, root.Pos.Line)
		return
	}
	items := root.Get("items")
	switch {
	case items != nil && items.Kind == yaml.List && strings.HasSuffix(kind, "List"):
		m.members(items, ref)
		return
	case kind == "List": // `items: null` is what a query without results prints
		return
	}
	m.object(root, ref)
}

// ofOperator reports an API version of a CustomResourceDefinition, of somebody
// whose objects may own pods.
func ofOperator(apiVersion string) bool {
	group, version, found := strings.Cut(apiVersion, "/")
	return found && strings.Contains(group, ".") && strings.HasPrefix(version, "v") &&
		!strings.HasSuffix(group, "k8s.io") && !strings.HasSuffix(group, "istio.io") && !offCluster(apiVersion, "")
}

// inherit gives a list's member the type that its list implies.
func (m *member) inherit(root *yaml.Node, apiVersion, kind string) (string, string) {
	if root.Get("kind") == nil && memberKind(m.list.Kind) != "" {
		kind = memberKind(m.list.Kind)
		if root.Get("apiVersion") == nil {
			apiVersion = m.list.APIVersion
		}
	}
	return apiVersion, kind
}

func (m *member) members(items *yaml.Node, list Ref) {
	for i, item := range items.Items {
		next := *m
		next.path = m.path.Join("items", i)
		next.list = list
		next.classify(item)
	}
}
