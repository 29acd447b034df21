package decode

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Decoder fills the API types of Kubernetes and Istio from a document's nodes
// and notes every field that the type does not have and every value that the
// API server would refuse. It reads nodes directly, so that each problem keeps
// the place it was found at. A decoder serves one goroutine.
type Decoder struct {
	// IgnoreUnknownFields accepts fields that the type does not have.
	IgnoreUnknownFields bool

	types    map[reflect.Type]*structInfo
	path     []step     // to the current value
	parents  []fieldSet // the objects around the current one, innermost last
	problems []FieldProblem
	// templated is set when a value that does not fit is a placeholder: the
	// object cannot be judged, and nothing is wrong with it.
	templated bool
}

// FieldProblem is one thing that the API server or istiod would refuse.
type FieldProblem struct {
	Problem string    // one of the values of fact.FieldFacts.Problem
	Path    yaml.Path // of the value in its document
	Key     bool      // the key at Path is meant, not its value
	Message string
	Help    string
}

// fieldSet is what the unknown-field message needs of a type.
type fieldSet interface{ fieldNames() []string }

type structInfo struct {
	names  []string
	fields map[string][]int // JSON name → index path
}

func (s *structInfo) fieldNames() []string { return s.names }

// NewDecoder returns a decoder. To use one for many documents saves time: it keeps
// what it learned about types.
func NewDecoder() *Decoder {
	return &Decoder{types: map[reflect.Type]*structInfo{}}
}

// step is one step of a path. A yaml.Path would cost an allocation for each field.
type step struct {
	key   string
	index int // of a list item; -1 for a key
}

func (d *Decoder) here(steps []step) yaml.Path {
	out := make(yaml.Path, 0, len(steps))
	for _, s := range steps {
		if s.index >= 0 {
			out = append(out, s.index)
		} else {
			out = append(out, s.key)
		}
	}
	return out
}

func (d *Decoder) report(problem string, key bool, message, help string) {
	d.problems = append(d.problems, FieldProblem{
		Problem: problem, Path: d.here(d.path), Key: key, Message: message, Help: help,
	})
}

func (d *Decoder) pushKey(key string) { d.path = append(d.path, step{key, -1}) }

func (d *Decoder) pushItem(index int) { d.path = append(d.path, step{"", index}) }

func (d *Decoder) pop() { d.path = d.path[:len(d.path)-1] }

// Into decodes a part of a document into v, a pointer to a Kubernetes API type,
// and reports whether all of it was understood: no problem, no placeholder in
// the place of another value. What was understood is filled in either way.
func (d *Decoder) Into(n *yaml.Node, v any) bool {
	d.reset()
	d.into(n, reflect.ValueOf(v).Elem())
	return len(d.problems) == 0 && !d.templated
}

func (d *Decoder) reset() {
	d.path, d.parents, d.problems, d.templated = d.path[:0], d.parents[:0], nil, false
}

// into decodes n into v, a settable value of a Kubernetes API type.
func (d *Decoder) into(n *yaml.Node, v reflect.Value) {
	if n == nil || n.Kind == yaml.Null {
		return // null and absent are the same to the API server
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		d.into(n, v.Elem())
		return
	}
	if u, ok := reflect.TypeAssert[json.Unmarshaler](v.Addr()); ok {
		d.unmarshal(n, u)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.intoStruct(n, v)
	case reflect.Slice:
		d.intoSlice(n, v)
	case reflect.Map:
		d.intoMap(n, v)
	case reflect.Interface: // free-form content: there is nothing to check
	default:
		d.intoScalar(n, v)
	}
}

func (d *Decoder) intoStruct(n *yaml.Node, v reflect.Value) {
	if !d.expect(n, yaml.Map) {
		return
	}
	info := d.info(v.Type())
	d.parents = append(d.parents, info)
	for i := range n.Fields {
		f := &n.Fields[i]
		index, ok := info.fields[f.Key.Text]
		d.pushKey(f.Key.Text)
		switch {
		case ok:
			d.into(f.Value, v.FieldByIndex(index))
		case len(d.path) == 1 && f.Key.Text == "status":
			// What a cluster wrote into an export; kinds have lost and gained it over time.
		default:
			d.unknownField(f.Key.Text, info)
		}
		d.pop()
	}
	d.parents = d.parents[:len(d.parents)-1]
}

func (d *Decoder) intoSlice(n *yaml.Node, v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 { // []byte is base64 text, which no verdict reads
		d.expect(n, yaml.String)
		return
	}
	if !d.expect(n, yaml.List) {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Items), len(n.Items)))
	for i, item := range n.Items {
		d.pushItem(i)
		d.into(item, v.Index(i))
		d.pop()
	}
}

func (d *Decoder) intoMap(n *yaml.Node, v reflect.Value) {
	if !d.expect(n, yaml.Map) {
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(n.Fields)))
	for i := range n.Fields {
		f := &n.Fields[i]
		value := reflect.New(v.Type().Elem()).Elem()
		d.pushKey(f.Key.Text)
		d.into(f.Value, value)
		d.pop()
		v.SetMapIndex(reflect.ValueOf(f.Key.Text).Convert(v.Type().Key()), value)
	}
}

