package fact

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// inputs lists the names below the rules' input, and the facts of each. A rule is
// judged against every subject of the one name that it reads.
type inputs struct {
	Workload              WorkloadFacts              `json:"workload" doc:"a group of equal pods by its top-level owner, or the pods that a Service or policy selects and no manifest defines (inferred)"`
	Service               ServiceFacts               `json:"service" doc:"a Service"`
	NetworkPolicy         NetworkPolicyFacts         `json:"network_policy" doc:"a NetworkPolicy of Kubernetes"`
	PeerAuthentication    PeerAuthenticationFacts    `json:"peer_authentication" doc:"a PeerAuthentication of Istio"`
	Flow                  FlowFacts                  `json:"flow" doc:"a connection that the tree needs, and whether policies let it through; only where policies have a say in it"`
	UnmodelledPolicy      UnmodelledPolicyFacts      `json:"unmodelled_policy" doc:"the policies of one kind and namespace that are not evaluated, such as Cilium's"`
	Document              DocumentFacts              `json:"document" doc:"a YAML document that could not be read"`
	Field                 FieldFacts                 `json:"field" doc:"a field that its kind does not allow"`
	Duplicate             DuplicateFacts             `json:"duplicate" doc:"an object that the manifests hold twice"`
	AuthorizationPolicy   AuthorizationPolicyFacts   `json:"authorization_policy" doc:"an AuthorizationPolicy of Istio"`
	RequestAuthentication RequestAuthenticationFacts `json:"request_authentication" doc:"a RequestAuthentication of Istio"`
	DestinationRule       DestinationRuleFacts       `json:"destination_rule" doc:"a DestinationRule of Istio"`
	Mesh                  MeshConfigFacts            `json:"mesh" doc:"the mesh, where the manifests hold its configuration or its root namespace"`
	Unapplied             UnappliedFacts             `json:"unapplied" doc:"a policy in a file beside a kustomization that no kustomization of the tree reads"`
}

// At returns the evidence of the fact that path leads to, by the names of its
// JSON form: ["ports", 0, "mtls"]. A place or name that a fact does not have
// comes from the facts around it, up to the subject itself. It fails for a path
// that the facts do not have.
func (s *Subject) At(path []any) (Evidence, error) {
	found := s.Evidence
	found.Names = maps.Clone(found.Names)
	v := reflect.ValueOf(s.Facts).Elem()
	for i := 0; ; i++ {
		if v.Kind() == reflect.Struct {
			found.overlay(evidenceOf(v))
		}
		if i == len(path) {
			return found, nil
		}
		next, ok := descend(v, path[i])
		if !ok {
			return Evidence{}, fmt.Errorf("input.%s has no %v", s.Type, path[:i+1])
		}
		v = next
	}
}

// AppendJSON appends the facts as the rules' input has them. At the top level it
// leaves out fields that are not wanted, so that subjects that differ only in
// fields that no rule reads become equal.
func (s *Subject) AppendJSON(dst []byte, wanted func(field string) bool) ([]byte, error) {
	v := reflect.ValueOf(s.Facts).Elem()
	dst = append(dst, '{')
	open := len(dst)
	for i := range v.NumField() {
		name := jsonName(v.Type().Field(i))
		if name == "" || !wanted(name) {
			continue
		}
		value, err := json.Marshal(v.Field(i).Interface())
		if err != nil {
			return nil, fmt.Errorf("facts of input.%s: %w", s.Type, err)
		}
		if len(dst) > open {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), name...), '"', ':')
		dst = append(dst, value...)
	}
	return append(dst, '}'), nil
}

func (e *Evidence) overlay(inner Evidence) {
	if inner.From.Object != nil || inner.From.Span.File != nil {
		e.From = inner.From
	}
	if inner.Workloads != nil {
		e.Workloads = inner.Workloads
	}
	if len(inner.Names) > 0 && e.Names == nil {
		e.Names = map[string]string{}
	}
	maps.Copy(e.Names, inner.Names)
}

func evidenceOf(v reflect.Value) Evidence {
	if f := v.FieldByName("Evidence"); f.IsValid() {
		return f.Interface().(Evidence)
	}
	return Evidence{}
}

func descend(v reflect.Value, s any) (reflect.Value, bool) {
	switch s := s.(type) {
	case string:
		if v.Kind() != reflect.Struct {
			return v, false
		}
		for i := range v.NumField() {
			if jsonName(v.Type().Field(i)) == s {
				return v.Field(i), true
			}
		}
	case int:
		if v.Kind() == reflect.Slice && s >= 0 && s < v.Len() {
			return v.Index(s), true
		}
	}
	return v, false
}

// jsonName returns the name of a field in the rules' input, empty for a field that
// rules do not see.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" {
		return ""
	}
	return name
}

// Schema returns the JSON schema of the rules' input, made from the Go types,
// with every object closed: a rule that misspells a field does not compile.
func Schema() []byte {
	schema := schemaOf(reflect.TypeFor[inputs]())
	schema["$schema"] = "http://json-schema.org/draft-07/schema#"
	out, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic(err) // a map of strings and maps always marshals
	}
	return append(out, '\n')
}

func schemaOf(t reflect.Type) map[string]any {
	switch t.Kind() {
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Map: // of labels
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Struct:
		return schemaOfStruct(t)
	default:
		s := map[string]any{"type": "string"}
		if t == reflect.TypeFor[Tri]() {
			s["enum"] = []Tri{Yes, No, Unknown}
		}
		return s
	}
}

func schemaOfStruct(t reflect.Type) map[string]any {
	props := map[string]any{}
	for f := range t.Fields() {
		name := jsonName(f)
		if name == "" {
			continue
		}
		s := schemaOf(f.Type)
		if e := f.Tag.Get("enum"); e != "" {
			values := strings.Split(e, ",")
			slices.Sort(values)
			if f.Type.Kind() == reflect.Slice {
				s["items"].(map[string]any)["enum"] = values
			} else {
				s["enum"] = values
			}
		}
		if d := f.Tag.Get("doc"); d != "" {
			s["description"] = d
		}
		props[name] = s
	}
	return map[string]any{"type": "object", "properties": props, "additionalProperties": false}
}

// InputNames lists the names below the rules' input, sorted.
func InputNames() []string {
	var names []string
	for f := range reflect.TypeFor[inputs]().Fields() {
		names = append(names, jsonName(f))
	}
	slices.Sort(names)
	return names
}

// Locate returns the place of the source in its file.
func (s Source) Locate() yaml.Span {
	if s.Object == nil {
		return s.Span
	}
	if s.Key {
		span, _ := s.Object.KeyAt(s.Path)
		return span
	}
	span, _ := s.Object.At(s.Path)
	return span
}
