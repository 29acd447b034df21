package fact

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
	// Environments are the names of those that it is part of; nil is all.
	Environments []string
}

// WorkloadFacts is input.workload: a group of equal pods and its top-level owner.
type WorkloadFacts struct {
	// What a workload has for itself. A rule that reads one of these is judged
	// once a workload, not once for all that are equal.
	Name           string            `json:"name" doc:"metadata.name of the top-level owner; of an inferred workload, the name of the Service or policy that selects it"`
	Labels         map[string]string `json:"labels" doc:"labels of the pods, as far as manifests tell"`
	ServiceAccount string            `json:"service_account" doc:"the account that the pods run as, default where they name none; empty where manifests leave it open"`
	Containers     []ContainerFacts  `json:"containers" doc:"containers and init containers of the pod template; empty where no manifest holds one"`

	Kind        string         `json:"kind" doc:"kind of the top-level owner, such as Deployment or InferenceService; of an inferred workload, the kind of the Service or policy that selects it"`
	Inferred    bool           `json:"inferred" doc:"its pods are not in the tree; a Service or policy selects them"`
	HostNetwork bool           `json:"host_network" doc:"the pods share the node's network, on which NetworkPolicies are not enforced"`
	Role        string         `json:"role" enum:"none,inference,gateway,vector-store,notebook,training,registry,pipeline,agent,cache,feature-store,ui,tracing" doc:"what it does for AI, by the product that it runs: {product}; inference: serves a model; gateway: routes requests to model servers; vector-store: stores embeddings; notebook: runs users' code; training: trains, tunes or runs distributed jobs; registry: keeps models and experiments; pipeline: runs workflows of jobs; agent: runs agents, flows or tools; cache: keeps key-value caches of models; feature-store: serves features; ui: a front end for people; tracing: records prompts and answers; none: no AI product is recognised"`
	Gateway     bool           `json:"gateway" doc:"pods of a mesh or ingress gateway"`
	Platform    bool           `json:"platform" doc:"Istio's or Kubernetes' own control plane"`
	ExposedBy   []string       `json:"exposed_by" enum:"loadbalancer,nodeport,webhook,gateway" doc:"what leads callers from outside the pod network to it; loadbalancer: a Service of type LoadBalancer, or a load balancer that sends to the pods themselves; nodeport: a Service of type NodePort; webhook: the API server, which calls an admission or conversion webhook; gateway: it is a gateway itself"`
	Namespace   NamespaceFacts `json:"namespace" doc:"the namespace that the pods run in"`
	Ingress     IsolationFacts `json:"ingress" doc:"whether policies restrict who may connect to it"`
	Egress      EgressFacts    `json:"egress" doc:"whether policies restrict where it may connect to, and how far it gets"`
	Mesh        MeshFacts      `json:"mesh" doc:"whether its pods are in an Istio mesh, and why"`

	Host         HostFacts   `json:"host" doc:"of a pod on the host network"`
	HBONE        AdmitFacts  `json:"hbone" doc:"of an ambient pod: HBONE, port 15008, is open to {peer}, and the application's ports are not"`
	OwnNamespace AdmitFacts  `json:"own_namespace" doc:"every pod of its own namespace, and not all the cluster, is admitted to every port"`
	Ports        []PortFacts `json:"ports" doc:"every port a container declares or a Service targets"`
}

// ContainerFacts is one container of the pod template.
type ContainerFacts struct {
	Evidence
	Name   string       `json:"name" doc:"name of the container"`
	Image  string       `json:"image" doc:"image as written, with registry, tag and digest"`
	Role   string       `json:"role" enum:"app,init,sidecar" doc:"which list it stands in; app: containers; init: initContainers; sidecar: initContainers with restartPolicy Always, which go on running"`
	Probes []ProbeFacts `json:"probes" doc:"probes of the container"`
}

