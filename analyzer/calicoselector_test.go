package analyzer

import (
	"strings"
	"testing"
)

// [doc] is https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors
// and [go] libcalico-go/lib/selector/parser of projectcalico/calico.
func TestCalicoSelector(t *testing.T) {
	pod := labelSet{known: map[string]string{"app": "vllm", "tier": "model-a", "empty": "", "filled": "${X}", "example.com/a_b.c-d": "1"}}
	open := labelSet{known: map[string]string{"app": "vllm"}, open: true}
	for _, c := range []struct {
		text      string
		pod, open Tri
	}{
		{``, Yes, Yes},                                                             // an empty selector selects everything [go: parseRoot]
		{"  \t", Yes, Yes},                                                         // [go: tokenizer, whitespace]
		{`all()`, Yes, Yes},                                                        // [doc]
		{`all( )`, Yes, Yes},                                                       // [go: tokenizer]
		{`!all()`, No, No},                                                         // [doc]
		{`global()`, Unknown, Unknown},                                             // only of namespaceSelectors [doc]
		{`app == 'vllm'`, Yes, Yes},                                                // [doc]
		{`app=="vllm"`, Yes, Yes},                                                  // [doc]
		{`app == 'Vllm'`, No, No},                                                  // values are exact [doc]
		{`team == 'x'`, No, Unknown},                                               // absent, or not known to be
		{`empty == ''`, Yes, Unknown},                                              // [go: LabelEqValueNode]
		{`app != 'vllm'`, No, No},                                                  // [doc]
		{`team != 'x'`, Yes, Unknown},                                              // an absent label is another value [doc]
		{`has(app)`, Yes, Yes},                                                     // [doc]
		{`has( example.com/a_b.c-d )`, Yes, Unknown},                               // [go: tokenizer]
		{`has(team)`, No, Unknown},                                                 // [doc]
		{`!has(team)`, Yes, Unknown},                                               // [doc]
		{`!!has(team)`, No, Unknown},                                               // [go: parseOperation]
		{`app in {'a', "vllm"}`, Yes, Yes},                                         // [doc]
		{`app in{'a'}`, No, No},                                                    // [doc]
		{`app in {}`, No, No},                                                      // [go: TokIn]
		{`app not in {}`, Yes, Yes},                                                // [go: TokNotIn]
		{`app not  in {'vllm',}`, No, No},                                          // [go: tokenizer]
		{`team not in {'x'}`, Yes, Unknown},                                        // an absent label is in no set [doc]
		{`tier contains 'del'`, Yes, Unknown},                                      // [doc]
		{`tier contains 'x'`, No, Unknown},                                         // [doc]
		{`tier starts with 'model'`, Yes, Unknown},                                 // [doc]
		{`tier startswith 'del'`, No, Unknown},                                     // [go: tokenizer]
		{`tier ends with '-a'`, Yes, Unknown},                                      // [doc]
		{`team ends with ''`, No, Unknown},                                         // an absent label has no end [go: LabelEndsWithValueNode]
		{`app == 'x' || app == 'vllm'`, Yes, Yes},                                  // [doc]
		{`app == 'vllm' && has(team)`, No, Unknown},                                // [doc]
		{`app == 'x' && has(team)`, No, No},                                        // one clear no decides
		{`app == 'vllm' || has(team)`, Yes, Yes},                                   // one clear yes decides
		{`has(app) || has(team) && has(team)`, Yes, Yes},                           // && binds stronger [go: parseOrExpression]
		{`(has(app) || has(team)) && has(team)`, No, Unknown},                      // [doc]
		{`!has(app) || has(app)`, Yes, Yes},                                        // ! belongs to one operation [go: parseOperation]
		{`!(has(app) || has(team))`, No, No},                                       // [doc]
		{`((app == 'vllm'))`, Yes, Yes},                                            // [doc]
		{`filled == 'y'`, Unknown, Unknown},                                        // another tool fills it in
		{`has(filled)`, Yes, Unknown},                                              // and it will be there
		{`app == '${APP}'`, Unknown, Unknown},                                      // [isPlaceholder]
		{`app in {'vllm', '{{ .Values.app }}'}`, Unknown, Unknown},                 // [isPlaceholder]
		{`pod-template-hash == 'a'`, Unknown, Unknown},                             // a controller sets it
		{`app`, Unknown, Unknown},                                                  // what Calico refuses is not understood [go]
		{`app = 'vllm'`, Unknown, Unknown},                                         // [go: tokenizer, expected ==]
		{`app == vllm`, Unknown, Unknown},                                          // [go: ErrExpectedString]
		{`app == 'vllm`, Unknown, Unknown},                                         // [go: unterminated string]
		{`app == 'vllm' app`, Unknown, Unknown},                                    // [go: unexpected content]
		{`app == 'vllm' &&`, Unknown, Unknown},                                     // [go: parseAndExpression]
		{`(app == 'vllm'`, Unknown, Unknown},                                       // [go: ErrExpectedRParen]
		{`app in {'a' 'vllm'}`, Unknown, Unknown},                                  // [go: ErrExpectedRBrace]
		{"app ==\n'vllm'", Unknown, Unknown},                                       // no space to Calico [go: whitespace]
		{`has(app) & has(app)`, Unknown, Unknown},                                  // [go: expected &&]
		{strings.Repeat("(", 90) + `has(app)` + strings.Repeat(")", 90), Yes, Yes}, // within our bound
		{strings.Repeat("(", 50000) + `all()` + strings.Repeat(")", 50000), Unknown, Unknown}, // beyond it
	} {
		parsed := parseCalico(c.text)
		if got := parsed.matches(pod.get, Unknown); got != c.pod {
			t.Errorf("%.60q selects the pod: %s, want %s", c.text, got, c.pod)
		}
		if got := parsed.matches(open.get, Unknown); got != c.open {
			t.Errorf("%.60q selects a pod of which little is known: %s, want %s", c.text, got, c.open)
		}
	}
}

// FuzzCalicoSelector: no text hangs or panics, what may be unknown is never
// contradicted by what is known, and an expression denies its negation.
func FuzzCalicoSelector(f *testing.F) {
	for _, text := range []string{`a == 'b' && !has(c) || d in {'e', "f"}`, `(a contains 'x')`, `!!all()`, `a not in {}`, `global() || a starts with "${`, `((((`} {
		f.Add(text, "a", "b")
	}
	f.Fuzz(func(t *testing.T, text, key, value string) {
		parsed := parseCalico(text)
		known := labelSet{known: map[string]string{key: value}}
		more := labelSet{known: known.known, open: true}
		closed, open := parsed.matches(known.get, No), parsed.matches(more.get, No)
		if open != Unknown && closed != open {
			t.Errorf("%q is %s, and %s when more labels may exist", text, closed, open)
		}
		if parsed.op == calicoUnknown {
			return
		}
		if negated := parseCalico("!(" + text + ")"); negated.op != calicoUnknown && negated.matches(known.get, No) != not(closed) {
			t.Errorf("%q is %s and so is its negation", text, closed)
		}
		if v := parsed.equalities()[key]; v != "" && v != value && closed == Yes {
			t.Errorf("%q asks for %s=%s and selects %s=%s", text, key, v, key, value)
		}
	})
}