func (d *Decoder) intoScalar(n *yaml.Node, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if d.expect(n, yaml.String) {
			v.SetString(n.Text)
			d.checkEnum(n, enumOf(v.Type()))
		}
	case reflect.Bool:
		if d.expect(n, yaml.Bool) {
			v.SetBool(ParseBool(n.Text))
		}
	case reflect.Float32, reflect.Float64:
		if n.Kind != yaml.Int {
			d.expect(n, yaml.Float)
		}
	default: // every other scalar of the API types is an integer
		d.intoInt(n, v)
	}
}

func (d *Decoder) intoInt(n *yaml.Node, v reflect.Value) {
	if !d.expect(n, yaml.Int) {
		return
	}
	i, err := strconv.ParseInt(strings.ReplaceAll(n.Text, "_", ""), 0, 64)
	switch {
	case err == nil && v.CanInt() && !v.OverflowInt(i):
		v.SetInt(i)
	case err == nil && v.CanUint() && i >= 0 && !v.OverflowUint(uint64(i)):
		v.SetUint(uint64(i))
	default:
		d.report("wrong-type", false, fmt.Sprintf("%s is out of range for `%s`", Quote(n.Text), d.last()), "write a number that fits")
	}
}

// unmarshal hands a value over to the type's own JSON reader (quantities,
// ports that are a number or a name, times).
func (d *Decoder) unmarshal(n *yaml.Node, u json.Unmarshaler) {
	if err := u.UnmarshalJSON(AppendJSON(nil, n)); err != nil {
		if IsPlaceholder(n.Text) {
			d.templated = true
			return
		}
		d.report("wrong-type", false, fmt.Sprintf("%s is not a valid value of `%s`", describe(n), d.last()), "see the kind's reference for the form it takes")
	}
}

// expect reports a value of the wrong kind.
func (d *Decoder) expect(n *yaml.Node, kind yaml.NodeKind) bool {
	if n.Kind == kind {
		return true
	}
	if n.Kind == yaml.Null {
		return false
	}
	if IsPlaceholder(n.Text) || n.Kind == yaml.Map && n.Style == yaml.Flow && kind != yaml.List {
		d.templated = true // {{ value }} reads as a mapping in braces
		return false
	}
	help := "write " + article(kind.String())
	if kind == yaml.String {
		help = "put it in quotes"
	}
	d.report("wrong-type", false, fmt.Sprintf("`%s` takes %s, not %s", d.last(), article(kind.String()), describe(n)), help)
	return false
}

func (d *Decoder) checkEnum(n *yaml.Node, allowed []string) {
	if len(allowed) == 0 || n.Text == "" || slices.Contains(allowed, n.Text) {
		return
	}
	if IsPlaceholder(n.Text) {
		d.templated = true
		return
	}
	help := "use one of " + strings.Join(allowed, ", ")
	if near := fact.Nearest(n.Text, allowed); near != "" {
		help = fmt.Sprintf("did you mean %s? Allowed: %s", near, strings.Join(allowed, ", "))
	}
	d.report("not-in-enum", false, fmt.Sprintf("%s is not a value of `%s`", Quote(n.Text), d.last()), help)
}

func (d *Decoder) unknownField(name string, here fieldSet) {
	if d.IgnoreUnknownFields {
		return
	}
	where := d.here(d.path[:len(d.path)-1]).String()
	if where == "" {
		where = "the object's top level"
	} else {
		where = "`" + where + "`"
	}
	message := fmt.Sprintf("%s is not a field of %s", Quote(name), where)
	help := "remove it: the API server refuses or drops unknown fields"
	if near := fact.Nearest(name, here.fieldNames()); near != "" {
		help = fmt.Sprintf("did you mean `%s`?", near)
	} else if up := d.belongsTo(name); up != "" {
		help = fmt.Sprintf("it belongs to %s: check the indentation", up)
	}
	d.report("unknown-field", true, message, help)
}

// belongsTo finds the enclosing object that has the field: the commonest cause
// of an unknown field is one level of indentation too many.
func (d *Decoder) belongsTo(name string) string {
	for up := len(d.parents) - 2; up >= 0; up-- {
		if slices.Contains(d.parents[up].fieldNames(), name) {
			if up == 0 {
				return "the object's top level"
			}
			return "`" + d.pathAt(up).String() + "`"
		}
	}
	return ""
}

// pathAt is the path of the depth-th enclosing object. Lists put one more step
// between an object and the next.
func (d *Decoder) pathAt(depth int) yaml.Path {
	seen := 0
	for i, s := range d.path {
		if s.index >= 0 {
			continue
		}
		if seen == depth {
			return d.here(d.path[:i])
		}
		seen++
	}
	return d.here(d.path)
}

func (d *Decoder) last() string {
	for _, s := range slices.Backward(d.path) {
		if s.index < 0 {
			return s.key
		}
	}
	return "the document"
}

func (d *Decoder) info(t reflect.Type) *structInfo {
	if info, ok := d.types[t]; ok {
		return info
	}
	info := &structInfo{fields: map[string][]int{}}
	info.add(t, nil)
	slices.Sort(info.names)
	d.types[t] = info
	return info
}

func (s *structInfo) add(t reflect.Type, prefix []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(slices.Clone(prefix), i)
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
		case f.Anonymous && name == "" || strings.Contains(opts, "inline"):
			s.add(f.Type, index)
		case name != "":
			s.fields[name] = index
			s.names = append(s.names, name)
		}
	}
}