// ProbeFacts is one probe of a container.
type ProbeFacts struct {
	Kind    string `json:"kind" enum:"liveness,readiness,startup" doc:"which probe it is; liveness: livenessProbe; readiness: readinessProbe; startup: startupProbe"`
	Handler string `json:"handler" enum:"http,grpc,tcp,exec" doc:"how the kubelet asks; http: httpGet; grpc: grpc; tcp: tcpSocket; exec: a command in the container, without the network"`
	Port    int    `json:"port" doc:"of the pod; 0 for exec and for a name that no container declares"`
}

// NamespaceFacts tells of the workload's namespace. Its evidence is the
// Namespace object or, when the tree has none, the first workload there.
type NamespaceFacts struct {
	Evidence
	Declared Tri `json:"declared" doc:"the Namespace object is in the tree"`
	Policies Tri `json:"policies" doc:"some NetworkPolicy of the namespace is in the tree"`

	PoliciesDisabledBy PlaceFacts `json:"policies_disabled_by" doc:"a value that is off keeps the chart's NetworkPolicies from being made: {switch}"`
	DefaultDeny        Tri        `json:"default_deny" doc:"a policy of the namespace selects all its pods for ingress"`
	AllIsolated        bool       `json:"all_isolated" doc:"policies isolate the ingress of every workload of the namespace"`
}

// IsolationFacts says whether NetworkPolicies isolate a workload in one direction.
type IsolationFacts struct {
	Evidence
	Isolated Tri    `json:"isolated" doc:"a NetworkPolicy, AdminNetworkPolicy or the like restricts the direction, whatever it admits; yes: a NetworkPolicy that is read selects the pods, or admin and baseline policies alone admit nothing; no: nothing restricts it, also for pods on the host network; unknown: a policy that was not read, may select the pods or is of a kind that is not evaluated could decide"`
	Admits   string `json:"admits" enum:"nobody,somebody,unknown" doc:"whether the policies in force admit anything; nobody: no rule is written; somebody: a rule is written, whether or not its peers are in the tree, or nothing isolates; unknown: an unread policy or a tier may admit somebody"`
}

// EgressFacts says how far a workload reaches out of the cluster.
type EgressFacts struct {
	Evidence
	Isolated    Tri        `json:"isolated" doc:"a NetworkPolicy, AdminNetworkPolicy or the like restricts the direction, whatever it admits; yes: a NetworkPolicy that is read selects the pods, or admin and baseline policies alone admit nothing; no: nothing restricts it, also for pods on the host network; unknown: a policy that was not read, may select the pods or is of a kind that is not evaluated could decide"`
	Admits      string     `json:"admits" enum:"nobody,somebody,unknown" doc:"whether the policies in force admit anything; nobody: no rule is written; somebody: a rule is written, whether or not its peers are in the tree, or nothing isolates; unknown: an unread policy or a tier may admit somebody"`
	Open        bool       `json:"open" doc:"isolated, and a rule admits everything all the same"`
	Internet    AdmitFacts `json:"internet" doc:"isolated, and yet admitted to most public addresses, on other ports than DNS"`
	MetadataAPI AdmitFacts `json:"metadata_api" doc:"may reach 169.254.169.254, the metadata service of the clouds"`
}

// HostFacts tells what policies say of a pod on the host network, where they
// are not enforced. Its evidence is the pod's hostNetwork field.
type HostFacts struct {
	Evidence
	Selected  string     `json:"selected" enum:"none,all,some" doc:"whether a NetworkPolicy selects the pod, in vain; none: no policy does, or the pod is not on the host network; all: only policies for every pod of the namespace do; some: a policy written for pods like it does"`
	Policy    PlaceFacts `json:"policy" doc:"the NetworkPolicy that selects it, {policy}"`
	NodeAgent bool       `json:"node_agent" doc:"one pod a node, or part of the platform: the host network is its place"`
}

