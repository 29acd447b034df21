package analyzer_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/analyzer/analyzertest/sample"
	"github.com/aisec-lint/aisec-lint/loader"
)

// No document may make the model panic, and every subject must have a place.
func FuzzBuild(f *testing.F) {
	f.Add(sample.Join(sample.Namespace(sample.Sidecar), sample.VLLM, sample.NetworkPolicy("ai", "p", "{ingress: [{from: [{ipBlock: {cidr: ::/0}}]}]}")))
	f.Add(sample.Join(sample.VLLM, sample.VLLMService, sample.PeerAuthentication("ai", "w", "{selector: {matchLabels: {app: vllm}}, portLevelMtls: {8000: {mode: DISABLE}}}")))
	f.Add(sample.Join(sample.RayCluster, sample.InferenceService, sample.Notebook, sample.NetworkPolicy("ai", "p", "{ingress: [{from: [{podSelector: {matchLabels: {ray.io/cluster: ray}}}]}]}")))
	f.Add(sample.Custom("example.com/v1", "Engine", "{nodes: [{podTemplate: {spec: "+sample.OneContainer+"}}]}"))
	f.Fuzz(func(t *testing.T, manifests string) {
		tree, err := loader.Load(context.Background(), loader.Options{Paths: []string{"-"}, Stdin: strings.NewReader(manifests), Workers: 1})
		if err != nil {
			return
		}
		m := analyzer.Build(context.Background(), tree)
		for i := range m.Subjects {
			if s := &m.Subjects[i]; s.From.Locate().File == nil {
				t.Errorf("%s %v has no place", s.Type, s.Names)
			}
		}
	})
}
