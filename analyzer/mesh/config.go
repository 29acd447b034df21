package mesh

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Config is what the set says of the mesh as a whole; what it does not say has
// Istio's default. Where several sources of one set contradict each other (two
// revisions, a base and its patch), which of them a proxy follows is not known,
// and the answer is unknown.
// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
type Config struct {
	source     fact.Source // the first source of the mesh's own settings; no object without one
	ofMesh     bool        // some source has them
	ofInjector bool        // some source has the injector's settings
	// RootNamespace is where mesh-wide policies are; RootKnown is false where the
	// sources differ or the name is a placeholder.
	RootNamespace string
	RootKnown     bool

	autoMTLS        fact.Tri // enableAutoMtls
	registryOnly    fact.Tri // outboundTrafficPolicy.mode is REGISTRY_ONLY
	prometheusMerge fact.Tri // enablePrometheusMerge
	enrolsByDefault fact.Tri // the injector's enableNamespacesByDefault
	rewritesProbes  fact.Tri // the injector's rewriteAppHTTPProbe
	// inbound are the injector's global.proxy.includeInboundPorts and
	// excludeInboundPorts, for pods that say nothing themselves.
	inbound       [2]string
	inboundSource fact.Source

	// trustDomains holds the trust domain first, then its aliases.
	trustDomains []string
	trustKnown   bool
	// interception is defaultConfig.interceptionMode: REDIRECT, TPROXY, NONE;
	// empty where the sources differ.
	interception string
	// rulesPrivate reports that defaultDestinationRuleExportTo limits rules to
	// their own namespace.
	rulesPrivate bool
	// discovery are the discoverySelectors; without any, every namespace is selected.
	discovery []inventory.Selector
}

// meshSource is one object that configures the mesh.
type meshSource struct {
	from     fact.Source
	mesh     *yaml.Node // of a MeshConfig; may be nil
	injector *yaml.Node // the injector's values; may be nil
	root     string     // where the control plane lives
	ofMesh   bool
	unread   bool // its text is not YAML: another tool fills it in
}

// ReadConfig unites the sources of the set.
func ReadConfig(objects []*decode.Decoded) *Config {
	var sources []meshSource
	for _, o := range objects {
		if src, ok := meshSourceOf(o.Object); ok {
			sources = append(sources, src)
		}
	}
	c := defaultMeshConfig()
	for i := range sources {
		next := sources[i].config()
		if i == 0 {
			c = next
			continue
		}
		c.unite(&next)
	}
	return &c
}

func defaultMeshConfig() Config {
	return Config{
		RootNamespace: inventory.IstioSystem, RootKnown: true, trustKnown: true, interception: "REDIRECT", inbound: [2]string{"*", ""},
		autoMTLS: fact.Yes, registryOnly: fact.No, prometheusMerge: fact.Yes, enrolsByDefault: fact.No, rewritesProbes: fact.Yes,
		trustDomains: []string{"cluster.local"},
	}
}

// meshSourceOf recognises the objects that configure a mesh: the ConfigMap
// that istiod reads, that of the injector, and the objects from which
// operators write them.
//   - https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/
//   - https://github.com/istio-ecosystem/sail-operator/blob/main/docs/api-reference/sailoperator.io.md
func meshSourceOf(o *source.Object) (meshSource, bool) {
	spec := o.Root.Get("spec")
	at := func(steps ...any) fact.Source { return fact.Source{Object: o, Path: steps} }
	switch {
	case o.Kind == "ConfigMap" && o.APIVersion == "v1" && revisioned(o.Name, "istio-sidecar-injector"):
		text, ok := o.Root.Get("data").Get("values").Str()
		return meshSource{from: at("data", "values"), injector: yaml.ParseText(text)}, ok
	case o.Kind == "ConfigMap" && o.APIVersion == "v1" && revisioned(o.Name, "istio"):
		text, ok := o.Root.Get("data").Get("mesh").Str()
		mesh := yaml.ParseText(text)
		unread := mesh == nil && strings.TrimSpace(text) != "" || mesh != nil && mesh.Kind != yaml.Map
		return meshSource{from: at("data", "mesh"), mesh: mesh, root: o.Namespace, ofMesh: true, unread: unread}, ok
	case o.Kind == "IstioOperator" && o.Group() == "install.istio.io":
		values := spec.Get("values")
		return meshSource{
			from: at("spec"), mesh: spec.Get("meshConfig"), injector: values, ofMesh: true,
			root: decode.FirstText(values.Get("global").Get("istioNamespace"), spec.Get("namespace")),
		}, spec != nil
	case o.Kind == "Istio" && o.Group() == "sailoperator.io":
		values := spec.Get("values")
		return meshSource{from: at("spec"), mesh: values.Get("meshConfig"), injector: values, ofMesh: true, root: decode.FirstText(spec.Get("namespace"))}, spec != nil
	}
	return meshSource{}, false
}

