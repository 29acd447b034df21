package fact

// Member says how the pods of a workload belong to a service mesh.
type Member string

// The ways to belong to a mesh.
const (
	Sidecar       Member = "sidecar" // a proxy beside the application
	Ambient       Member = "ambient" // captured by the node's ztunnel
	NoMesh        Member = "none"
	UnknownMember Member = "unknown"
)

// InMesh reports a workload that certainly belongs to a mesh.
func (m Member) InMesh() bool { return m == Sidecar || m == Ambient }

// MTLSMode is the mode of mutual TLS that a port accepts, or that a policy
// sets.
// https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication-MutualTLS-Mode
type MTLSMode string

// The modes.
const (
	Strict      MTLSMode = "STRICT"
	Permissive  MTLSMode = "PERMISSIVE"
	Disable     MTLSMode = "DISABLE"
	Unset       MTLSMode = "UNSET"   // of a policy: inherited
	NoMTLS      MTLSMode = "NONE"    // no proxy takes the port
	UnknownMTLS MTLSMode = "UNKNOWN" // manifests leave it open
)

// MTLSScope says which policy decided the mode of a port.
type MTLSScope string

// The scopes, from the narrowest to the widest.
const (
	PortScope      MTLSScope = "port"
	WorkloadScope  MTLSScope = "workload"
	NamespaceScope MTLSScope = "namespace"
	MeshScope      MTLSScope = "mesh"
	DefaultScope   MTLSScope = "default" // Istio's default: no policy says anything
	NoScope        MTLSScope = "none"
)

// Purpose says what a port serves.
type Purpose string

// The purposes.
const (
	ForWebhook     Purpose = "webhook"
	ForMetrics     Purpose = "metrics"
	ForHealth      Purpose = "health"
	ForApplication Purpose = "app"
)

// CaptureState says whether a proxy takes what arrives at a port.
type CaptureState string

// The states of a port.
const (
	Captured       CaptureState = "captured"
	Excluded       CaptureState = "excluded"     // by a list of ports to leave out
	NotIncluded    CaptureState = "not-included" // in the list of ports to take
	ModeNone       CaptureState = "mode-none"    // interception is off for the pod
	Bypassed       CaptureState = "bypassed"     // an ambient pod opts out
	Reserved       CaptureState = "reserved"     // a port of the proxy itself
	UnknownCapture CaptureState = "unknown"
	NoCapture      CaptureState = "none" // not in the mesh, or not TCP
)
