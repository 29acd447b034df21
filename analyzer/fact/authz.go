package fact

// AuthzFacts says what AuthorizationPolicies make of a port.
type AuthzFacts struct {
	Evidence
	Covered Tri `json:"covered" doc:"a policy in force denies callers that it does not name"`
}

// AuthorizationPolicyFacts is input.authorization_policy.
type AuthorizationPolicyFacts struct {
	Action        string           `json:"action" enum:"ALLOW,DENY,AUDIT,CUSTOM" doc:"spec.action; ALLOW: also where it is left out; DENY: refuses what matches; AUDIT: logs what matches; CUSTOM: asks an external authorizer"`
	RootNamespace bool             `json:"root_namespace" doc:"it lies in the mesh's root namespace, and so is for every namespace"`
	Selector      string           `json:"selector" enum:"none,some" doc:"which workloads it is for; none: no selector, so its namespace, the mesh or its targetRefs; some: it names labels"`
	Selects       Tri              `json:"selects" doc:"it is for a workload of the tree"`
	Complete      Tri              `json:"complete" doc:"every pod that it could be for is in the tree, so that it can be said to select nothing"`
	PodSel        SelectorFacts    `json:"pod_selector" doc:"spec.selector"`
	DryRun        DryRunFacts      `json:"dry_run" doc:"the annotation istio.io/dry-run"`
	Targets       []TargetFacts    `json:"targets" doc:"targetRefs, or targetRef"`
	Rules         []AuthzRuleFacts `json:"rules" doc:"every rule"`
}

// DryRunFacts is the annotation that keeps a policy from being enforced.
type DryRunFacts struct {
	Evidence
	On bool `json:"on" doc:"the annotation is true: the policy is evaluated and not enforced"`
}

// TargetFacts is one of targetRefs.
type TargetFacts struct {
	Evidence
	Kind     string `json:"kind" enum:"Gateway,GatewayClass,Service,ServiceEntry,other" doc:"kind of the target; Gateway, GatewayClass, Service, ServiceEntry: as written; other: every other kind"`
	Found    Tri    `json:"found" doc:"the target is in the tree; no: it is not, and its namespace is known in full; unknown: otherwise, and of GatewayClass and other"`
	Waypoint Tri    `json:"waypoint" doc:"a waypoint stands before the Service; unknown for every other kind"`
}

// AuthzRuleFacts is one rule of an AuthorizationPolicy. Its workloads are those
// that the policy selects and that may be in the mesh.
type AuthzRuleFacts struct {
	Evidence
	InForce              Tri                   `json:"in_force" doc:"some workload that it is for is in the mesh"`
	AllowsAll            bool                  `json:"allows_all" doc:"it is an ALLOW, not a dry run, that limits neither callers nor requests"`
	EntryPointsOnly      bool                  `json:"entry_points_only" doc:"every workload that it is for is a gateway, a webhook or Knative's activator"`
	OtherPolicyRestricts Tri                   `json:"other_policy_restricts" doc:"on each of its workloads, a DENY or CUSTOM policy limits callers as well"`
	HTTP                 bool                  `json:"http" doc:"it compares something that only HTTP has"`
	TCPPorts             string                `json:"tcp_ports" enum:"none,some,all" doc:"of the ports that a rule with HTTP attributes is for, how many Istio treats as plain TCP for certain; none: none, or the rule has no such attribute; some: some; all: all, and at least one"`
	UnsupportedByZtunnel Tri                   `json:"unsupported_by_ztunnel" doc:"only ztunnel enforces it on some workload, and it does not know what the rule or the action asks for"`
	Pattern              PatternFacts          `json:"pattern" doc:"whether another spelling of a path or host bypasses it"`
	Identity             AuthzIdentityFacts    `json:"identity" doc:"what it means to callers without mutual TLS"`
	Header               AuthzHeaderFacts      `json:"header" doc:"whether a header that anybody can send decides"`
	References           []AuthzReferenceFacts `json:"references" doc:"values that name nothing, or too many"`
}

// PatternFacts is a rule that a differently spelled path or host bypasses.
type PatternFacts struct {
	Evidence
	Bypassable string `json:"bypassable" enum:"none,deny,allow" doc:"whether a path or host spelled otherwise bypasses it; none: it does not; deny: it denies listed paths or hosts only; allow: it allows everything but listed ones"`
}

// AuthzIdentityFacts is what a rule that compares identities means to callers
// without mutual TLS.
type AuthzIdentityFacts struct {
	Evidence
	Plaintext string `json:"plaintext" enum:"none,escapes,passes,nobody" doc:"what the rule, which compares identities, does with callers that have none, on a port that takes plaintext; none: nothing of the kind; escapes: it is a DENY that they do not match; passes: it is an ALLOW by negation that they match; nobody: it is an ALLOW on a port that takes no mutual TLS, so that nobody matches"`
}

// AuthzHeaderFacts is a rule that believes a header.
type AuthzHeaderFacts struct {
	Evidence
	Spoofable bool `json:"spoofable" doc:"any caller that sends the value is believed: no identity, token or address is compared as well"`
}

// AuthzReferenceFacts is a value of a rule that names something, or somebody.
type AuthzReferenceFacts struct {
	Evidence
	Problem    string `json:"problem" enum:"spiffe-prefix,literal-wildcard,no-account,service-port,default-account,shared-account" doc:"what is wrong with the value; spiffe-prefix: a principal with spiffe://, which is never equal; literal-wildcard: a * where it is not a wildcard; no-account: no pod of that namespace runs as the account, and none is declared; service-port: a number of a Service port, which the pods do not serve; default-account: an ALLOW for the account of all pods that name none; shared-account: an ALLOW for an account that several applications run as"`
	Suggestion bool   `json:"suggestion" doc:"something close to it exists: {suggestion}"`
	Negative   bool   `json:"negative" doc:"it stands in a not… field"`
}

// RequestAuthenticationFacts is input.request_authentication.
type RequestAuthenticationFacts struct {
	Evidence
	HasJWTRules          bool `json:"has_jwt_rules" doc:"it has jwtRules"`
	InForce              Tri  `json:"in_force" doc:"some workload or Gateway that it is for is in the tree"`
	TokenRequired        Tri  `json:"token_required" doc:"some policy in force there asks for a token, or leaves that to a provider"`
	UnsupportedByZtunnel Tri  `json:"unsupported_by_ztunnel" doc:"only ztunnel stands before some workload, and it verifies no tokens"`
}