// revisioned reports the base name, alone or with a revision appended.
func revisioned(name, base string) bool {
	return name == base || strings.HasPrefix(name, base+"-") && !strings.HasPrefix(name, "istio-ca-")
}

func (m *meshSource) config() Config {
	c := defaultMeshConfig()
	if m.ofMesh {
		c.source = m.from
	}
	c.ofMesh, c.ofInjector, c.inboundSource = m.ofMesh, m.injector != nil, m.from
	if m.unread {
		c.RootKnown, c.trustKnown, c.autoMTLS, c.registryOnly, c.prometheusMerge, c.interception = false, false, fact.Unknown, fact.Unknown, fact.Unknown, ""
		return c
	}
	// Istio's charts write the control plane's own namespace where no root is named.
	if root := decode.FirstText(m.mesh.Get("rootNamespace")); root != "" {
		c.RootNamespace = root
	} else if m.root != "" {
		c.RootNamespace = m.root
	}
	c.RootKnown = !decode.IsPlaceholder(c.RootNamespace)
	c.autoMTLS = decode.BoolOr(m.mesh.Get("enableAutoMtls"), fact.Yes)
	c.prometheusMerge = decode.BoolOr(m.mesh.Get("enablePrometheusMerge"), fact.Yes)
	switch mode := decode.FirstText(m.mesh.Get("outboundTrafficPolicy").Get("mode")); {
	case mode == "REGISTRY_ONLY":
		c.registryOnly = fact.Yes
	case decode.IsPlaceholder(mode):
		c.registryOnly = fact.Unknown
	}
	if mode := decode.FirstText(m.mesh.Get("defaultConfig").Get("interceptionMode")); mode != "" {
		c.interception = mode
	}
	if domain := decode.FirstText(m.mesh.Get("trustDomain")); domain != "" {
		c.trustDomains = []string{domain}
	}
	for _, alias := range m.mesh.Get("trustDomainAliases").List() {
		if text, ok := alias.Str(); ok {
			c.trustDomains = append(c.trustDomains, text)
		}
	}
	for _, to := range m.mesh.Get("defaultDestinationRuleExportTo").List() {
		c.rulesPrivate = c.rulesPrivate || to.Text == "."
	}
	c.trustKnown = !slices.ContainsFunc(c.trustDomains, decode.IsPlaceholder)
	c.readInjector(m.injector)
	c.discovery = discoverySelectors(m.mesh.Get("discoverySelectors"))
	return c
}

// readInjector takes what the injector's values say of every pod.
func (c *Config) readInjector(values *yaml.Node) {
	injector := values.Get("sidecarInjectorWebhook")
	c.enrolsByDefault = decode.BoolOr(injector.Get("enableNamespacesByDefault"), fact.No)
	c.rewritesProbes = decode.BoolOr(injector.Get("rewriteAppHTTPProbe"), fact.Yes)
	for i, key := range []string{"includeInboundPorts", "excludeInboundPorts"} {
		if n := values.Get("global").Get("proxy").Get(key); n != nil && n.Kind != yaml.Null {
			c.inbound[i] = n.Text
		}
	}
}

// isRoot reports the namespace of mesh-wide policies.
func (c *Config) isRoot(namespace string) bool {
	return namespace == c.RootNamespace && namespace != ""
}

// Root is the namespace of mesh-wide policies, and whether the set itself
// configures it.
func (c *Config) Root() inventory.Root {
	return inventory.Root{Namespace: c.RootNamespace, Declared: c.source.Object != nil}
}
