package rego

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// Project appends the part of facts that is read, as canonical JSON. Two
// subjects with the same projection are the same to the rule, because the
// projection is all that it is given.
func (r *Reads) Project(dst []byte, facts any) []byte {
	switch v := facts.(type) {
	case map[string]any:
		if r.full || r.every != nil || r.fields != nil {
			return r.projectObject(dst, v)
		}
	case []any:
		if r.full || r.every != nil {
			return r.projectArray(dst, v)
		}
	default:
		if r.full {
			return appendScalar(dst, v)
		}
	}
	return append(dst, "null"...)
}

func (r *Reads) projectObject(dst []byte, v map[string]any) []byte {
	dst = append(dst, '{')
	open := len(dst)
	for _, key := range slices.Sorted(maps.Keys(v)) {
		below := r.Below(key)
		if below == nil {
			continue
		}
		if len(dst) > open {
			dst = append(dst, ',')
		}
		dst = appendScalar(dst, key)
		dst = append(dst, ':')
		dst = below.Project(dst, v[key])
	}
	return append(dst, '}')
}

func (r *Reads) projectArray(dst []byte, v []any) []byte {
	dst = append(dst, '[')
	for i, item := range v {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = r.Below("").Project(dst, item)
	}
	return append(dst, ']')
}

func appendScalar(dst []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case json.Number:
		return append(dst, v...)
	case nil:
		return append(dst, "null"...)
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // what came out of JSON goes back into it
	}
	return append(dst, text...)
}

// Decode reads the JSON of facts as Project wants it: maps, slices and scalars.
func Decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}
