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
		injector.enrolsByDefault = sameTri(c.enrolsByDefault, next.enrolsByDefault)
		injector.rewritesProbes = sameTri(c.rewritesProbes, next.rewritesProbes)
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
	c.enrolsByDefault, c.rewritesProbes, c.ofInjector = injector.enrolsByDefault, injector.rewritesProbes, injector.ofInjector
	c.inbound, c.inboundSource = injector.inbound, injector.inboundSource
}

func (c *Config) uniteMesh(next *Config) {
	c.RootKnown = c.RootKnown && next.RootKnown && c.RootNamespace == next.RootNamespace
	c.autoMTLS = sameTri(c.autoMTLS, next.autoMTLS)
	c.registryOnly = sameTri(c.registryOnly, next.registryOnly)
	c.prometheusMerge = sameTri(c.prometheusMerge, next.prometheusMerge)
	c.trustKnown = c.trustKnown && next.trustKnown && slices.Equal(c.trustDomains, next.trustDomains)
	if c.interception != next.interception {
		c.interception = ""
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
