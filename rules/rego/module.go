package rego

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
)

// Module is one file of Rego.
type Module struct {
	Name        string   // as errors print it
	Package     []string // the path below data: rules, mtls, not-strict
	Row         int      // of the package clause
	Annotations *Annotations

	ast *ast.Module
}

// Annotations are the `# METADATA` of a package.
type Annotations struct {
	Row                int
	Title, Description string
	Related            []Link
	Custom             map[string]any
}

// Link is one of the related_resources.
type Link struct{ URL, Description string }

// Parse reads a file of Rego. Its error names the file and the line.
func Parse(name string, text []byte) (*Module, error) {
	m, err := ast.ParseModuleWithOpts(name, string(text), ast.ParserOptions{
		ProcessAnnotation: true, RegoVersion: ast.RegoV1,
	})
	if err == nil && m == nil {
		err = fmt.Errorf("%s: empty", name)
	}
	if err != nil {
		return nil, readable(err)
	}
	out := &Module{Name: name, Row: m.Package.Location.Row, ast: m}
	for _, term := range m.Package.Path[1:] {
		step, _ := term.Value.(ast.String)
		out.Package = append(out.Package, string(step))
	}
	for _, a := range m.Annotations {
		if a.Scope == "package" {
			out.Annotations = annotations(a)
			break
		}
	}
	return out, nil
}

func annotations(a *ast.Annotations) *Annotations {
	out := &Annotations{Row: a.Location.Row, Title: a.Title, Description: a.Description, Custom: a.Custom}
	for _, r := range a.RelatedResources {
		out.Related = append(out.Related, Link{r.Ref.String(), r.Description})
	}
	return out
}

// Format returns Rego as `opa fmt` writes it.
func Format(name string, text []byte) (string, error) {
	out, err := format.SourceWithOpts(name, text, format.Opts{})
	return string(out), readable(err)
}
