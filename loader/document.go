package loader

import (
	"path"
	"strings"
)

// reading is what one file gave.
type reading struct {
	file      *File
	objects   []*Object
	problems  []Problem
	skips     []Skip
	gaps      []Gap
	documents int

	kustomization *Node // of a kustomization file that parses
	unread        bool  // the file was never opened
}

func (r *reading) skip(reason string, line int) {
	r.skips = append(r.skips, Skip{Reason: reason, File: r.file.Name, Line: line})
}

// fail records a document that cannot be read and the gap that it leaves.
func (r *reading) fail(f *fault, kinds []string) {
	p := Problem{
		Cause: f.cause, Message: f.message, Help: f.help,
		Span: Span{File: r.file, Start: f.pos, End: f.end},
	}
	if !f.pos.Before(f.end) {
		p.Span.End = r.file.wordEnd(f.pos)
	}
	for _, rel := range f.related {
		p.Related = append(p.Related, Related{rel.message, Span{r.file, rel.pos, r.file.wordEnd(rel.pos)}})
	}
	r.problems = append(r.problems, p)
	r.gap(kinds, "document that could not be read")
}

func (r *reading) gap(kinds []string, reason string) {
	for _, kind := range kinds {
		r.gaps = append(r.gaps, Gap{Kind: kind, File: r.file.Name, Reason: reason})
	}
}

// document reads one piece of a file into r.
func (r *reading) document(p piece, namespace string) {
	root, found, err := parse(p.data, p.at)
	if err != nil {
		if f := explain(err, p.data); f != nil {
			r.unparsed(p, f)
		} else {
			r.template(p)
		}
		return
	}
	if root == nil {
		r.documents--
		return
	}
	f := pasted(p.data, root)
	switch {
	case f != nil:
		r.fail(f, sniffKinds(p.data, p.at))
	case found.complexKey != (Pos{}):
		r.complexKey(p, root, found.complexKey)
	default:
		d := member{reading: r, piece: p, namespace: namespace, duplicates: found.duplicates}
		d.classify(root)
	}
}

// unparsed reports a document that is no YAML. A JSON file that does not even
// mention a kind is somebody else's (JSON with comments, most often).
func (r *reading) unparsed(p piece, f *fault) {
	if path.Ext(r.file.Name) == ".json" && !strings.Contains(string(p.data), `"kind"`) {
		r.skip(SkipNotKubernetes, p.contentLine())
		return
	}
	kinds := f.kinds
	if kinds == nil {
		kinds = sniffKinds(p.data, p.at)
	}
	r.fail(f, kinds)
}

func (r *reading) template(p piece) {
	r.skip(SkipTemplate, p.contentLine())
	r.gap(sniffKinds(p.data, p.at), "template that was not rendered")
}

// complexKey handles a mapping whose key is a collection: an unquoted
// `{{ value }}` reads so, and Kubernetes knows no such thing.
func (r *reading) complexKey(p piece, root *Node, at Pos) {
	text := r.file.Data[r.file.offset(Pos{at.Line, max(at.Col-1, 1)}):]
	switch {
	case strings.HasPrefix(string(text[:min(len(text), 2)]), "{{"), hasPlaceholder([]byte(r.file.Line(at.Line))):
		r.template(p)
	case root.Get("apiVersion") == nil || root.Get("kind") == nil:
		r.skip(SkipNotKubernetes, p.contentLine())
	default:
		r.unparsed(p, &fault{
			cause: CauseSyntax, pos: at,
			message: "a mapping or list stands where the name of a field was expected",
			help:    "Kubernetes wants text as the name of a field",
		})
	}
}

// member is a document, or an object in a list, on its way to be an Object.
type member struct {
	*reading
	piece      piece
	namespace  string
	duplicates []Duplicate
	path       Path
	list       Ref // the list around it
}

// classify makes objects of root or says why it is none.
func (m *member) classify(root *Node) {
	apiVersion, _ := root.Get("apiVersion").Str()
	kind, _ := root.Get("kind").Str()
	if m.path != nil && root.Kind == Map {
		apiVersion, kind = m.inherit(root, apiVersion, kind)
	}
	ref := Ref{APIVersion: apiVersion, Kind: kind}
	if apiVersion == "" || kind == "" || isKustomization(apiVersion, kind) {
		m.skip(m.reason(root, ref), root.Pos.Line)
		return
	}
	if hasPlaceholder([]byte(apiVersion + kind)) {
		m.template(m.piece)
		return
	}
	if offCluster(apiVersion, kind) {
		m.skip(SkipToolConfig, root.Pos.Line)
		return
	}
	items := root.Get("items")
	switch {
	case items != nil && items.Kind == List && strings.HasSuffix(kind, "List"):
		m.members(items, ref)
		return
	case kind == "List": // `items: null` is what a query without results prints
		return
	}
	m.object(root, ref)
}

// inherit gives a list's member the type that its list implies.
func (m *member) inherit(root *Node, apiVersion, kind string) (string, string) {
	if root.Get("kind") == nil && memberKind(m.list.Kind) != "" {
		kind = memberKind(m.list.Kind)
		if root.Get("apiVersion") == nil {
			apiVersion = m.list.APIVersion
		}
	}
	return apiVersion, kind
}

func (m *member) members(items *Node, list Ref) {
	for i, item := range items.Items {
		next := *m
		next.path = m.path.Join("items", i)
		next.list = list
		next.classify(item)
	}
}
