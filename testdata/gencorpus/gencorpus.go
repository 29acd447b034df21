// Package gencorpus writes trees of Kubernetes and Istio manifests of any size for tests and
// benchmarks: applications with the objects, the comments and the share of mistakes that real
// trees have.
//
// Each application has a Deployment, Service, ServiceAccount, ConfigMap, HorizontalPodAutoscaler
// and PodDisruptionBudget (app.yaml) and a NetworkPolicy, PeerAuthentication, AuthorizationPolicy
// and DestinationRule (policies.yaml). Every twenty applications share a Namespace, which most
// often has a default deny and a PeerAuthentication of its own. About one policy in six is missing
// or wrong. Each application draws from its own stream, so the same number of applications gives
// the same bytes, and the first n applications of a larger tree equal those of a smaller one.
package gencorpus

import (
	"bytes"
	_ "embed" // for the templates
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
)

// The layouts of a tree.
const (
	Split  = "split"  // two files an application
	One    = "one"    // one file an application
	Single = "single" // one file
)

// Stats says how large a tree is.
type Stats struct{ Apps, Files, Objects, Lines, Bytes int }

// Tree generates a tree of so many applications in the layout Split: content by slash-separated path.
func Tree(apps int) map[string][]byte {
	files, _, err := generate(apps, Split)
	if err != nil {
		panic(err) // Split is a layout, and the templates do not depend on the input
	}
	return files
}

// Write generates a tree of so many applications in the given layout and writes it under dir.
func Write(dir string, apps int, layout string) (Stats, error) {
	files, stats, err := generate(apps, layout)
	if err != nil {
		return Stats{}, err
	}
	for name, data := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return Stats{}, err
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			return Stats{}, err
		}
	}
	return stats, nil
}

func generate(apps int, layout string) (map[string][]byte, Stats, error) {
	if !slices.Contains([]string{Split, One, Single}, layout) {
		return nil, Stats{}, fmt.Errorf("gencorpus: unknown layout %q", layout)
	}
	stats := Stats{Apps: apps}
	docs := map[string][]string{}
	put := func(file string, d ...string) {
		if layout == Single {
			file = "all.yaml"
		}
		docs[file] = append(docs[file], d...)
		stats.Objects += len(d)
	}
	for i := range apps {
		a := newApp(i)
		dir := path.Join("namespaces", a.Namespace)
		if i%perNamespace == 0 {
			put(path.Join(dir, "namespace.yaml"), newNamespace(i).render()...)
		}
		work, policies := a.workload(), a.policies()
		if layout != Split {
			put(path.Join(dir, a.Name+".yaml"), append(work, policies...)...)
			continue
		}
		put(path.Join(dir, a.Name, "app.yaml"), work...)
		if len(policies) > 0 {
			put(path.Join(dir, a.Name, "policies.yaml"), policies...)
		}
	}
	files := make(map[string][]byte, len(docs))
	for file, d := range docs {
		data := []byte(strings.Join(d, "---\n"))
		files[file] = data
		stats.Files++
		stats.Lines += bytes.Count(data, []byte("\n"))
		stats.Bytes += len(data)
	}
	return files, stats, nil
}

const perNamespace = 20

// What applications are called and run; an image of the team's own where images has no entry.
var (
	teams  = []string{"payments", "search", "ml-serving", "identity", "catalog", "billing", "notify", "edge", "data", "agents"}
	roles  = []string{"api", "worker", "gateway", "model", "cache", "router", "embedder", "tools", "retriever", "ui"}
	images = map[string]string{
		"gateway": "edge/gateway", "model": "ml/vllm-openai", "cache": "infra/redis", "router": "ml/llm-router",
		"embedder": "ml/text-embeddings", "tools": "agents/mcp-tools", "retriever": "agents/retriever",
	}
)

// ident names an application.
type ident struct{ Namespace, Name string }

func identOf(i int) ident {
	ns := i / perNamespace
	return ident{fmt.Sprintf("%s-%03d", teams[ns%len(teams)], ns), fmt.Sprintf("%s-%05d", roles[i%len(roles)], i)}
}

// namespace is what is drawn for a namespace; an empty mTLS mode means no PeerAuthentication.
type namespace struct {
	Name, Team, PodSecurity, Mode string
	Inject, DefaultDeny           bool
}

func newNamespace(i int) namespace {
	r := stream(namespaceStream, i/perNamespace)
	n := namespace{Name: identOf(i).Namespace, Team: teams[i/perNamespace%len(teams)]}
	n.Inject = r.Float64() < 0.85
	n.PodSecurity = pick(r, "restricted", "baseline", "baseline", "privileged")
	n.DefaultDeny = r.Float64() < 0.8
	if r.Float64() < 0.7 {
		n.Mode = pick(r, "STRICT", "STRICT", "STRICT", "PERMISSIVE")
	}
	return n
}

