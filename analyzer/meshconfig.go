package analyzer

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// meshConfig is what the set says of the mesh as a whole; what it does not say
// is upstream's default. Where several sources of one set contradict each
// other (two revisions, a base and its patch), nobody knows which of them a
// proxy follows, and the answer is unknown.
// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
type meshConfig struct {
	source     Source // the first source of the mesh's own settings; no object without one
	ofMesh     bool   // some source has them
	ofInjector bool   // some source has the injector's settings
	// rootNamespace is where mesh-wide policies live; rootKnown is No where the
	// sources differ or a placeholder stands.
	rootNamespace string
	rootKnown     bool

	autoMTLS        Tri // enableAutoMtls
	registryOnly    Tri // outboundTrafficPolicy.mode is REGISTRY_ONLY
	prometheusMerge Tri // enablePrometheusMerge
	enrolsByDefault Tri // the injector's enableNamespacesByDefault
	rewritesProbes  Tri // the injector's rewriteAppHTTPProbe
	// inbound are the injector's global.proxy.includeInboundPorts and
	// excludeInboundPorts, for pods that say nothing themselves.
	inbound       [2]string
	inboundSource Source

	// trustDomains holds the trust domain first, then its aliases.
	trustDomains []string
	trustKnown   bool
	// interception is defaultConfig.interceptionMode: REDIRECT, TPROXY, NONE;
	// empty where the sources differ.
	interception string
	// rulesPrivate: defaultDestinationRuleExportTo keeps rules in their namespace.
	rulesPrivate bool
	// discovery are the discoverySelectors; none selects every namespace.
	discovery []selector
}

// istioSystem is Istio's default for meshConfig.rootNamespace.
// https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-root_namespace
const istioSystem = "istio-system"

// meshSource is one object that configures the mesh.
type meshSource struct {
	from     Source
	mesh     *yaml.Node // of a MeshConfig; may be nil
	injector *yaml.Node // the injector's values; may be nil
	root     string     // where the control plane lives
	ofMesh   bool
	unread   bool // its text is no YAML: another tool fills it in
}

// readMeshConfig unites the sources of the set.
func (s *setModel) readMeshConfig() {
	var sources []meshSource
	for _, o := range s.objects {
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
	s.config = c
}

func defaultMeshConfig() meshConfig {
	return meshConfig{
		rootNamespace: istioSystem, rootKnown: true, trustKnown: true, interception: "REDIRECT", inbound: [2]string{"*", ""},
		autoMTLS: Yes, registryOnly: No, prometheusMerge: Yes, enrolsByDefault: No, rewritesProbes: Yes,
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
	at := func(steps ...any) Source { return Source{Object: o, Path: steps} }
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
			root: firstText(values.Get("global").Get("istioNamespace"), spec.Get("namespace")),
		}, spec != nil
	case o.Kind == "Istio" && o.Group() == "sailoperator.io":
		values := spec.Get("values")
		return meshSource{from: at("spec"), mesh: values.Get("meshConfig"), injector: values, ofMesh: true, root: firstText(spec.Get("namespace"))}, spec != nil
	}
	return meshSource{}, false
}

// revisioned reports a name of istiod's: the bare one, or with a revision.
func revisioned(name, base string) bool {
	return name == base || strings.HasPrefix(name, base+"-") && !strings.HasPrefix(name, "istio-ca-")
}

func firstText(nodes ...*yaml.Node) string {
	for _, n := range nodes {
		if text, ok := n.Str(); ok && text != "" {
			return text
		}
	}
	return ""
}

func (m *meshSource) config() meshConfig {
	c := defaultMeshConfig()
	if m.ofMesh {
		c.source = m.from
	}
	c.ofMesh, c.ofInjector, c.inboundSource = m.ofMesh, m.injector != nil, m.from
	if m.unread {
		c.rootKnown, c.trustKnown, c.autoMTLS, c.registryOnly, c.prometheusMerge, c.interception = false, false, Unknown, Unknown, Unknown, ""
		return c
	}
	// Istio's charts write the control plane's own namespace where nobody names a root.
	if root := firstText(m.mesh.Get("rootNamespace")); root != "" {
		c.rootNamespace = root
	} else if m.root != "" {
		c.rootNamespace = m.root
	}
	c.rootKnown = !isPlaceholder(c.rootNamespace)
	c.autoMTLS = boolOr(m.mesh.Get("enableAutoMtls"), Yes)
	c.prometheusMerge = boolOr(m.mesh.Get("enablePrometheusMerge"), Yes)
	switch mode := firstText(m.mesh.Get("outboundTrafficPolicy").Get("mode")); {
	case mode == "REGISTRY_ONLY":
		c.registryOnly = Yes
	case isPlaceholder(mode):
		c.registryOnly = Unknown
	}
	if mode := firstText(m.mesh.Get("defaultConfig").Get("interceptionMode")); mode != "" {
		c.interception = mode
	}
	if domain := firstText(m.mesh.Get("trustDomain")); domain != "" {
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
	c.trustKnown = !slices.ContainsFunc(c.trustDomains, isPlaceholder)
	c.readInjector(m.injector)
	c.discovery = discoverySelectors(m.mesh.Get("discoverySelectors"))
	return c
}

// readInjector takes what the injector's values say of every pod.
func (c *meshConfig) readInjector(values *yaml.Node) {
	injector := values.Get("sidecarInjectorWebhook")
	c.enrolsByDefault = boolOr(injector.Get("enableNamespacesByDefault"), No)
	c.rewritesProbes = boolOr(injector.Get("rewriteAppHTTPProbe"), Yes)
	for i, key := range []string{"includeInboundPorts", "excludeInboundPorts"} {
		if n := values.Get("global").Get("proxy").Get(key); n != nil && n.Kind != yaml.Null {
			c.inbound[i] = n.Text
		}
	}
}

// boolOr reads a boolean; what is neither true nor false is filled in by
// another tool.
func boolOr(n *yaml.Node, missing Tri) Tri {
	switch {
	case n == nil || n.Kind == yaml.Null:
		return missing
	case n.Kind != yaml.Bool:
		return Unknown
	case parseBool(n.Text):
		return Yes
	default:
		return No
	}
}

// isRoot answers whether a namespace is that of mesh-wide policies.
func (c *meshConfig) isRoot(namespace string) bool {
	return namespace == c.rootNamespace && namespace != ""
}

// assumeMesh states what was taken for granted of a mesh that the set uses and
// does not configure.
func (s *setModel) assumeMesh() {
	if s.mesh.present && s.config.source.Object == nil {
		s.assumed["the mesh has Istio's default configuration (root namespace `istio-system`, automatic mutual TLS)"] = true
	}
}