// MeshFacts says whether the workload's pods are in the mesh and why.
type MeshFacts struct {
	Evidence
	Member Member `json:"member" enum:"sidecar,ambient,none,unknown" doc:"how the pods are in the mesh; sidecar: a proxy is injected, or stands in the manifest; ambient: ztunnel captures their traffic; none: they are not in it; unknown: what decides is not in the tree or left open"`
	Reason string `json:"reason" enum:"namespace,revision,pod,opt-out,namespace-disabled,never-injected,host-network,no-label,label-on-owner,annotation-only,ambient-namespace,ambient-pod,ambient-opt-out,default,injected,unread,undeclared-namespace,undiscovered,unknown-revision" doc:"what decided that; host-network: pods on the host network are never captured; never-injected: the namespace is one that the injector ignores, such as kube-system; injected: the manifest already holds the sidecar (sidecar.istio.io/status); namespace: the namespace's label istio-injection is enabled; namespace-disabled: that label has another value; revision: the label istio.io/rev of namespace or pod; unknown-revision: that label names no revision of the injection webhooks in the tree; pod: the pod's label sidecar.istio.io/inject is true; opt-out: that label or annotation of the pod says no; default: the injector enrols every namespace (enableNamespacesByDefault); no-label: nothing asks for the mesh; label-on-owner: sidecar.istio.io/inject stands on the owner and not on its pod template, where it has no effect; annotation-only: it is an annotation of the pod, which has no effect where the namespace is not labelled; ambient-namespace: the namespace's label istio.io/dataplane-mode is ambient; ambient-pod: the pod's label is; ambient-opt-out: the pod's label is none in a namespace that is ambient; unread: a chart or kustomization that was not built, or a value that is left open, may set a label; undeclared-namespace: the Namespace object is not in the tree; undiscovered: the mesh's discoverySelectors leave the namespace out, or may"`
	// Expected: the tree itself treats the workload as part of a mesh.
	Expected Tri `json:"expected" doc:"the tree itself treats the workload as part of a mesh; yes: it has Istio policies for the namespace, or enrols some workload; no: it has nothing of Istio; unknown: it has other objects of Istio, which may serve as a gateway only"`
	Enrolled Tri `json:"enrolled" doc:"the labels of its namespace ask for the mesh; unknown: the Namespace object is not in the tree"`
	// What weakens the mesh for the pod as a whole.
	Conflict          MeshConflictFacts       `json:"conflict" doc:"a label of the mesh that another label overrules"`
	Bypass            []BypassFacts           `json:"bypass" doc:"what lets its containers send past the sidecar"`
	UnrewrittenProbes []UnrewrittenProbeFacts `json:"unrewritten_probes" doc:"probes that reach the sidecar as they are, because rewriting is off"`
}

// PortFacts is one port of a workload.
type PortFacts struct {
	Evidence
	Number     int        `json:"number" doc:"0 when only a name is known"`
	Name       string     `json:"name" doc:"its name in the pod; empty where it has none"`
	Protocol   string     `json:"protocol" enum:"TCP,UDP,SCTP" doc:"transport protocol; TCP, UDP, SCTP: as containers and Services write it"`
	Declared   bool       `json:"declared" doc:"a container lists it"`
	HasService bool       `json:"has_service" doc:"a Service targets it"`
	Purpose    Purpose    `json:"purpose" enum:"webhook,metrics,health,app" doc:"what it is for, by its name and by what refers to it; webhook: the API server calls it; metrics: it is scraped; health: it is probed; app: everything else"`
	ExposedBy  []string   `json:"exposed_by" enum:"loadbalancer,nodeport,webhook" doc:"what leads callers from outside the pod network to it; loadbalancer: a Service of type LoadBalancer, or a load balancer that sends to the pods themselves; nodeport: a Service of type NodePort; webhook: the API server, which calls an admission or conversion webhook"`
	Everyone   AdmitFacts `json:"everyone" doc:"all IPv4 or all IPv6 addresses are admitted"`
	Cluster    AdmitFacts `json:"cluster" doc:"every pod of every namespace is admitted"`
	Namespace  AdmitFacts `json:"namespace" doc:"every pod of some namespace is admitted: {peer}"`
	MTLS       MTLSFacts  `json:"mtls" doc:"the mutual-TLS mode of the port, as istiod composes the PeerAuthentications"`
	Authz      AuthzFacts `json:"authz" doc:"what AuthorizationPolicies make of it"`

	Capture          CaptureFacts           `json:"capture" doc:"whether the mesh's proxy takes what arrives at it"`
	Protocols        ProtocolConflictFacts  `json:"protocols" doc:"whether Services agree about what it speaks"`
	PlaintextCallers []PlaintextCallerFacts `json:"plaintext_callers" doc:"callers of the tree that send plaintext to the port, which is STRICT"`

	Management ManagementFacts `json:"management" doc:"the management API of the workload's product that this port serves, and whether it asks for authentication"`
}

