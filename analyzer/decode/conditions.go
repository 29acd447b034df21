package decode

import (
	"slices"
	"strings"

	securityistio "istio.io/api/security/v1beta1"
	typeistio "istio.io/api/type/v1beta1"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Condition is one attribute of a request in a rule of an AuthorizationPolicy. It
// is met by a request whose value is one of Values (any, if there are none) and
// none of Not.
type Condition struct {
	Attr      Attribute
	Name      string // of a header or claim
	Field     string // as the manifest writes it: `principals`, `request.headers[x]`
	Namespace string // the policy's namespace, which is meant where an account names none
	Values    []string
	Not       []string
	Path      yaml.Path // of Values
	NotPath   yaml.Path // of Not
}

// Attribute is what a condition looks at.
type Attribute string

// The attributes of rules.
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

// HTTP reports an attribute that only HTTP requests have. On a TCP port there is
// nothing to compare it with. istio/istio pilot/pkg/security/authz/model/generator.go ("is HTTP only").
func (c *Condition) HTTP() bool {
	return slices.Contains([]Attribute{ByRequestPrincipal, ByClaim, ByHeader, ByHost, ByMethod, ByPath}, c.Attr)
}

// Layer7 reports an attribute that ztunnel does not know.
// istio/istio pilot/pkg/serviceregistry/ambient/authorization.go (httpOperations, httpSources, l4WhenAttributes).
func (c *Condition) Layer7() bool {
	return c.HTTP() || c.Attr == ByRemoteAddress || c.Attr == ByTrustDomain ||
		c.Attr == ByOther && c.Field != "destination.ip" || c.Field == "source.serviceAccount"
}

// Identity reports an attribute that comes from the caller's certificate. Without
// mutual TLS no caller has it.
// https://istio.io/latest/docs/concepts/security/#dependency-on-mutual-tls
func (c *Condition) Identity() bool {
	return slices.Contains([]Attribute{ByPrincipal, ByNamespace, ByServiceAccount, ByTrustDomain}, c.Attr)
}

// Source reports an attribute that says who calls, by certificate, token or
// address.
func (c *Condition) Source() bool {
	return c.Identity() || c.Attr == ByAddress || c.Attr == ByRemoteAddress || c.Attr == ByRequestPrincipal || c.Attr == ByClaim
}

// conditionList collects the conditions of one source or operation.
type conditionList struct {
	at        yaml.Path
	namespace string
	out       []Condition
}

func (l *conditionList) add(attr Attribute, field string, values, not []string) {
	if len(values) == 0 && len(not) == 0 {
		return
	}
	l.out = append(l.out, Condition{
		Attr: attr, Field: field, Namespace: l.namespace, Values: values, Not: not,
		Path: l.at.Join(field), NotPath: l.at.Join("not" + strings.ToUpper(field[:1]) + field[1:]),
	})
}

// SourceConditions lists the conditions of a source. namespace is the policy's,
// at the path of the source.
func SourceConditions(s *securityistio.Source, namespace string, at yaml.Path) []Condition {
	l := conditionList{at: at, namespace: namespace}
	l.add(ByPrincipal, "principals", s.GetPrincipals(), s.GetNotPrincipals())
	l.add(ByNamespace, "namespaces", s.GetNamespaces(), s.GetNotNamespaces())
	l.add(ByServiceAccount, "serviceAccounts", s.GetServiceAccounts(), s.GetNotServiceAccounts())
	l.add(ByTrustDomain, "trustDomains", s.GetTrustDomains(), s.GetNotTrustDomains())
	l.add(ByAddress, "ipBlocks", s.GetIpBlocks(), s.GetNotIpBlocks())
	l.add(ByRemoteAddress, "remoteIpBlocks", s.GetRemoteIpBlocks(), s.GetNotRemoteIpBlocks())
	l.add(ByRequestPrincipal, "requestPrincipals", s.GetRequestPrincipals(), s.GetNotRequestPrincipals())
	return l.out
}

// OperationConditions lists the conditions of an operation, which stands at a path.
func OperationConditions(o *securityistio.Operation, at yaml.Path) []Condition {
	l := conditionList{at: at}
	l.add(ByPort, "ports", o.GetPorts(), o.GetNotPorts())
	l.add(ByHost, "hosts", o.GetHosts(), o.GetNotHosts())
	l.add(ByMethod, "methods", o.GetMethods(), o.GetNotMethods())
	l.add(ByPath, "paths", o.GetPaths(), o.GetNotPaths())
	return l.out
}

// AttributeOf reads the key of a condition under `when`: its attribute, empty for
// a key that is not known, and the name of the header or claim.
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

// TargetsOf returns targetRefs or, where they are left out, the older targetRef.
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
