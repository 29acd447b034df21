package cni

import (
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// [doc] is https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors
// and [go] libcalico-go/lib/selector/parser of projectcalico/calico.
func TestCalicoSelector(t *testing.T) {
	t.Parallel()
	pod := inventory.LabelSet{Known: map[string]string{"app": "vllm", "tier": "model-a", "empty": "", "filled": "${X}", "example.com/a_b.c-d": "1"}}
	open := inventory.LabelSet{Known: map[string]string{"app": "vllm"}, Open: true}
	for _, c := range []struct {
		text      string
		pod, open fact.Tri
	}{
		{``, fact.Yes, fact.Yes},                                                                        // an empty selector selects everything [go: parseRoot]
		{"  \t", fact.Yes, fact.Yes},                                                                    // [go: tokenizer, whitespace]
		{`all()`, fact.Yes, fact.Yes},                                                                   // [doc]
		{`all( )`, fact.Yes, fact.Yes},                                                                  // [go: tokenizer]
		{`!all()`, fact.No, fact.No},                                                                    // [doc]
		{`global()`, fact.Unknown, fact.Unknown},                                                        // only of namespaceSelectors [doc]
		{`app == 'vllm'`, fact.Yes, fact.Yes},                                                           // [doc]
		{`app=="vllm"`, fact.Yes, fact.Yes},                                                             // [doc]
		{`app == 'Vllm'`, fact.No, fact.No},                                                             // values are exact [doc]
		{`team == 'x'`, fact.No, fact.Unknown},                                                          // absent, or not known to be
		{`empty == ''`, fact.Yes, fact.Unknown},                                                         // [go: LabelEqValueNode]
		{`app != 'vllm'`, fact.No, fact.No},                                                             // [doc]
		{`team != 'x'`, fact.Yes, fact.Unknown},                                                         // an absent label is another value [doc]
		{`has(app)`, fact.Yes, fact.Yes},                                                                // [doc]
		{`has( example.com/a_b.c-d )`, fact.Yes, fact.Unknown},                                          // [go: tokenizer]
		{`has(team)`, fact.No, fact.Unknown},                                                            // [doc]
		{`!has(team)`, fact.Yes, fact.Unknown},                                                          // [doc]
		{`!!has(team)`, fact.No, fact.Unknown},                                                          // [go: parseOperation]
		{`app in {'a', "vllm"}`, fact.Yes, fact.Yes},                                                    // [doc]
		{`app in{'a'}`, fact.No, fact.No},                                                               // [doc]
		{`app in {}`, fact.No, fact.No},                                                                 // [go: TokIn]
		{`app not in {}`, fact.Yes, fact.Yes},                                                           // [go: TokNotIn]
		{`app not  in {'vllm',}`, fact.No, fact.No},                                                     // [go: tokenizer]
		{`team not in {'x'}`, fact.Yes, fact.Unknown},                                                   // an absent label is in no set [doc]
		{`tier contains 'del'`, fact.Yes, fact.Unknown},                                                 // [doc]
		{`tier contains 'x'`, fact.No, fact.Unknown},                                                    // [doc]
		{`tier starts with 'model'`, fact.Yes, fact.Unknown},                                            // [doc]
		{`tier startswith 'del'`, fact.No, fact.Unknown},                                                // [go: tokenizer]
		{`tier ends with '-a'`, fact.Yes, fact.Unknown},                                                 // [doc]
		{`team ends with ''`, fact.No, fact.Unknown},                                                    // an absent label has no end [go: LabelEndsWithValueNode]
		{`app == 'x' || app == 'vllm'`, fact.Yes, fact.Yes},                                             // [doc]
		{`app == 'vllm' && has(team)`, fact.No, fact.Unknown},                                           // [doc]
		{`app == 'x' && has(team)`, fact.No, fact.No},                                                   // one clear no decides
		{`app == 'vllm' || has(team)`, fact.Yes, fact.Yes},                                              // one clear yes decides
		{`has(app) || has(team) && has(team)`, fact.Yes, fact.Yes},                                      // && binds stronger [go: parseOrExpression]
		{`(has(app) || has(team)) && has(team)`, fact.No, fact.Unknown},                                 // [doc]
		{`!has(app) || has(app)`, fact.Yes, fact.Yes},                                                   // ! belongs to one operation [go: parseOperation]
		{`!(has(app) || has(team))`, fact.No, fact.No},                                                  // [doc]
		{`((app == 'vllm'))`, fact.Yes, fact.Yes},                                                       // [doc]
		{`filled == 'y'`, fact.Unknown, fact.Unknown},                                                   // another tool fills it in
		{`has(filled)`, fact.Yes, fact.Unknown},                                                         // and it will be there
		{`app == '${APP}'`, fact.Unknown, fact.Unknown},                                                 // [isPlaceholder]
		{`app in {'vllm', '{{ .Values.app }}'}`, fact.Unknown, fact.Unknown},                            // [isPlaceholder]
		{`pod-template-hash == 'a'`, fact.Unknown, fact.Unknown},                                        // a controller sets it
		{`app`, fact.Unknown, fact.Unknown},                                                             // what Calico refuses is not understood [go]
		{`app = 'vllm'`, fact.Unknown, fact.Unknown},                                                    // [go: tokenizer, expected ==]
		{`app == vllm`, fact.Unknown, fact.Unknown},                                                     // [go: ErrExpectedString]
		{`app == 'vllm`, fact.Unknown, fact.Unknown},                                                    // [go: unterminated string]
		{`app == 'vllm' app`, fact.Unknown, fact.Unknown},                                               // [go: unexpected content]
		{`app == 'vllm' &&`, fact.Unknown, fact.Unknown},                                                // [go: parseAndExpression]
		{`(app == 'vllm'`, fact.Unknown, fact.Unknown},                                                  // [go: ErrExpectedRParen]
		{`app in {'a' 'vllm'}`, fact.Unknown, fact.Unknown},                                             // [go: ErrExpectedRBrace]
		{"app ==\n'vllm'", fact.Unknown, fact.Unknown},                                                  // no space to Calico [go: whitespace]
		{`has(app) & has(app)`, fact.Unknown, fact.Unknown},                                             // [go: expected &&]
		{strings.Repeat("(", 90) + `has(app)` + strings.Repeat(")", 90), fact.Yes, fact.Yes},            // within our bound
		{strings.Repeat("(", 50000) + `all()` + strings.Repeat(")", 50000), fact.Unknown, fact.Unknown}, // beyond it
	} {
		parsed := parseCalico(c.text)
		if got := parsed.matches(pod.Get, fact.Unknown); got != c.pod {
			t.Errorf("%.60q selects the pod: %s, want %s", c.text, got, c.pod)
		}
		if got := parsed.matches(open.Get, fact.Unknown); got != c.open {
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
		known := inventory.LabelSet{Known: map[string]string{key: value}}
		more := inventory.LabelSet{Known: known.Known, Open: true}
		closed, open := parsed.matches(known.Get, fact.No), parsed.matches(more.Get, fact.No)
		if open != fact.Unknown && closed != open {
			t.Errorf("%q is %s, and %s when more labels may exist", text, closed, open)
		}
		if parsed.op == calicoUnknown {
			return
		}
		if negated := parseCalico("!(" + text + ")"); negated.op != calicoUnknown && negated.matches(known.Get, fact.No) != not(closed) {
			t.Errorf("%q is %s and so is its negation", text, closed)
		}
		if v := parsed.equalities()[key]; v != "" && v != value && closed == fact.Yes {
			t.Errorf("%q asks for %s=%s and selects %s=%s", text, key, v, key, value)
		}
	})
}
