package authz

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// evaluation collects the results of the policies for one question.
type evaluation struct {
	custom, deny, allow match       // of all policies of that action together
	allows              bool        // an ALLOW policy is in force: what none matches is denied
	possiblyAllows      bool        // an ALLOW policy may be in force
	providers           []string    // of CUSTOM policies that match
	matched             []ruleMatch // the rules that match, or may
	defaults            []*policy   // the ALLOW policies, which deny what none of them matches
}

// ruleMatch is a rule and the caller's requests that it matches.
type ruleMatch struct {
	rule *rule
	how  match
	text string // describes the requests, if only some match
}

// add evaluates a policy that is in force for certain (definite) or may be.
func (q *question) add(e *evaluation, p *policy, definite bool) {
	if p.dryRun {
		// Not even an ALLOW policy denies by default then: it makes shadow rules only.
		// istio/istio pilot/pkg/security/authz/builder/builder.go (build).
		return
	}
	result := never
	for _, r := range p.rules {
		how := q.match(r)
		if !definite && how != never {
			how = unknown
		}
		if how != never {
			m := ruleMatch{rule: r, how: how}
			if how == sometimes {
				m.text = q.text(r)
			}
			e.matched = append(e.matched, m)
		}
		result = result.or(how)
	}
	switch p.action() {
	case actionAllow:
		e.allow = e.allow.or(result)
		e.allows = e.allows || definite
		e.possiblyAllows = e.possiblyAllows || !definite
		e.defaults = append(e.defaults, p)
	case actionDeny:
		e.deny = e.deny.or(result)
	case actionCustom:
		q.addCustom(e, p, result)
	case actionAudit: // records requests and decides nothing
	}
}

// addCustom evaluates a CUSTOM policy: its provider decides about what matches.
// For protocols other than HTTP that depends on the kind of provider, which the
// mesh configuration says; ztunnel ignores the action; where two providers match,
// Istio asks neither and denies, unless a feature flag is set.
func (q *question) addCustom(e *evaluation, p *policy, result match) {
	if result == never || q.plane == ztunnel {
		return
	}
	if name := p.spec.GetProvider().GetName(); !slices.Contains(e.providers, name) {
		e.providers = append(e.providers, name)
	}
	if q.plane == envoyTCP || len(e.providers) > 1 || result == unknown {
		e.custom = unknown
	} else if e.custom != unknown {
		e.custom = sometimes
	}
}

func (e *evaluation) answer(unread bool) Answer {
	allow := e.allow
	switch {
	case !e.allows && !e.possiblyAllows:
		allow = always
	case !e.allows && allow != always:
		allow = unknown // whether requests are denied by default is not known
	}
	verdict, open := fact.Conditional, ""
	switch {
	case e.deny == always:
		verdict = fact.Denied
	case unread:
		verdict, open = fact.Undetermined, "not every AuthorizationPolicy was read"
	case allow == never:
		verdict = fact.Denied
	case e.custom == unknown:
		verdict, open = fact.Undetermined, "the provider of a CUSTOM policy decides"
	case e.deny == unknown || allow == unknown:
		verdict, open = fact.Undetermined, "a rule rests on what manifests do not tell of the caller or the workload"
	case e.deny == never && allow == always && e.custom == never:
		verdict = fact.Allowed
	}
	answer := Answer{Verdict: verdict, Missing: open, Because: e.reasons(verdict)}
	if verdict == fact.Conditional {
		answer.When = e.when()
	}
	return answer
}
