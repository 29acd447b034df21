package helm

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/aisec-lint/aisec-lint/loader/diagnose"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// weigh walks a value as a function that prints it would.
func (b *budget) weigh(v reflect.Value, depth int) error {
	if depth > valueDepth {
		return b.fail(fmt.Sprintf("a value is nested more than %d deep", valueDepth))
	}
	if err := b.spend(1); err != nil {
		return err
	}
	switch v.Kind() {
	case reflect.String:
		return b.bytes(v.Len())
	case reflect.Interface, reflect.Pointer:
		return b.weigh(v.Elem(), depth+1)
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if err := errors.Join(b.weigh(it.Key(), depth+1), b.weigh(it.Value(), depth+1)); err != nil {
				return err
			}
		}
	case reflect.Slice, reflect.Array:
		return b.weighItems(v, depth)
	case reflect.Struct:
		return b.weighFields(v, depth)
	default: // a number or nothing
	}
	return nil
}

func (b *budget) weighItems(v reflect.Value, depth int) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return b.bytes(v.Len())
	}
	for i := range v.Len() {
		if err := b.weigh(v.Index(i), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (b *budget) weighFields(v reflect.Value, depth int) error {
	if v.Type() == reflect.TypeFor[time.Time]() {
		return nil
	}
	for _, field := range v.Fields() {
		if err := b.weigh(field, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// yamlBomb refuses YAML whose aliases expand it beyond all measure, which the
// parser underneath Helm counts in values and not in bytes. What is not YAML at
// all is for Helm to refuse.
func yamlBomb(data []byte) *diagnose.Fault {
	const most = 8 << 20
	for _, p := range yaml.Split(data) {
		root, _, err := yaml.Parse(p.Data, p.At)
		if err != nil && err.Reason != yaml.BadSyntax && err.Reason != yaml.BadMerge {
			return diagnose.Explain(err, p.Data)
		}
		if err == nil && root != nil && expandedBytes(root, most) > most {
			return &diagnose.Fault{Cause: diagnose.CauseAliasBomb, Pos: root.Pos, Message: fmt.Sprintf("aliases expand this document to more than %d bytes", most)}
		}
	}
	return nil
}

// expandedBytes is the size of a value with every alias followed, or anything
// above most.
func expandedBytes(n *yaml.Node, most int) int {
	size := len(n.Text) + 1
	for i := range n.Fields {
		if size > most {
			return size
		}
		size += len(n.Fields[i].Key.Text) + expandedBytes(n.Fields[i].Value, most-size)
	}
	for _, item := range n.Items {
		if size > most {
			return size
		}
		size += expandedBytes(item, most-size)
	}
	return size
}
