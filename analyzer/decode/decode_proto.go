package decode

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// protoFields names the fields of an Istio message as its CRD writes them.
type protoFields struct {
	desc protoreflect.MessageDescriptor
}

func (p protoFields) fieldNames() []string {
	names := make([]string, 0, p.desc.Fields().Len())
	for i := range p.desc.Fields().Len() {
		names = append(names, p.desc.Fields().Get(i).JSONName())
	}
	slices.Sort(names)
	return names
}

// message decodes n into m, an Istio message. The CRDs of Istio are generated
// from these messages (istio/api kubernetes/customresourcedefinitions.gen.yaml)
// and know fields by their JSON names only.
func (d *Decoder) message(n *yaml.Node, m protoreflect.Message) {
	if n == nil || n.Kind == yaml.Null {
		return
	}
	if strings.HasPrefix(string(m.Descriptor().FullName()), "google.protobuf.") {
		d.wellKnown(n, m)
		return
	}
	if !d.expect(n, yaml.Map) {
		return
	}
	fields := protoFields{m.Descriptor()}
	d.parents = append(d.parents, fields)
	for i := range n.Fields {
		f := &n.Fields[i]
		d.pushKey(f.Key.Text)
		if desc := fields.desc.Fields().ByJSONName(f.Key.Text); desc != nil {
			d.protoField(f.Value, m, desc)
		} else {
			d.unknownField(f.Key.Text, fields)
		}
		d.pop()
	}
	d.parents = d.parents[:len(d.parents)-1]
}

func (d *Decoder) protoField(n *yaml.Node, m protoreflect.Message, f protoreflect.FieldDescriptor) {
	switch {
	case n == nil || n.Kind == yaml.Null:
	case f.IsList():
		if !d.expect(n, yaml.List) {
			return
		}
		list := m.Mutable(f).List()
		for i, item := range n.Items {
			d.pushItem(i)
			if v, ok := d.protoValue(item, f, list.NewElement); ok {
				list.Append(v)
			}
			d.pop()
		}
	case f.IsMap():
		d.protoMap(n, m, f)
	default:
		if v, ok := d.protoValue(n, f, func() protoreflect.Value { return m.NewField(f) }); ok {
			m.Set(f, v)
		}
	}
}

func (d *Decoder) protoMap(n *yaml.Node, m protoreflect.Message, f protoreflect.FieldDescriptor) {
	if !d.expect(n, yaml.Map) {
		return
	}
	out := m.Mutable(f).Map()
	for i := range n.Fields {
		key := n.Fields[i].Key
		d.pushKey(key.Text)
		var k protoreflect.MapKey
		if f.MapKey().Kind() == protoreflect.StringKind {
			k = protoreflect.ValueOfString(key.Text).MapKey()
		} else if u, err := strconv.ParseUint(key.Text, 10, 32); err == nil {
			k = protoreflect.ValueOfUint32(uint32(u)).MapKey()
		} else {
			d.badKey(key)
			d.pop()
			continue
		}
		if v, ok := d.protoValue(n.Fields[i].Value, f.MapValue(), out.NewValue); ok {
			out.Set(k, v)
		}
		d.pop()
	}
}

func (d *Decoder) badKey(key *yaml.Node) {
	if IsPlaceholder(key.Text) {
		d.templated = true
		return
	}
	d.report("wrong-type", true, fmt.Sprintf("the key %s is not a number", Quote(key.Text)), "write a port number")
}

// protoValue reads one value; a nested message starts from fresh().
func (d *Decoder) protoValue(n *yaml.Node, f protoreflect.FieldDescriptor, fresh func() protoreflect.Value) (protoreflect.Value, bool) {
	none := protoreflect.Value{}
	switch f.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		if n == nil {
			return none, false
		}
		v := fresh()
		d.message(n, v.Message())
		return v, true
	case protoreflect.EnumKind:
		return d.protoEnum(n, f)
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(n.Text), d.expect(n, yaml.String)
	case protoreflect.BytesKind:
		return none, d.expect(n, yaml.String) && false
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(ParseBool(n.Text)), d.expect(n, yaml.Bool)
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		if n.Kind != yaml.Int {
			d.expect(n, yaml.Float)
		}
		return none, false // no verdict rests on a fraction
	default:
		return d.protoInt(n, f.Kind())
	}
}

func (d *Decoder) protoEnum(n *yaml.Node, f protoreflect.FieldDescriptor) (protoreflect.Value, bool) {
	if !d.expect(n, yaml.String) {
		return protoreflect.Value{}, false
	}
	values := f.Enum().Values()
	if v := values.ByName(protoreflect.Name(n.Text)); v != nil {
		return protoreflect.ValueOfEnum(v.Number()), true
	}
	names := make([]string, 0, values.Len())
	for i := range values.Len() {
		names = append(names, string(values.Get(i).Name()))
	}
	d.checkEnum(n, names)
	return protoreflect.Value{}, false
}

func (d *Decoder) protoInt(n *yaml.Node, kind protoreflect.Kind) (protoreflect.Value, bool) {
	none := protoreflect.Value{}
	if !d.expect(n, yaml.Int) {
		return none, false
	}
	i, err := strconv.ParseInt(strings.ReplaceAll(n.Text, "_", ""), 0, 64)
	if err != nil {
		d.report("wrong-type", false, fmt.Sprintf("%s is out of range for `%s`", Quote(n.Text), d.last()), "write a number that fits")
		return none, false
	}
	switch kind {
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		if i < 0 || i > 1<<32-1 {
			d.report("wrong-type", false, fmt.Sprintf("%s is out of range for `%s`", Quote(n.Text), d.last()), "write a number that fits")
			return none, false
		}
		return protoreflect.ValueOfUint32(uint32(i)), true
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(i)), i == int64(int32(i))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(i)), i >= 0
	default:
		return protoreflect.ValueOfInt64(i), true
	}
}

// wellKnown leaves durations, wrappers and free-form structs to protojson.
func (d *Decoder) wellKnown(n *yaml.Node, m protoreflect.Message) {
	if out, ok := m.Interface().(*durationpb.Duration); ok {
		// Istio reads Go's durations ("30ms", "1m"), of which protobuf's JSON form is a part.
		if length, err := time.ParseDuration(n.Text); err == nil && n.Kind == yaml.String {
			out.Seconds, out.Nanos = int64(length/time.Second), int32(length%time.Second)
			return
		}
	}
	if err := protojson.Unmarshal(AppendJSON(nil, n), m.Interface()); err != nil {
		if IsPlaceholder(n.Text) {
			d.templated = true
			return
		}
		d.report("wrong-type", false, fmt.Sprintf("%s is not a valid value of `%s`", describe(n), d.last()), "see the kind's reference for the form it takes")
	}
}
