package decode

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	securityistio "istio.io/api/security/v1beta1"

	"github.com/aisec-lint/aisec-lint/analyzer/netset"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// authorizationPolicy follows istio/istio pkg/config/validation/validation.go
// (ValidateAuthorizationPolicy), which istiod's webhook runs, and the CEL rules
// of the CRD. A policy that they refuse is not enforced.
func (d *Decoder) authorizationPolicy(p *securityistio.AuthorizationPolicy) {
	d.oneTarget(p.GetSelector(), TargetsOf(p))
	action, rules := p.GetAction(), yaml.Path{"spec", "rules"}
	if len(p.GetRules()) == 0 && (action == securityistio.AuthorizationPolicy_DENY || action == securityistio.AuthorizationPolicy_CUSTOM) {
		d.refuse("missing-field", yaml.Path{"spec", "action"}, fmt.Sprintf("a %s policy without rules matches no request: Istio refuses it", action),
			"write `rules: [{}]` to match every request, or say which")
	}
	if provider := p.GetProvider().GetName(); (action == securityistio.AuthorizationPolicy_CUSTOM) != (provider != "") && !IsPlaceholder(provider) {
		d.refuse("not-allowed", yaml.Path{"spec", "action"}, "provider.name belongs to action CUSTOM, and CUSTOM needs it", "set both, or neither")
	}
	for i, r := range p.GetRules() {
		d.authorizationRule(r, action, rules.Join(i))
	}
}

// authorizationRule checks one rule: its sources, operations and conditions.
func (d *Decoder) authorizationRule(r *securityistio.Rule, action securityistio.AuthorizationPolicy_Action, at yaml.Path) {
	for j, f := range r.GetFrom() {
		path := at.Join("from", j)
		conditions := SourceConditions(f.GetSource(), "", path.Join("source"))
		if len(conditions) == 0 {
			d.refuse("missing-field", path, "the source names nothing: Istio refuses an empty `source`", "leave out `from` to mean every caller")
		}
		d.sourceTogether(conditions, path)
		d.conditions(conditions, action)
	}
	for j, t := range r.GetTo() {
		path := at.Join("to", j)
		conditions := OperationConditions(t.GetOperation(), path.Join("operation"))
		if len(conditions) == 0 {
			d.refuse("missing-field", path, "the operation names nothing: Istio refuses an empty `operation`", "leave out `to` to mean every request")
		}
		d.conditions(conditions, action)
	}
	for j, w := range r.GetWhen() {
		d.whenCondition(w, action, at.Join("when", j))
	}
}

// sourceTogether checks that serviceAccounts does not stand beside principals or
// namespaces, which say the same.
func (d *Decoder) sourceTogether(conditions []Condition, at yaml.Path) {
	has := func(attrs ...Attribute) bool {
		return slices.ContainsFunc(conditions, func(c Condition) bool { return slices.Contains(attrs, c.Attr) })
	}
	if has(ByServiceAccount) && has(ByPrincipal, ByNamespace) {
		d.refuse("not-allowed", at, "serviceAccounts stands beside principals or namespaces in one source: Istio refuses both together", "write `<namespace>/<account>` in serviceAccounts alone")
	}
}

func (d *Decoder) whenCondition(w *securityistio.Condition, action securityistio.AuthorizationPolicy_Action, at yaml.Path) {
	attr, name := AttributeOf(w.GetKey())
	bracketed := attr == ByHeader || strings.HasPrefix(w.GetKey(), "request.auth.claims")
	switch {
	case IsPlaceholder(w.GetKey()):
		d.templated = true
	case attr == "" || bracketed && (name == "" || !strings.HasSuffix(w.GetKey(), "]")):
		d.refuse("not-in-enum", at.Join("key"), Quote(w.GetKey())+" is not an attribute that Istio knows", "see https://istio.io/latest/docs/reference/config/security/conditions/")
	case len(w.GetValues()) == 0 && len(w.GetNotValues()) == 0:
		d.refuse("missing-field", at, "the condition has neither values nor notValues", "add one of them")
	default:
		d.conditions([]Condition{{
			Attr: attr, Field: w.GetKey(), Values: w.GetValues(), Not: w.GetNotValues(), Path: at.Join("values"), NotPath: at.Join("notValues"),
		}}, action)
	}
}

// conditions checks the values of conditions; placeholders are passed over.
func (d *Decoder) conditions(conditions []Condition, action securityistio.AuthorizationPolicy_Action) {
	for i := range conditions {
		c := &conditions[i]
		if action == securityistio.AuthorizationPolicy_CUSTOM && (c.Identity() || c.Attr == ByRequestPrincipal || c.Attr == ByClaim) {
			d.refuse("not-allowed", c.Path, fmt.Sprintf("`%s` is not supported with action CUSTOM", c.Field), "let a DENY or ALLOW policy compare identities")
		}
		for j, v := range c.Values {
			d.conditionValue(c, v, c.Path.Join(j))
		}
		for j, v := range c.Not {
			d.conditionValue(c, v, c.NotPath.Join(j))
		}
	}
}

func (d *Decoder) conditionValue(c *Condition, v string, at yaml.Path) {
	if IsPlaceholder(v) {
		return // authz compares it as unknown
	}
	switch {
	case v == "":
		d.refuse("wrong-type", at, "the value is empty: Istio refuses it", "write the value that is meant; to ask for any, write `\"*\"` in the field without `not`")
	case c.Attr == ByPort:
		if n, err := strconv.ParseUint(v, 10, 32); err != nil || n > 65535 {
			d.refuse("wrong-type", at, Quote(v)+" is not a port number", "write a number from 0 to 65535, in quotes")
		}
	case c.Attr == ByAddress || c.Attr == ByRemoteAddress || c.Field == "destination.ip":
		if _, ok := netset.ParseBlock(v); !ok {
			d.refuse("wrong-type", at, Quote(v)+" is neither an address nor a CIDR block", "write 10.1.2.3 or 10.0.0.0/8")
		}
	case c.Attr == ByServiceAccount && strings.Contains(v, "*"):
		d.refuse("wrong-type", at, "serviceAccounts takes no wildcard", "name the accounts, or use principals")
	}
}
