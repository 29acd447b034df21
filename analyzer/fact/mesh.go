package fact

// CaptureFacts says whether the proxy takes what arrives at a port.
type CaptureFacts struct {
	Evidence
	State CaptureState `json:"state" enum:"captured,excluded,not-included,mode-none,bypassed,reserved,unknown,none" doc:"whether the proxy takes what arrives at the port; captured: it does; excluded: excludeInboundPorts lists the port; not-included: includeInboundPorts leaves it out; mode-none: interceptionMode is NONE; bypassed: ambient.istio.io/bypass-inbound-capture is true; reserved: a port of the proxy itself; unknown: an annotation or configuration leaves it open; none: the workload is not known to be in the mesh, or the port is not TCP"`
}

// ProtocolConflictFacts says whether Services disagree about a port.
type ProtocolConflictFacts struct {
	Evidence
	Conflict bool `json:"conflict" doc:"Service ports that lead here declare protocols of different classes"`
}

// MeshConflictFacts is a label of the mesh that another one overrules.
type MeshConflictFacts struct {
	Evidence
	Kind string `json:"kind" enum:"none,revision-ignored,ambient-ignored" doc:"which label is overruled; none: no label is; revision-ignored: the namespace's istio.io/rev, by its istio-injection; ambient-ignored: istio.io/dataplane-mode of pod or namespace, by the sidecar that the pods get"`
}

// BypassFacts is what lets a container around the proxy beside it.
type BypassFacts struct {
	Evidence
	Kind string `json:"kind" enum:"uid,gid,net-admin,net-raw" doc:"what lets the container around the proxy; uid: it runs as user 1337, the proxy's, whose traffic is not redirected; gid: it runs as group 1337; net-admin: capability NET_ADMIN or ALL, which may change the redirection; net-raw: capability NET_RAW, which sends packets past it"`
}

// UnrewrittenProbeFacts is a probe of the kubelet that reaches the proxy as it
// is, because rewriting is off.
type UnrewrittenProbeFacts struct {
	Evidence
	Handler string   `json:"handler" enum:"http,grpc,tcp" doc:"how the kubelet asks; http: httpGet; grpc: grpc; tcp: tcpSocket"`
	Mode    MTLSMode `json:"mode" enum:"STRICT,PERMISSIVE,DISABLE,NONE,UNKNOWN" doc:"mutual-TLS mode of the port that is probed; STRICT: only mutual TLS of the mesh is taken; PERMISSIVE: plaintext is taken as well; DISABLE: only plaintext is; NONE: the proxy does not capture the port; UNKNOWN: what decides is not in the tree or left open"`
}

// PlaintextCallerFacts is a caller of the tree that sends plaintext to a port.
type PlaintextCallerFacts struct {
	Evidence
	Kind string `json:"kind" enum:"no-mesh,excluded-outbound" doc:"why the caller sends plaintext; no-mesh: it is not in the mesh; excluded-outbound: its own annotation traffic.sidecar.istio.io/excludeOutboundPorts lists the port"`
}

// PolicyConflictFacts is an older or younger policy of the same scope, which istiod may choose.
type PolicyConflictFacts struct {
	Evidence
	Scope MTLSScope `json:"scope" enum:"workload,namespace,mesh" doc:"what both policies are for; workload: the same workload; namespace: the whole namespace; mesh: the whole mesh"`
	Same  bool      `json:"same" doc:"both give the same result"`
}

// AmbientFacts says whether a policy concerns workloads of ambient mode.
type AmbientFacts struct {
	Evidence
	Affected Tri `json:"affected" doc:"the mode is DISABLE, and a workload of ambient mode is among those it is for; no: otherwise"`
}

// DestinationRuleFacts is input.destination_rule.
type DestinationRuleFacts struct {
	TLSSettings []TLSSettingFacts `json:"tls_settings" doc:"every tls block of the rule"`
}

// TLSSettingFacts is one tls block: of the rule, of a port or of a subset.
type TLSSettingFacts struct {
	Evidence
	Scope          string             `json:"scope" enum:"rule,port,subset" doc:"where the block stands; rule: trafficPolicy.tls; port: under portLevelSettings; subset: under a subset"`
	Mode           string             `json:"mode" enum:"DISABLE,SIMPLE,MUTUAL,ISTIO_MUTUAL" doc:"tls.mode; DISABLE: clients send plaintext; SIMPLE: TLS without a client certificate; MUTUAL: TLS with a certificate of the rule's own; ISTIO_MUTUAL: mutual TLS of the mesh"`
	Verify         string             `json:"verify" enum:"full,skipped,any-name,none" doc:"what of the server's certificate is checked; full: its authority and its name; skipped: insecureSkipVerify is on; any-name: its authority only, because sni stands without subjectAltNames; none: the mode has none to verify"`
	EndpointPicker bool               `json:"endpoint_picker" doc:"the host is the endpoint picker of an InferencePool"`
	Conflicts      []TLSConflictFacts `json:"conflicts" doc:"kinds of servers behind the host that do not accept what is sent"`
}

// TLSConflictFacts is a kind of server that does not take what is sent.
type TLSConflictFacts struct {
	Evidence
	Kind string `json:"kind" enum:"plaintext-to-strict,tls-to-strict,mtls-to-plaintext,silent-plaintext" doc:"what is sent to what is taken; plaintext-to-strict: plaintext to a STRICT port; tls-to-strict: TLS of another kind to a STRICT port; mtls-to-plaintext: mutual TLS of the mesh to pods without proxy or with mode DISABLE; silent-plaintext: plaintext to a PERMISSIVE port, which takes it"`
}

// MeshConfigFacts is input.mesh: the mesh of a set that holds its
// configuration or its root namespace.
type MeshConfigFacts struct {
	Default    string `json:"default" enum:"STRICT,PERMISSIVE,DISABLE,UNSET,none,unknown" doc:"mode of the PeerAuthentication without selector in the root namespace; STRICT: only mutual TLS of the mesh is taken; PERMISSIVE: plaintext is taken as well; DISABLE: only plaintext is; UNSET: the policy sets none; none: there is no such policy; unknown: several contradict each other, or some may lie elsewhere"`
	HasMembers Tri    `json:"has_members" doc:"workloads of the set are in the mesh"`
	AllStrict  Tri    `json:"all_strict" doc:"all of them are STRICT, but for single ports, by a policy of their own or their namespace"`
}