// ManagementFacts tells of a port through which a product is administered, not
// used: a caller that reaches it runs code, loads models or stops the service.
type ManagementFacts struct {
	Evidence
	Name string `json:"name" enum:"none,ray-gcs,ray-dashboard,ray-client,torchserve-management,triton-repository,milvus-management,jupyter,etcd,nats,torch-rendezvous" doc:"the management API that the port serves, for people {management}; none: no port of that kind; ray-gcs: Ray's cluster state; ray-dashboard: Ray's dashboard and job API; ray-client: Ray's client server; torchserve-management: TorchServe's management API; triton-repository: Triton's model repository API; milvus-management: Milvus' management API; jupyter: a Jupyter server; etcd: the state of an AI platform in its namespace; nats: the message bus of an AI platform in its namespace; torch-rendezvous: PyTorch's rendezvous"`
	Auth Tri    `json:"auth" doc:"the product asks its callers who they are, as far as image, arguments and variables tell"`
}

// AdmitFacts says whether the union of the policies admits a class of peers.
// On a workload that is not isolated the answer is no: nothing admits, all may.
type AdmitFacts struct {
	Evidence
	Admitted Tri    `json:"admitted" doc:"policies admit that class of peers; yes: some rule in force admits it; no: none does, or the workload is not isolated, so that nothing needs to; unknown: a policy that is not read, or not evaluated, could decide"`
	Via      string `json:"via" enum:"no-peers,ip-block,namespace-selector,not-isolated,tier," doc:"what admits them; no-peers: a rule without from or to, which admits everybody; ip-block: address blocks; namespace-selector: a peer with a namespaceSelector, or an empty podSelector for its own namespace; not-isolated: of egress, no policy restricts it; tier: a policy of the admin tier; empty: nothing does, as far as it is known"`
}

// MTLSFacts is the effective mutual-TLS mode of a port as istiod composes it.
type MTLSFacts struct {
	Evidence
	Mode  MTLSMode  `json:"mode" enum:"STRICT,PERMISSIVE,DISABLE,NONE,UNKNOWN" doc:"effective mutual-TLS mode; STRICT: only mutual TLS of the mesh is taken; PERMISSIVE: plaintext is taken as well; DISABLE: only plaintext is; NONE: no proxy takes what arrives at the port; UNKNOWN: what decides is not in the tree, left open or contradictory"`
	Scope MTLSScope `json:"scope" enum:"port,workload,namespace,mesh,default,none" doc:"what decided the mode; port: portLevelMtls of a policy for the workload; workload: a policy for the workload; namespace: a policy of the namespace; mesh: a policy of the root namespace; default: no policy, so that Istio's default holds; none: the mode is NONE or UNKNOWN"`
}

