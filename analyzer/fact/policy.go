package fact

// UnmodelledPolicyFacts is input.unmodelled_policy: the policies of one kind
// and namespace that are not evaluated.
type UnmodelledPolicyFacts struct {
	Family            string `json:"family" enum:"cilium,calico,antrea,ovn,tiers" doc:"whose policies they are; cilium: cilium.io; calico: Calico's two groups; antrea: crd.antrea.io; ovn: k8s.ovn.org and OpenShift's network.openshift.io; tiers: policy.networking.k8s.io, in a form that is not known"`
	UnknownDirections string `json:"unknown_directions" enum:"none,ingress,egress,both" doc:"the directions in which it is unknown, because of them, who may connect to or from workloads of the tree; none: in none; ingress: who connects to them; egress: where they connect to; both: both"`
}

// UnappliedFacts is input.unapplied: a policy in a file that lies beside a
// kustomization and that no kustomization of the tree reads.
type UnappliedFacts struct {
	Where string `json:"where" enum:"beside,below" doc:"where its file lies; beside: in the directory of the kustomization; below: in a directory below that one"`
}
