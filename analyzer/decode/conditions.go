package decode

import (
	"slices"
	"strings"

	securityistio "istio.io/api/security/v1beta1"
	typeistio "istio.io/api/type/v1beta1"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Condition is one attribute of a request with the values that it must and
// must not have: some of the first, none of the second.
type Condition struct {
	Attr        Attribute
	Name        string // of a header or claim
	Field       string // as the manifest writes it: `principals`, `request.headers[x]`
	Namespace   string // the policy's namespace, which an account without one is of
	Values, Not []string
	Path        yaml.Path // of the values
	NotPath     yaml.Path
}

// Attribute is what a condition looks at.
type Attribute string

const (
	ByPrincipal        Attribute = "principal"
	ByNamespace        Attribute = "namespace"
	ByServiceAccount   Attribute = "serviceAccount"
	ByTrustDomain      Attribute = "trustDomain"
	ByAddress          Attribute = "address"
	ByRemoteAddress    Attribute = "remoteAddress"
	ByRequestPrincipal Attribute = "requestPrincipal"
	ByClaim            Attribute = "claim" // audiences, presenter and claims of the token
	ByHeader           Attribute = "header"
	ByHost             Attribute = "host"
	ByMethod           Attribute = "method"
	ByPath             Attribute = "path"
	ByPort             Attribute = "port"
	ByOther            Attribute = "other" // destination.ip, connection.sni, Envoy's metadata
)

// HTTP reports attributes that only HTTP has: on a TCP port there is nothing
// to compare. istio/istio pilot/pkg/security/authz/model/generator.go ("is HTTP only").
func (c *Condition) HTTP() bool {
	return slices.Contains([]Attribute{ByRequestPrincipal, ByClaim, ByHeader, ByHost, ByMethod, ByPath}, c.Attr)
}

// Layer7 reports what ztunnel does not know.
// istio/istio pilot/pkg/serviceregistry/ambient/authorization.go (httpOperations, httpSources, l4WhenAttributes).
func (c *Condition) Layer7() bool {
	return c.HTTP() || c.Attr == ByRemoteAddress || c.Attr == ByTrustDomain ||
		c.Attr == ByOther && c.Field != "destination.ip" || c.Field == "source.serviceAccount"
}

// Identity reports attributes that come from the caller's certificate: without
// mutual TLS nobody has them.
// https://istio.io/latest/docs/concepts/security/#dependency-on-mutual-tls
func (c *Condition) Identity() bool {
	return slices.Contains([]Attribute{ByPrincipal, ByNamespace, ByServiceAccount, ByTrustDomain}, c.Attr)
}

// Source reports attributes that say who calls, by certificate, token or address.
func (c *Condition) Source() bool {
	return c.Identity() || c.Attr == ByAddress || c.Attr == ByRemoteAddress || c.Attr == ByRequestPrincipal || c.Attr == ByClaim
}

// conditionList collects the conditions of one source or operation.
type conditionList struct {
	at        yaml.Path
	namespace string
	out       []Condition
}

func (f *conditionList) add(attr Attribute, field string, values, not []string) {
	if len(values) == 0 && len(not) == 0 {
		return
	}
	f.out = append(f.out, Condition{
		Attr: attr, Field: field, Namespace: f.namespace, Values: values, Not: not,
		Path: f.at.Join(field), NotPath: f.at.Join("not" + strings.ToUpper(field[:1]) + field[1:]),
	})
}

func SourceConditions(s *securityistio.Source, home string, at yaml.Path) []Condition {
	f := conditionList{at: at, namespace: home}
	f.add(ByPrincipal, "principals", s.GetPrincipals(), s.GetNotPrincipals())
	f.add(ByNamespace, "namespaces", s.GetNamespaces(), s.GetNotNamespaces())
	f.add(ByServiceAccount, "serviceAccounts", s.GetServiceAccounts(), s.GetNotServiceAccounts())
	f.add(ByTrustDomain, "trustDomains", s.GetTrustDomains(), s.GetNotTrustDomains())
	f.add(ByAddress, "ipBlocks", s.GetIpBlocks(), s.GetNotIpBlocks())
	f.add(ByRemoteAddress, "remoteIpBlocks", s.GetRemoteIpBlocks(), s.GetNotRemoteIpBlocks())
	f.add(ByRequestPrincipal, "requestPrincipals", s.GetRequestPrincipals(), s.GetNotRequestPrincipals())
	return f.out
}

func OperationConditions(o *securityistio.Operation, at yaml.Path) []Condition {
	f := conditionList{at: at}
	f.add(ByPort, "ports", o.GetPorts(), o.GetNotPorts())
	f.add(ByHost, "hosts", o.GetHosts(), o.GetNotHosts())
	f.add(ByMethod, "methods", o.GetMethods(), o.GetNotMethods())
	f.add(ByPath, "paths", o.GetPaths(), o.GetNotPaths())
	return f.out
}

// AttributeOf reads the key of a condition; an unknown key has no attribute.
// https://istio.io/latest/docs/reference/config/security/conditions/
func AttributeOf(key string) (attr Attribute, name string) {
	base, rest, _ := strings.Cut(key, "[")
	name = strings.TrimSuffix(rest, "]")
	switch base {
	case "request.headers", "request.experimental.inline.headers":
		return ByHeader, strings.ToLower(name)
	case "request.auth.claims":
		return ByClaim, name
	}
	switch key {
	case "source.ip":
		return ByAddress, ""
	case "remote.ip":
		return ByRemoteAddress, ""
	case "source.namespace":
		return ByNamespace, ""
	case "source.principal":
		return ByPrincipal, ""
	case "source.serviceAccount":
		return ByServiceAccount, ""
	case "source.trustDomain":
		return ByTrustDomain, ""
	case "request.auth.principal":
		return ByRequestPrincipal, ""
	case "request.auth.audiences", "request.auth.presenter":
		return ByClaim, strings.TrimPrefix(key, "request.auth.")
	case "destination.port":
		return ByPort, ""
	case "destination.ip", "connection.sni":
		return ByOther, ""
	}
	if strings.HasPrefix(key, "experimental.envoy.filters.") {
		return ByOther, ""
	}
	return "", ""
}

// TargetsOf unites the list with its older, single form.
func TargetsOf(p interface {
	GetTargetRef() *typeistio.PolicyTargetReference
	GetTargetRefs() []*typeistio.PolicyTargetReference
},
) []*typeistio.PolicyTargetReference {
	if refs := p.GetTargetRefs(); len(refs) > 0 || p.GetTargetRef() == nil {
		return refs
	}
	return []*typeistio.PolicyTargetReference{p.GetTargetRef()}
}