// NetworkPolicyFacts is input.network_policy.
type NetworkPolicyFacts struct {
	Selector       string        `json:"selector" enum:"all,some" doc:"which pods spec.podSelector selects; all: it is empty, so every pod of the namespace; some: it names labels"`
	Selects        Tri           `json:"selects" doc:"it selects a workload of the tree"`
	Complete       Tri           `json:"complete" doc:"every pod of its namespace is in the tree, so that it can be said to select nothing"`
	HasPolicyTypes bool          `json:"has_policy_types" doc:"spec.policyTypes is written"`
	Ingress        SectionFacts  `json:"ingress" doc:"the ingress section"`
	Egress         SectionFacts  `json:"egress" doc:"the egress section"`
	Rules          []PolicyRule  `json:"rules" doc:"every rule, ingress first"`
	PodSel         SelectorFacts `json:"pod_selector" doc:"spec.podSelector"`
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
	Direction string `json:"direction" enum:"ingress,egress" doc:"the section it stands in; ingress: who may connect; egress: where the pods may connect to"`
	Applies   bool   `json:"applies" doc:"the policy isolates the direction"`
	PeerKind  string `json:"peer_kind" enum:"any,some" doc:"whether it names peers; any: no from or to, or an empty one, so everybody; some: it lists peers"`
	PortKind  string `json:"port_kind" enum:"all,some" doc:"whether it names ports; all: no ports, or an empty list, so every port; some: it lists ports"`

	Peers       []PeerFacts     `json:"peers" doc:"its peers (from or to), one by one"`
	Ports       []RulePortFacts `json:"ports" doc:"its ports, one by one"`
	ServedPorts string          `json:"served_ports" enum:"none,one,many,unknown" doc:"how many ports a workload that the policy selects serves, at the most; none: none is known; one: one; many: two or more; unknown: their pods are not all in the tree"`
	Redundant   bool            `json:"redundant" doc:"another rule for the same pods admits all that it admits"`
	SplitPeer   Tri             `json:"split_peer" doc:"a namespace-only and a pod-only peer stand side by side and the pods are only to be found in those namespaces"`
}

// FlowFacts is input.flow: a connection that the tree needs, and whether
// policies let it through.
type FlowFacts struct {
	Need    string  `json:"need" enum:"dns,istiod,webhook,scrape,route,dependency,hbone,probe" doc:"why the tree needs the connection; dns: a workload whose egress is isolated resolves names; istiod: its sidecar gets configuration and certificates on 15012; webhook: the API server calls it; scrape: Prometheus reads its metrics; route: an Ingress, HTTPRoute or VirtualService sends requests to it; dependency: a variable, argument or ConfigMap of the caller names its Service; hbone: the ambient mesh tunnels on 15008; probe: the kubelet probes an ambient pod"`
	Verdict Verdict `json:"verdict" enum:"allowed,denied,unknown" doc:"of the network policies of both sides together; allowed: both admit it; denied: one side refuses it for certain; unknown: a policy or peer leaves it open"`

	Egress  FlowSideFacts `json:"egress" doc:"what the caller's policies say"`
	Ingress FlowSideFacts `json:"ingress" doc:"what the callee's policies say"`

	Mesh FlowMeshFacts `json:"mesh" doc:"what the mesh makes of it, once the network let it through"`

	Source     string     `json:"source" enum:"workload,elsewhere," doc:"of route and scrape: where the caller is; workload: a pod of the tree; elsewhere: not in the tree; empty: every other need"`
	Reference  PlaceFacts `json:"reference" doc:"what says that the connection is needed: {reference}"`
	CallsHosts Tri        `json:"calls_hosts" doc:"of dns: the workload names hosts that it calls; unknown: it may call hosts that it does not name"`
}

// FlowMeshFacts is the mesh's say; its evidence is what keeps the caller out,
// {mesh_policy}.
type FlowMeshFacts struct {
	Evidence
	Verdict Verdict `json:"verdict" enum:"allowed,denied,broken-tls,conditional,unknown" doc:"the mesh's answer; allowed: it lets the connection through, or has no say in it; denied: an AuthorizationPolicy refuses it; broken-tls: one side sends TLS or plaintext that the other does not take; conditional: policies admit some of its requests only; unknown: what decides is not in the tree, or several backends fare differently"`
}

