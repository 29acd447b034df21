package loader

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// application is a stretch of a typical tree; % becomes its number.
const application = `# app %
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-%
  namespace: ns-%
  labels: {app: app-%, tier: "backend"}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: app-%
  template:
    metadata:
      labels:
        app: app-%
        version: v1
    spec:
      serviceAccountName: app-%
      containers:
        - name: server
          image: registry.example.com/team/app-%:1.2.3
          args: ["--port=8000", "--model", "/models/x"]
          ports:
            - name: http
              containerPort: 8000
          resources:
            limits: {cpu: "2", memory: 4Gi, nvidia.com/gpu: 1}
---
apiVersion: v1
kind: Service
metadata:
  name: app-%
  namespace: ns-%
spec:
  selector:
    app: app-%
  ports:
    - name: http
      port: 80
      targetPort: http
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: app-%
  namespace: ns-%
spec:
  podSelector:
    matchLabels:
      app: app-%
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: gateway
          podSelector:
            matchLabels:
              app: gateway
      ports:
        - protocol: TCP
          port: 8000
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: app-%
  namespace: ns-%
spec:
  selector:
    matchLabels:
      app: app-%
  mtls:
    mode: STRICT # always
`

// generate writes a tree of 4 documents per file and returns its texts.
func generate(b *testing.B, applications int) (string, [][]byte) {
	b.Helper()
	dir := b.TempDir()
	var texts [][]byte
	for i := range applications {
		text := strings.ReplaceAll(application, "%", strconv.Itoa(i))
		name := filepath.Join(dir, fmt.Sprintf("team-%d", i%10), fmt.Sprintf("app-%d.yaml", i))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
		texts = append(texts, []byte(text))
	}
	return dir, texts
}

func size(texts [][]byte) (n int64) {
	for _, t := range texts {
		n += int64(len(t))
	}
	return n
}

// BenchmarkLoad is the whole of Load on one core, to be held against
// BenchmarkKyaml.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			dir, texts := generate(b, n)
			b.SetBytes(size(texts))
			b.ReportAllocs()
			for b.Loop() {
				tree := load(b, Options{Paths: []string{dir}, Workers: 1})
				if tree.Documents != 4*n || len(tree.Problems) > 0 {
					b.Fatal(tree.Documents, tree.Problems)
				}
			}
		})
	}
}

// BenchmarkParse is the parser with the conversion and nothing else.
func BenchmarkParse(b *testing.B) {
	_, texts := generate(b, 100)
	b.SetBytes(size(texts))
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			for _, p := range split(text) {
				if _, _, f := parse(p.data, p.at); f != nil {
					b.Fatal(f)
				}
			}
		}
	}
}

// BenchmarkKyaml is the measure that the project's targets refer to: kyaml's
// own parsing of the same documents.
func BenchmarkKyaml(b *testing.B) {
	_, texts := generate(b, 100)
	b.SetBytes(size(texts))
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			for doc := range bytes.SplitSeq(text, []byte("---\n")) {
				if _, err := yaml.Parse(string(doc)); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}
