package authz

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// tally collects what the policies say.
type tally struct {
	custom, deny, allow extent
	allows              bool      // an ALLOW policy is in force: what none matches is denied
	mayAllow            bool      // one may be
	providers           []string  // of CUSTOM policies that match
	matched             []matched // rules that are not out of the question
	defaults            []*Policy
}

type matched struct {
	rule *Rule
	how  extent
	text string // which requests, if only some
}

func (q *question) count(t *tally, p *Policy, sure bool) {
	if p.dryRun {
		// Not even an ALLOW policy denies by default then: it makes shadow rules only.
		// istio/istio pilot/pkg/security/authz/builder/builder.go (build).
		return
	}
	result := never
	for _, r := range p.Rules {
		how := q.match(r)
		if !sure && how != never {
			how = unclear
		}
		if how != never {
			m := matched{rule: r, how: how}
			if how == sometimes {
				m.text = q.text(r)
			}
			t.matched = append(t.matched, m)
		}
		result = result.or(how)
	}
	switch p.action() {
	case "ALLOW":
		t.allow = t.allow.or(result)
		t.allows = t.allows || sure
		t.mayAllow = t.mayAllow || !sure
		t.defaults = append(t.defaults, p)
	case "DENY":
		t.deny = t.deny.or(result)
	case "CUSTOM":
		q.custom(t, p, result)
	}
}

// custom: the provider decides about what matches. For anything but HTTP that
// rests on the kind of provider, which the mesh configuration says; ztunnel
// ignores the action; of two providers Istio takes neither and denies, unless
// a feature flag is set.
func (q *question) custom(t *tally, p *Policy, result extent) {
	if result == never || q.plane == ztunnel {
		return
	}
	if name := p.spec.GetProvider().GetName(); !slices.Contains(t.providers, name) {
		t.providers = append(t.providers, name)
	}
	if q.plane == envoyTCP || len(t.providers) > 1 || result == unclear {
		t.custom = unclear
	} else if t.custom != unclear {
		t.custom = sometimes
	}
}

func (t *tally) answer(unread bool) Answer {
	allow := t.allow
	switch {
	case !t.allows && !t.mayAllow:
		allow = always
	case !t.allows && allow != always:
		allow = unclear // nobody knows whether anything is denied by default
	}
	verdict, open := fact.Conditional, ""
	switch {
	case t.deny == always:
		verdict = fact.Denied
	case unread:
		verdict, open = fact.Undetermined, "not every AuthorizationPolicy was read"
	case allow == never:
		verdict = fact.Denied
	case t.custom == unclear:
		verdict, open = fact.Undetermined, "the provider of a CUSTOM policy decides"
	case t.deny == unclear || allow == unclear:
		verdict, open = fact.Undetermined, "a rule rests on what manifests do not tell of the caller or the workload"
	case t.deny == never && allow == always && t.custom == never:
		verdict = fact.Allowed
	}
	answer := Answer{Verdict: verdict, open: open, Because: t.reasons(verdict)}
	if verdict == fact.Conditional {
		answer.When = t.when()
	}
	return answer
}