// FlowSideFacts is one side of a flow; its evidence is what denies it.
type FlowSideFacts struct {
	Evidence
	Verdict Verdict `json:"verdict" enum:"allowed,denied,unknown" doc:"what the network policies of this side say; allowed: they admit it, or none applies; denied: no rule can admit it; unknown: a policy or peer leaves it open"`
}

// PeerFacts is one peer of a rule.
type PeerFacts struct {
	Evidence
	Matches    Tri        `json:"matches" doc:"it selects a pod; always yes for addresses"`
	Missing    string     `json:"missing" enum:"pods,namespace,label," doc:"why it selects no pod, as far as it is known; pods: its namespace has none like it; namespace: such pods are in another namespace, {home}; label: the namespace of that name does not carry the label {label}; empty: it selects some, or that is not known"`
	Suggestion bool       `json:"suggestion" doc:"what was meant: {suggestion}"`
	Split      bool       `json:"split" doc:"it is one of the two that split_peer of the rule means"`
	Namespace  PlaceFacts `json:"namespace" doc:"where the label is missing: the Namespace of that name"`
}

// RulePortFacts is one port of a rule.
type RulePortFacts struct {
	Evidence
	Kind     string     `json:"kind" enum:"all,number,name" doc:"how it is written; all: without port, so every port of the protocol; number: by number; name: by name, which the destination's containers declare"`
	Declared string     `json:"declared" enum:"all,some,none,address,unknown" doc:"of a name: whether the destination's pods declare it; all: each does for which the rule is; some: some do, and others serve the same number without the name; none: none does; address: the rule is for addresses only, which have no named ports; unknown: not all pods are known, or the port is no name"`
	Service  PlaceFacts `json:"service" doc:"has the number as its own port; its pods do not, and the rule leaves out theirs, {target}"`
}

// PlaceFacts is another object that a fact may rest on.
type PlaceFacts struct {
	Evidence
	Present bool `json:"present" doc:"the object is there; false: there is none, and its other facts mean nothing"`
}

// PeerAuthenticationFacts is input.peer_authentication.
type PeerAuthenticationFacts struct {
	RootNamespace bool                  `json:"root_namespace" doc:"it lies in the mesh's root namespace, usually istio-system"`
	Selector      string                `json:"selector" enum:"none,some" doc:"which workloads it is for; none: no selector, so its namespace or, in the root namespace, the mesh; some: it names labels"`
	Selects       Tri                   `json:"selects" doc:"its selector finds a workload of the tree; unknown also without a selector, and in the root namespace, where a selector is ignored"`
	Complete      Tri                   `json:"complete" doc:"every pod of its namespace is in the tree, so that it can be said to select nothing; no: the tree has none of them"`
	Mode          MTLSMode              `json:"mode" enum:"UNSET,STRICT,PERMISSIVE,DISABLE" doc:"spec.mtls.mode; UNSET: it is left out and inherited; STRICT: only mutual TLS of the mesh is taken; PERMISSIVE: plaintext is taken as well; DISABLE: only plaintext is"`
	PodSel        SelectorFacts         `json:"pod_selector" doc:"spec.selector"`
	Ports         []PortExceptionFacts  `json:"ports" doc:"entries of portLevelMtls, as they are written"`
	Conflicts     []PolicyConflictFacts `json:"conflicts" doc:"the policy of the same scope that istiod may take instead; a pair is reported at the policy whose name sorts last"`
	Ambient       AmbientFacts          `json:"ambient" doc:"whether its own DISABLE is in force on ambient workloads, where ztunnel does not support it"`
}

