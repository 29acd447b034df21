package analyzer

import (
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// Tri is the answer to a question that manifests may leave open.
type Tri string

// The answers.
const (
	Yes     Tri = "yes"
	No      Tri = "no"
	Unknown Tri = "unknown"
)

// Source is the field that a fact was read from. Object is nil when the fact
// rests on no object (a document that could not be read); Span then stands for
// itself.
type Source struct {
	Object *source.Object
	Path   yaml.Path
	Key    bool // the key is meant, not the value
	Span   yaml.Span
}

// Evidence is the side of a fact that rules never see and findings need: where
// it comes from, what things are called, which workloads it is about. Rules
// that saw names could not be judged once for all equal facts.
type Evidence struct {
	From      Source            `json:"-"`
	Names     map[string]string `json:"-"` // fill {placeholders} of messages
	Workloads []WorkloadRef     `json:"-"`
}

// WorkloadRef names a workload and says where it is defined.
type WorkloadRef struct {
	ID   string // namespace/name[Kind]
	From Source
}

// Subject is one thing that rules judge. Type is the name under which a rule
// finds Facts in its input; Facts is a pointer to one of the structs below.
type Subject struct {
	Evidence
	Type  string
	Facts any
	// Set is the root of the kustomization or chart that the subject belongs to;
	// empty for plain manifests, and where the tree is one set.
	Set string
}

// WorkloadFacts is input.workload: a group of equal pods and its top-level owner.
type WorkloadFacts struct {
	// What a workload has for itself. A rule that reads one of these is judged
	// once a workload, not once for all that are equal.
	Name           string            `json:"name"`
	Labels         map[string]string `json:"labels" doc:"of the pods"`
	ServiceAccount string            `json:"service_account"`
	Containers     []ContainerFacts  `json:"containers"`

	Kind        string         `json:"kind"` // of the top-level owner; "Service" or the policy's kind when implied
	Implied     bool           `json:"implied" doc:"its pods are not in the tree; a Service or policy selects them"`
	HostNetwork bool           `json:"host_network"`
	Role        string         `json:"role" enum:"none,inference,gateway,vector-store,notebook,training,registry,pipeline,agent,cache,feature-store,ui,tracing" doc:"what it does for AI, by the product it runs: {product}; none where no product is recognised"`
	Gateway     bool           `json:"gateway" doc:"pods of a mesh or ingress gateway"`
	Platform    bool           `json:"platform" doc:"Istio's or Kubernetes' own control plane"`
	Entry       []string       `json:"entry" enum:"loadbalancer,nodeport,webhook,gateway" doc:"what leads callers from outside the pod network to it"`
	Namespace   NamespaceFacts `json:"namespace"`
	Ingress     IsolationFacts `json:"ingress"`
	Egress      EgressFacts    `json:"egress"`
	Mesh        MeshFacts      `json:"mesh"`

	Host         HostFacts   `json:"host" doc:"of a pod on the host network"`
	HBONE        AdmitFacts  `json:"hbone" doc:"of an ambient pod: HBONE, port 15008, is open to {peer}, and the application's ports are not"`
	OwnNamespace AdmitFacts  `json:"own_namespace" doc:"every pod of its own namespace, and not all the cluster, is admitted to every port"`
	Ports        []PortFacts `json:"ports" doc:"every port a container declares or a Service targets"`
}

// ContainerFacts is one container of the pod template.
type ContainerFacts struct {
	Evidence
	Name   string       `json:"name"`
	Image  string       `json:"image"`
	Role   string       `json:"role" enum:"app,init,sidecar" doc:"sidecar: an init container that goes on running"`
	Probes []ProbeFacts `json:"probes"`
}

// ProbeFacts is one probe of a container.
type ProbeFacts struct {
	Kind string `json:"kind" enum:"liveness,readiness,startup"`
	By   string `json:"by" enum:"http,grpc,tcp,exec"`
	Port int    `json:"port" doc:"of the pod; 0 for exec and for a name that no container declares"`
}

// NamespaceFacts tells of the workload's namespace. Its evidence is the
// Namespace object or, when the tree has none, the first workload there.
type NamespaceFacts struct {
	Evidence
	Declared Tri `json:"declared" doc:"the Namespace object is in the tree"`
	Policies Tri `json:"policies" doc:"some NetworkPolicy of the namespace is in the tree"`

	Switch      PlaceFacts `json:"switch" doc:"a value that is off keeps the chart's NetworkPolicies from being made: {switch}"`
	DefaultDeny Tri        `json:"default_deny" doc:"a policy of the namespace selects all its pods for ingress"`
	AllIsolated bool       `json:"all_isolated" doc:"policies isolate the ingress of every workload of the namespace"`
}

// IsolationFacts says whether NetworkPolicies isolate a workload in one direction.
type IsolationFacts struct {
	Evidence
	Isolated Tri    `json:"isolated"`
	Admits   string `json:"admits" enum:"nobody,somebody,unknown" doc:"some rule is written for somebody; somebody when not isolated"`
}

// EgressFacts says how far a workload reaches out of the cluster.
type EgressFacts struct {
	Evidence
	Isolated Tri        `json:"isolated"`
	Admits   string     `json:"admits" enum:"nobody,somebody,unknown" doc:"some rule is written for somebody; somebody when not isolated"`
	Open     bool       `json:"open" doc:"isolated, and a rule admits everything all the same"`
	Internet AdmitFacts `json:"internet" doc:"isolated, and yet admitted to most public addresses, on other ports than DNS"`
	Metadata AdmitFacts `json:"metadata" doc:"may reach 169.254.169.254, the metadata service of the clouds"`
}

// HostFacts tells what policies say of a pod on the host network, where they
// are not enforced. Its evidence is the pod's hostNetwork field.
type HostFacts struct {
	Evidence
	Selected string     `json:"selected" enum:"none,all,some" doc:"all: a policy for every pod of the namespace selects it; some: one for pods like it"`
	Policy   PlaceFacts `json:"policy" doc:"{policy}"`
	Agent    bool       `json:"agent" doc:"one pod a node, or part of the platform: the host network is its place"`
}

// MeshFacts says whether the workload's pods are in the mesh and why.
type MeshFacts struct {
	Evidence
	Member string `json:"member" enum:"sidecar,ambient,none,unknown"`
	Reason string `json:"reason" enum:"namespace,revision,pod,opt-out,namespace-disabled,never-injected,host-network,no-label,label-on-owner,annotation-only,ambient-namespace,ambient-pod,ambient-opt-out,gateway,default,injected,unread,undeclared-namespace,undiscovered,unknown-revision"`
	// Expected: the tree itself treats the workload as part of a mesh.
	Expected Tri `json:"expected" doc:"the tree has Istio policies for its namespace, or enrols other workloads"`
	Enrolled Tri `json:"enrolled" doc:"its namespace is labelled for the mesh"`
	// What weakens the mesh for the pod as a whole.
	Conflict MeshConflictFacts     `json:"conflict"`
	Bypass   []BypassFacts         `json:"bypass"`
	Probes   []UnwrittenProbeFacts `json:"probes" doc:"probes that are not rewritten"`
}

// PortFacts is one port of a workload.
type PortFacts struct {
	Evidence
	Number    int        `json:"number" doc:"0 when only a name is known"`
	Name      string     `json:"name"`
	Protocol  string     `json:"protocol" enum:"TCP,UDP,SCTP"`
	Declared  bool       `json:"declared" doc:"a container lists it"`
	Serviced  bool       `json:"serviced" doc:"a Service targets it"`
	Purpose   string     `json:"purpose" enum:"webhook,metrics,health,app"`
	Entry     []string   `json:"entry" enum:"loadbalancer,nodeport,webhook" doc:"what leads callers from outside the pod network to it"`
	Everyone  AdmitFacts `json:"everyone" doc:"all IPv4 or all IPv6 addresses are admitted"`
	Cluster   AdmitFacts `json:"cluster" doc:"every pod of every namespace is admitted"`
	Namespace AdmitFacts `json:"namespace" doc:"every pod of some namespace is admitted: {peer}"`
	MTLS      MTLSFacts  `json:"mtls"`
	Authz     AuthzFacts `json:"authz"`

	Capture   CaptureFacts          `json:"capture"`
	Protocols ProtocolConflictFacts `json:"protocols"`
	Outsiders []OutsiderFacts       `json:"outsiders" doc:"callers of the tree that send plaintext"`

	Control ControlFacts `json:"control" doc:"what the workload's product lets callers of this port rule"`
}

// ControlFacts tells of a port through which a product is ruled, not used: who
// reaches it runs code, loads models or stops the service.
type ControlFacts struct {
	Evidence
	Name string `json:"name" enum:"none,ray-gcs,ray-dashboard,ray-client,torchserve-management,triton-repository,milvus-management,jupyter,etcd,nats,torch-rendezvous" doc:"for people: {control}"`
	Auth Tri    `json:"auth" doc:"the product asks its callers who they are"`
}

// AdmitFacts says whether the union of the policies admits a class of peers.
// On a workload that is not isolated the answer is no: nothing admits, all may.
type AdmitFacts struct {
	Evidence
	Admitted Tri    `json:"admitted"`
	Via      string `json:"via" enum:"no-peers,ip-block,namespace-selector,not-isolated,tier,"`
}

// MTLSFacts is the effective mutual-TLS mode of a port as istiod composes it.
type MTLSFacts struct {
	Evidence
	Mode  string `json:"mode" enum:"STRICT,PERMISSIVE,DISABLE,NONE,UNKNOWN"`
	Scope string `json:"scope" enum:"port,workload,namespace,mesh,default,none" doc:"what decided the mode"`
}

// NetworkPolicyFacts is input.network_policy.
type NetworkPolicyFacts struct {
	Selector   string        `json:"selector" enum:"all,some"`
	Selects    Tri           `json:"selects" doc:"it selects a workload of the tree"`
	Closed     Tri           `json:"closed" doc:"every pod of its namespace is known"`
	TypesGiven bool          `json:"types_given" doc:"spec.policyTypes is written"`
	Ingress    SectionFacts  `json:"ingress"`
	Egress     SectionFacts  `json:"egress"`
	Rules      []PolicyRule  `json:"rules"`
	PodSel     SelectorFacts `json:"pod_selector"`
}

// SelectorFacts carries the place of a selector and the label that was meant.
type SelectorFacts struct {
	Evidence
	Suggestion bool `json:"suggestion" doc:"a label close to it exists: {suggestion}"`
}

// SectionFacts is one direction of a NetworkPolicy.
type SectionFacts struct {
	Evidence
	Applies bool `json:"applies" doc:"the direction is among the effective policyTypes"`
	Rules   int  `json:"rules" doc:"how many rules are written"`
}

// PolicyRule is one rule of a NetworkPolicy.
type PolicyRule struct {
	Evidence
	Direction string `json:"direction" enum:"ingress,egress"`
	Applies   bool   `json:"applies" doc:"the policy isolates the direction"`
	Peers     string `json:"peers" enum:"any,some"`
	Ports     string `json:"ports" enum:"all,some"`

	Whom      []PeerFacts     `json:"whom" doc:"its peers, one by one"`
	PortList  []RulePortFacts `json:"port_list" doc:"its ports, one by one"`
	Served    string          `json:"served" enum:"none,one,many,unknown" doc:"how many ports the selected workloads serve; unknown when their pods are not in the tree"`
	Redundant bool            `json:"redundant" doc:"another rule for the same pods admits all that it admits"`
	SplitPeer Tri             `json:"split_peer" doc:"a namespace-only and a pod-only peer stand side by side and the pods are only to be found in those namespaces"`
}

// FlowFacts is input.flow: a connection that the tree needs, and whether
// policies let it through.
type FlowFacts struct {
	Need    string `json:"need" enum:"dns,istiod,webhook,scrape,route,dependency,hbone,probe" doc:"what needs it"`
	Verdict string `json:"verdict" enum:"allowed,denied,unknown" doc:"of both sides together"`

	Egress  FlowSideFacts `json:"egress" doc:"what the caller's policies say"`
	Ingress FlowSideFacts `json:"ingress" doc:"what the callee's policies say"`

	Mesh FlowMeshFacts `json:"mesh" doc:"what the mesh makes of it, once the network let it through"`

	Source    string     `json:"source" enum:"workload,elsewhere," doc:"of route and scrape: whether the caller is a pod of the tree"`
	Reference PlaceFacts `json:"reference" doc:"what says that the connection is needed: {reference}"`
	Calls     Tri        `json:"calls" doc:"of dns: the workload names hosts that it calls; unknown when it may call somebody all the same"`
}

// FlowMeshFacts is the mesh's say; its evidence is what keeps the caller out,
// {mesh_policy}.
type FlowMeshFacts struct {
	Evidence
	Verdict string `json:"verdict" enum:"allowed,denied,broken-tls,conditional,unknown"`
}

// FlowSideFacts is one side of a flow; its evidence is what denies it.
type FlowSideFacts struct {
	Evidence
	Verdict string `json:"verdict" enum:"allowed,denied,unknown"`
}

// PeerFacts is one peer of a rule.
type PeerFacts struct {
	Evidence
	Finds      Tri        `json:"finds" doc:"it selects a pod; always yes for addresses"`
	Lacks      string     `json:"lacks" enum:"pods,namespace,label," doc:"pods: its namespace has none like it; namespace: they live in another, {home}; label: the namespace of that name does not carry {label}"`
	Suggestion bool       `json:"suggestion" doc:"what was meant: {suggestion}"`
	Split      bool       `json:"split" doc:"it is one of the two that split_peer of the rule means"`
	Namespace  PlaceFacts `json:"namespace" doc:"of lacks label: the Namespace of that name"`
}

// RulePortFacts is one port of a rule.
type RulePortFacts struct {
	Evidence
	Kind     string     `json:"kind" enum:"all,number,name"`
	Declared string     `json:"declared" enum:"all,some,none,address,unknown" doc:"of a name: whether those whom the rule is for declare it; address: it is for addresses only, which name no port"`
	Service  PlaceFacts `json:"service" doc:"has the number as its own port; its pods do not, and the rule leaves out theirs, {target}"`
}

// PlaceFacts is another object that a fact may rest on.
type PlaceFacts struct {
	Evidence
	Known bool `json:"known"`
}

// PeerAuthenticationFacts is input.peer_authentication.
type PeerAuthenticationFacts struct {
	RootNamespace bool                 `json:"root_namespace"`
	Selector      string               `json:"selector" enum:"none,some"`
	Selects       Tri                  `json:"selects"`
	Closed        Tri                  `json:"closed"`
	Mode          string               `json:"mode" enum:"UNSET,STRICT,PERMISSIVE,DISABLE"`
	PodSel        SelectorFacts        `json:"pod_selector"`
	Ports         []PortExceptionFacts `json:"ports"`
	Rivals        []RivalFacts         `json:"rivals"`
	Ambient       AmbientFacts         `json:"ambient"`
}

// PortExceptionFacts is one entry of portLevelMtls.
type PortExceptionFacts struct {
	Evidence
	Number    int    `json:"number"`
	Mode      string `json:"mode" enum:"UNSET,STRICT,PERMISSIVE,DISABLE"`
	Port      string `json:"port" enum:"workload,service,other,unknown" doc:"workload: a port of the pods; service: only the number of a Service port"`
	Effective Tri    `json:"effective" doc:"the policy is the one in force on a mesh workload that serves the port"`
	Purpose   string `json:"purpose" enum:"webhook,metrics,health,app"`

	Ambient AmbientFacts `json:"ambient"`
}

// ServiceFacts is input.service.
type ServiceFacts struct {
	Type     string             `json:"type" enum:"ClusterIP,NodePort,LoadBalancer,ExternalName"`
	Selector string             `json:"selector" enum:"none,some"`
	Selects  Tri                `json:"selects"`
	Closed   Tri                `json:"closed"`
	PodSel   SelectorFacts      `json:"pod_selector"`
	Ports    []ServicePortFacts `json:"ports"`
}

// ServicePortFacts is one port of a Service.
type ServicePortFacts struct {
	Evidence
	Target   string `json:"target" enum:"number,name"`
	Served   Tri    `json:"served" doc:"a selected container declares the target port"`
	Declared bool   `json:"declared" doc:"the selected containers declare ports at all"`
	Mesh     string `json:"mesh" enum:"sidecar,ambient,none,unknown" doc:"membership of the selected workloads; unknown when they differ"`
	Protocol string `json:"protocol" enum:"declared,sniffed,unknown-app-protocol,assumed,not-proxied"`
	GRPC     string `json:"grpc" enum:"no,declared,hidden" doc:"hidden: the name speaks of gRPC and declares HTTP/1"`
}

// DocumentFacts is input.document: a document that could not be read.
type DocumentFacts struct {
	Cause string `json:"cause"`
}

// FieldFacts is input.field: a field that its kind does not allow.
type FieldFacts struct {
	Problem string `json:"problem" enum:"unknown-field,wrong-type,not-in-enum,duplicate-key,missing-field,not-allowed"`
}

// DuplicateFacts is input.duplicate: an object that its set holds twice.
type DuplicateFacts struct {
	Same bool `json:"same" doc:"both copies say the same"`
}
