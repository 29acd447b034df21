package analyzer

// AuthzFacts says what AuthorizationPolicies make of a port.
type AuthzFacts struct {
	Evidence
	Covered Tri `json:"covered" doc:"a policy in force denies whoever it does not name"`
}

// AuthorizationPolicyFacts is input.authorization_policy.
type AuthorizationPolicyFacts struct {
	Action        string           `json:"action" enum:"ALLOW,DENY,AUDIT,CUSTOM"`
	RootNamespace bool             `json:"root_namespace"`
	Selector      string           `json:"selector" enum:"none,some"`
	Selects       Tri              `json:"selects" doc:"it is for a workload of the tree"`
	Closed        Tri              `json:"closed" doc:"every pod that it could be for is known"`
	PodSel        SelectorFacts    `json:"pod_selector"`
	DryRun        DryRunFacts      `json:"dry_run"`
	Targets       []TargetFacts    `json:"targets"`
	Rules         []AuthzRuleFacts `json:"rules"`
}

// DryRunFacts is the annotation that keeps a policy from being enforced.
type DryRunFacts struct {
	Evidence
	On bool `json:"on"`
}

// TargetFacts is one of targetRefs.
type TargetFacts struct {
	Evidence
	Kind     string `json:"kind" enum:"Gateway,GatewayClass,Service,ServiceEntry,other"`
	Found    Tri    `json:"found"`
	Waypoint Tri    `json:"waypoint" doc:"a waypoint stands before the Service; unknown for every other kind"`
}

// AuthzRuleFacts is one rule of an AuthorizationPolicy. Its workloads are those
// that the policy selects and that may be in the mesh.
type AuthzRuleFacts struct {
	Evidence
	InForce    Tri                   `json:"in_force" doc:"some workload that it is for is in the mesh"`
	Open       bool                  `json:"open" doc:"it narrows neither callers nor requests"`
	Entry      bool                  `json:"entry" doc:"every workload that it is for is a gateway, a webhook or Knative's activator"`
	Guarded    Tri                   `json:"guarded" doc:"a DENY or CUSTOM policy limits callers beside it, on each of its workloads"`
	HTTP       bool                  `json:"http" doc:"it compares something that only HTTP has"`
	OnTCP      string                `json:"on_tcp" enum:"none,some,all" doc:"of its ports, how many Istio treats as plain TCP for certain; all needs at least one"`
	Ztunnel    Tri                   `json:"ztunnel" doc:"only ztunnel enforces it on some workload, and it does not know what the rule or the action asks for"`
	Pattern    PatternFacts          `json:"pattern"`
	Identity   AuthzIdentityFacts    `json:"identity"`
	Header     AuthzHeaderFacts      `json:"header"`
	References []AuthzReferenceFacts `json:"references"`
}

// PatternFacts is a rule that a differently spelled path or host escapes.
type PatternFacts struct {
	Evidence
	Escaped string `json:"escaped" enum:"none,deny,allow" doc:"deny: it denies listed paths or hosts only; allow: it allows everybody everything but listed ones"`
}

// AuthzIdentityFacts is what a rule that compares identities means to callers
// without mutual TLS.
type AuthzIdentityFacts struct {
	Evidence
	Plaintext string `json:"plaintext" enum:"none,escapes,passes,nobody" doc:"escapes: a DENY that such callers do not match; passes: an ALLOW by negation that they match; nobody: an ALLOW on a port that takes no mutual TLS"`
}

// AuthzHeaderFacts is a rule that believes a header.
type AuthzHeaderFacts struct {
	Evidence
	Spoofable bool `json:"spoofable" doc:"whoever sends the value is believed: no identity, token or address is compared beside"`
}

// AuthzReferenceFacts is a value of a rule that names something, or somebody.
type AuthzReferenceFacts struct {
	Evidence
	Problem    string `json:"problem" enum:"spiffe-prefix,literal-wildcard,no-account,service-port,default-account,shared-account"`
	Suggestion bool   `json:"suggestion" doc:"something close to it exists: {suggestion}"`
	Negative   bool   `json:"negative" doc:"it stands in a not… field"`
}

// RequestAuthenticationFacts is input.request_authentication.
type RequestAuthenticationFacts struct {
	Evidence
	Issuers  bool `json:"issuers" doc:"it has jwtRules"`
	InForce  Tri  `json:"in_force" doc:"some workload or Gateway that it is for is in the tree"`
	Required Tri  `json:"required" doc:"some policy in force there asks for a token, or leaves that to a provider"`
	Ztunnel  Tri  `json:"ztunnel" doc:"only ztunnel stands before some workload, and it verifies no tokens"`
}