// PortExceptionFacts is one entry of portLevelMtls.
type PortExceptionFacts struct {
	Evidence
	Number    int      `json:"number" doc:"the key of the entry: a port of the pods"`
	Mode      MTLSMode `json:"mode" enum:"UNSET,STRICT,PERMISSIVE,DISABLE" doc:"mode of the entry; UNSET: it is left out and inherited; STRICT: only mutual TLS of the mesh is taken; PERMISSIVE: plaintext is taken as well; DISABLE: only plaintext is"`
	PortOf    string   `json:"port_of" enum:"workload,service,other,unknown" doc:"what has that number; workload: a port of the selected pods; service: only a port of their Service, which leads to another one of the pods, {target}; other: neither; unknown: the policy selects no workload of the tree, or may select others"`
	Effective Tri      `json:"effective" doc:"the entry decides the mode of that port on a selected workload that may be in the mesh"`
	Purpose   Purpose  `json:"purpose" enum:"webhook,metrics,health,app" doc:"what the pods' port is for, as of workload ports; webhook: the API server calls it; metrics: it is scraped; health: it is probed; app: everything else, or no such port is known"`

	Ambient AmbientFacts `json:"ambient" doc:"whether its DISABLE is for ambient workloads, where ztunnel does not support it"`
}

// ServiceFacts is input.service.
type ServiceFacts struct {
	Type     string             `json:"type" enum:"ClusterIP,NodePort,LoadBalancer,ExternalName" doc:"spec.type; ClusterIP: also where it is left out; NodePort: open on every node; LoadBalancer: open to what the load balancer admits; ExternalName: an alias without pods"`
	Selector string             `json:"selector" enum:"none,some" doc:"how it finds its pods; none: no selector, or type ExternalName; some: by labels"`
	Selects  Tri                `json:"selects" doc:"its selector finds a workload of the tree; unknown also without a selector"`
	Complete Tri                `json:"complete" doc:"every pod of its namespace is in the tree, so that it can be said to select nothing; no: the tree has none of them"`
	PodSel   SelectorFacts      `json:"pod_selector" doc:"spec.selector"`
	Ports    []ServicePortFacts `json:"ports" doc:"ports of the Service"`
}

// ServicePortFacts is one port of a Service.
type ServicePortFacts struct {
	Evidence
	Target           string `json:"target" enum:"number,name" doc:"how targetPort is written; number: by number, or left out; name: by the name of a container port"`
	Served           Tri    `json:"served" doc:"a selected container declares the target port"`
	PodsDeclarePorts bool   `json:"pods_declare_ports" doc:"the selected containers declare ports at all"`
	Mesh             Member `json:"mesh" enum:"sidecar,ambient,none,unknown" doc:"membership of the selected workloads; sidecar: all have a sidecar; ambient: all are in ambient mode; none: none is in the mesh; unknown: they differ, are not known or are gateways"`
	Protocol         string `json:"protocol" enum:"declared,sniffed,unknown-app-protocol,assumed,not-proxied" doc:"how Istio learns what the port speaks; declared: by appProtocol or the port's name; sniffed: by the first bytes, as neither says; unknown-app-protocol: by the first bytes, as appProtocol has a value that Istio does not know; assumed: a number that Istio takes for TCP, such as 3306; not-proxied: UDP or SCTP"`
	GRPC             string `json:"grpc" enum:"no,declared,hidden" doc:"whether its name or appProtocol speaks of gRPC; no: it does not; declared: it declares gRPC; hidden: it mentions gRPC behind http, which declares HTTP/1"`
}

// DocumentFacts is input.document: a document that could not be read.
type DocumentFacts struct {
	Cause string `json:"cause" doc:"why the document could not be read, a word such as syntax, tab-indent, flattened or encoding; {message} says it in full"`
}

// FieldFacts is input.field: a field that its kind does not allow.
type FieldFacts struct {
	Problem string `json:"problem" enum:"unknown-field,wrong-type,not-in-enum,duplicate-key,missing-field,not-allowed" doc:"why the API server or Istio would refuse or drop it; unknown-field: the kind has no such field; wrong-type: the value has another type or form; not-in-enum: the value is not one of those allowed; duplicate-key: the key stands twice in one mapping; missing-field: something that must be there is not; not-allowed: it may not stand beside what else is written"`
}

// DuplicateFacts is input.duplicate: an object that its set holds twice.
type DuplicateFacts struct {
	Same bool `json:"same" doc:"both copies say the same"`
}