func (n namespace) render() []string {
	docs := []string{render("namespace", n)}
	if n.DefaultDeny {
		docs = append(docs, render("default-deny", n))
	}
	if n.Mode != "" {
		docs = append(docs, render("namespace-mtls", n))
	}
	return docs
}

// app is what is drawn for an application. Each of its chances decides whether one thing about
// it is missing or wrong.
type app struct {
	ident
	Team, Role, Image                string
	Port, Replicas, Build            int
	CPU, Memory, CPULimit, MemoryMax int
	Near                             [2]ident // callers of the namespace
	Far                              ident    // a caller from anywhere
	chance                           struct{ sec, np, pa, ap, dr, res, tag, sa, probe float64 }
}

func newApp(i int) app {
	r := stream(appStream, i)
	ns := i / perNamespace
	a := app{ident: identOf(i), Team: teams[ns%len(teams)], Role: roles[i%len(roles)]}
	for p := range a.Near {
		a.Near[p] = identOf(ns*perNamespace + r.IntN(perNamespace))
	}
	a.Far = identOf(r.IntN(i + 1))
	a.Port = pick(r, 8080, 8000, 9000, 8443)
	c := &a.chance
	for _, f := range []*float64{&c.sec, &c.np, &c.pa, &c.ap, &c.dr, &c.res, &c.tag, &c.sa, &c.probe} {
		*f = r.Float64()
	}
	a.Image = images[a.Role]
	if a.Image == "" {
		a.Image = a.Team + "/" + a.Role
	}
	if c.tag < 0.15 {
		a.Image += ":latest"
	} else {
		a.Image += fmt.Sprintf(":%d.%d.%d", 1+i%3, r.IntN(30), r.IntN(10))
	}
	a.CPU, a.Memory = pick(r, 50, 100, 250, 500), pick(r, 64, 128, 512)
	a.CPULimit, a.MemoryMax = pick(r, 1, 2, 4), pick(r, 256, 512, 2048)
	a.Replicas, a.Build = pick(r, 1, 2, 3, 5), r.IntN(1_000_000)
	return a
}

func (a app) workload() []string {
	var docs []string
	for _, kind := range []string{"deployment", "service", "service-account", "config-map", "autoscaler", "disruption-budget"} {
		docs = append(docs, render(kind, a))
	}
	return docs
}

func (a app) policies() []string {
	var docs []string
	add := func(kind string, present bool) {
		if present {
			docs = append(docs, render(kind, a))
		}
	}
	add("network-policy", a.chance.np > 0.08)
	add("peer-authentication", a.chance.pa > 0.15)
	add("authorization-policy", a.chance.ap > 0.1)
	add("destination-rule", a.chance.dr > 0.1)
	return docs
}

// The methods below answer the templates' questions.

func (a app) Hardened() bool   { return a.chance.sec > 0.17 }
func (a app) Privileged() bool { return a.chance.sec < 0.05 }
func (a app) Resources() bool  { return a.chance.res > 0.15 }
func (a app) Probes() bool     { return a.chance.probe > 0.12 }
func (a app) Automount() bool  { return a.chance.sa < 0.3 }

func (a app) Account() string {
	if a.chance.sa > 0.12 {
		return a.Name
	}
	return "default"
}

// Selected is the name that the NetworkPolicy selects: in some, one that nothing has any more.
func (a app) Selected() string {
	if a.chance.np > 0.14 {
		return a.Name
	}
	return a.Name + "-old"
}

func (a app) OpenToCluster() bool { return 0.14 < a.chance.np && a.chance.np < 0.2 }
func (a app) PortLevel() bool     { return 0.27 < a.chance.pa && a.chance.pa < 0.33 }
func (a app) AllowAll() bool      { return a.chance.ap < 0.16 }
func (a app) AnyTenant() bool     { return a.chance.ap < 0.22 }
func (a app) Callers() []ident    { return append(a.Near[:], a.Far) }

func (a app) ServerMode() string {
	switch {
	case a.chance.pa > 0.27:
		return "STRICT"
	case a.chance.pa > 0.18:
		return "PERMISSIVE"
	}
	return "DISABLE"
}

func (a app) ClientMode() string {
	switch {
	case a.chance.dr > 0.2:
		return "ISTIO_MUTUAL"
	case a.chance.dr > 0.15:
		return "DISABLE"
	}
	return "SIMPLE"
}

const (
	namespaceStream = 1
	appStream       = 2
)

// stream gives the randomness of one namespace or application, whatever else is generated.
func stream(kind, i int) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(kind), uint64(i)))
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// objects holds a template for each kind of object.
//
//go:embed objects.tmpl
var objects string

var templates = template.Must(template.New("").Parse(objects))

func render(kind string, data any) string {
	var b strings.Builder
	if err := templates.ExecuteTemplate(&b, kind, data); err != nil {
		panic(err) // a mistake in the constants of this package
	}
	return b.String()
}
