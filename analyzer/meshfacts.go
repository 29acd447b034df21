package analyzer

// CaptureFacts says whether the proxy takes what arrives at a port.
type CaptureFacts struct {
	Evidence
	State string `json:"state" enum:"captured,excluded,not-included,mode-none,bypassed,reserved,unknown,none" doc:"none: the workload is not in the mesh, or the port is not TCP"`
}

// ProtocolConflictFacts says whether Services disagree about a port.
type ProtocolConflictFacts struct {
	Evidence
	Conflict bool `json:"conflict" doc:"Service ports that lead here declare protocols of different classes"`
}

// MeshConflictFacts is a label of the mesh that another one overrules.
type MeshConflictFacts struct {
	Evidence
	Kind string `json:"kind" enum:"none,revision-ignored,ambient-ignored"`
}

// BypassFacts is what lets a container around the proxy beside it.
type BypassFacts struct {
	Evidence
	Kind string `json:"kind" enum:"uid,gid,net-admin,net-raw"`
}

// UnwrittenProbeFacts is a probe of the kubelet that reaches the proxy as it
// is, because rewriting is off.
type UnwrittenProbeFacts struct {
	Evidence
	By   string `json:"by" enum:"http,grpc,tcp"`
	Mode string `json:"mode" enum:"STRICT,PERMISSIVE,DISABLE,NONE,UNKNOWN" doc:"of the port that is probed"`
}

// OutsiderFacts is a caller of the tree that sends plaintext to a port.
type OutsiderFacts struct {
	Evidence
	Kind string `json:"kind" enum:"no-mesh,excluded-outbound"`
}

// RivalFacts is an older or younger policy of the same scope.
type RivalFacts struct {
	Evidence
	Scope string `json:"scope" enum:"workload,namespace,mesh"`
	Same  bool   `json:"same" doc:"both give the same result"`
}

// AmbientFacts says whether a policy concerns workloads of ambient mode.
type AmbientFacts struct {
	Evidence
	Concerned Tri `json:"concerned"`
}

// DestinationRuleFacts is input.destination_rule.
type DestinationRuleFacts struct {
	Settings []TLSSettingFacts `json:"settings" doc:"every tls block of the rule"`
}

// TLSSettingFacts is one tls block: of the rule, of a port or of a subset.
type TLSSettingFacts struct {
	Evidence
	Scope     string             `json:"scope" enum:"rule,port,subset"`
	Mode      string             `json:"mode" enum:"DISABLE,SIMPLE,MUTUAL,ISTIO_MUTUAL"`
	Verify    string             `json:"verify" enum:"full,skipped,any-name,none" doc:"of the server's certificate; none: there is none to verify"`
	Picker    bool               `json:"picker" doc:"the host is the endpoint picker of an InferencePool"`
	Conflicts []TLSConflictFacts `json:"conflicts"`
}

// TLSConflictFacts is a kind of server that does not take what is sent.
type TLSConflictFacts struct {
	Evidence
	Kind string `json:"kind" enum:"plaintext-to-strict,tls-to-strict,mtls-to-plaintext,silent-plaintext"`
}

// MeshConfigFacts is input.mesh: the mesh of a set that holds its
// configuration or its root namespace.
type MeshConfigFacts struct {
	Default string `json:"default" enum:"STRICT,PERMISSIVE,DISABLE,UNSET,none,unknown" doc:"mode of the policy without selector in the root namespace"`
	Members Tri    `json:"members" doc:"workloads of the set are in the mesh"`
	Covered Tri    `json:"covered" doc:"all of them are STRICT, but for single ports, by a policy of their own or their namespace"`
}
