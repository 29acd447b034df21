package mesh

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// unite keeps what the sources agree on. The ConfigMap of the injector has no
// settings of the mesh, and that of the mesh none of the injector.
func (c *Config) unite(next *Config) {
	injector := *c
	switch {
	case next.ofInjector && c.ofInjector:
		injector.EnrolsByDefault = sameTri(c.EnrolsByDefault, next.EnrolsByDefault)
		injector.RewritesProbes = sameTri(c.RewritesProbes, next.RewritesProbes)
		if c.inbound != next.inbound {
			injector.inbound = [2]string{"${differs}", ""} // a placeholder: the lists are not known
		}
	case next.ofInjector:
		injector = *next
	}
	switch {
	case next.ofMesh && !c.ofMesh:
		*c = *next
	case next.ofMesh:
		c.uniteMesh(next)
	}
	c.EnrolsByDefault, c.RewritesProbes, c.ofInjector = injector.EnrolsByDefault, injector.RewritesProbes, injector.ofInjector
	c.inbound, c.inboundSource = injector.inbound, injector.inboundSource
}

func (c *Config) uniteMesh(next *Config) {
	c.RootKnown = c.RootKnown && next.RootKnown && c.RootNamespace == next.RootNamespace
	c.AutoMTLS = sameTri(c.AutoMTLS, next.AutoMTLS)
	c.RegistryOnly = sameTri(c.RegistryOnly, next.RegistryOnly)
	c.PrometheusMerge = sameTri(c.PrometheusMerge, next.PrometheusMerge)
	c.trustKnown = c.trustKnown && next.trustKnown && slices.Equal(c.TrustDomains, next.TrustDomains)
	if c.Interception != next.Interception {
		c.Interception = ""
	}
	if len(c.discovery)+len(next.discovery) > 0 {
		c.discovery = []inventory.Selector{{}} // which of two lists counts is not known
	}
}

func sameTri(a, b fact.Tri) fact.Tri {
	if a == b {
		return a
	}
	return fact.Unknown
}
