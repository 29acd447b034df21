package analyzer

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

const kuberay = "https://github.com/ray-project/kuberay/tree/master/ray-operator/controllers/ray/common"

// rayKinds are those of KubeRay: labels in pod.go (labelPod), Services in
// service.go. A RayService and a RayJob make a RayCluster whose name ends at
// random, so that the value of `ray.io/cluster` is not known.
func rayKinds() []operatorKind {
	ray := product{name: "Ray", role: "training", control: controlRay, source: "https://docs.ray.io/en/latest/ray-security/index.html"}
	serve := ray
	serve.role = "inference"
	services := func(at string, names ...string) []madeService {
		out := []madeService{{
			name: names[0], behind: []string{""}, headless: true, ports: rayServed(),
			typed: []string{at + "headGroupSpec.headService.spec.type", at + "headGroupSpec.serviceType"}, named: at + "headGroupSpec.headService.metadata.name",
		}}
		for _, name := range names[1:] {
			out = append(out, madeService{name: name, unknown: true})
		}
		return out
	}
	return []operatorKind{
		{
			group: "ray.io", kind: "RayCluster", source: kuberay, pods: rayGroups("spec."), services: services("spec.", "{name}-head-svc", "{name}-serve-svc"),
			labels: map[string]string{"ray.io/cluster": "{name}"},
			domain: "ray.io", own: true, product: ray, sure: true, refine: refineRay, guarded: rayGuard("spec"),
		},
		{
			group: "ray.io", kind: "RayService", source: kuberay, pods: rayGroups("spec.rayClusterConfig."),
			services: services("spec.rayClusterConfig.", "{name}-head-svc", "{name}-serve-svc"),
			domain:   "ray.io", own: true, product: serve, sure: true, refine: refineRay, guarded: rayGuard("spec.rayClusterConfig"),
		},
		rayJob("RayJob", "spec", ray), rayJob("RayCronJob", "spec.jobTemplate", ray),
	}
}

// rayJob makes a cluster, and a Job that hands the work over to it, unless
// somebody else does.
// https://docs.ray.io/en/latest/cluster/kubernetes/getting-started/rayjob-quick-start.html#rayjob-configuration
func rayJob(kind, at string, ray product) operatorKind {
	submits := func(object *yaml.Node) bool {
		job, _ := follow(object, nil, at)
		mode, _ := job.Get("submissionMode").Str()
		return mode == "" || mode == "K8sJobMode"
	}
	return operatorKind{
		group: "ray.io", kind: kind, source: kuberay,
		pods: append(rayGroups(at+".rayClusterSpec."), podGroup{
			at: at, name: "submitter", template: "submitterPodTemplate", bare: true, only: submits,
		}),
		domain: "ray.io", own: true, product: ray, sure: true, refine: refineRay, guarded: rayGuard(at + ".rayClusterSpec"),
	}
}

// rayGuard: KubeRay makes NetworkPolicies for a cluster that asks for them.
// https://github.com/ray-project/kuberay/blob/master/ray-operator/controllers/ray/networkpolicy_controller.go
func rayGuard(cluster string) func(object *yaml.Node) bool {
	return func(object *yaml.Node) bool {
		spec, _ := follow(object, nil, cluster)
		return given(spec.Get("networkPolicy"))
	}
}

// rayGroups are the head and the worker groups of a cluster.
func rayGroups(at string) []podGroup {
	metrics := []madePort{{number: 8080, name: "metrics"}}
	return []podGroup{
		{
			at: at + "headGroupSpec", template: "template", ports: metrics,
			labels: map[string]string{"ray.io/is-ray-node": "yes", "ray.io/node-type": "head", "ray.io/group": "headgroup"},
		},
		{
			at: at + "workerGroupSpecs.*", name: "*groupName", template: "template", ports: metrics,
			labels: map[string]string{"ray.io/is-ray-node": "yes", "ray.io/node-type": "worker", "ray.io/group": "{group}"},
		},
	}
}

// rayServed are served where the head's container declares none.
func rayServed() []servedPort {
	return []servedPort{
		{name: "client", port: 10001}, {name: "redis", port: 6379}, {name: "dashboard", port: 8265}, {name: "metrics", port: 8080}, {name: "serve", port: 8000},
	}
}

// refineRay adds what the operator puts into the Ray container: the command
// that starts Ray, and how its callers are known.
func refineRay(o *decoded, g *foundGroup, w *Workload) {
	if g.name == "submitter" {
		if o.Kind == "RayJob" && !strings.HasSuffix(o.Name, "*") { // a Job of the same name
			w.Labels["job-name"], w.Labels["batch.kubernetes.io/job-name"] = o.Name, o.Name
		}
		return
	}
	if len(w.pod.Containers) == 0 {
		return
	}
	c, leads := &w.pod.Containers[0], g.podGroup.name == ""
	cluster, _ := follow(o.Root, nil, strings.TrimSuffix(strings.TrimSuffix(g.at, ".headGroupSpec"), ".workerGroupSpecs.*"))
	if truth(cluster.Get("enableInTreeAutoscaling")) && leads && w.pod.ServiceAccountName == "" {
		if w.operated.anyAccount = o.Kind != "RayCluster"; !w.operated.anyAccount {
			w.pod.ServiceAccountName = o.Name
		}
	}
	if mode, _ := cluster.Get("authOptions").Get("mode").Str(); mode != "" {
		c.Env = append(c.Env, corev1.EnvVar{Name: "RAY_AUTH_MODE", Value: mode})
	}
	if tls := cluster.Get("tlsOptions"); tls != nil && tls.Kind != yaml.Null {
		c.Env = append(c.Env, corev1.EnvVar{Name: "RAY_USE_TLS", ValueFrom: &corev1.EnvVarSource{}})
	}
	if overwritten, _ := o.Root.Get("metadata").Get("annotations").Get("ray.io/overwrite-container-cmd").Str(); strings.EqualFold(overwritten, "true") {
		return
	}
	if slices.ContainsFunc(invocations(c), func(v invocation) bool { return (mark{words: []string{"ray", "start"}}).matches(v) }) {
		return // the operator leaves such a command alone
	}
	w.operated.start = rayStart(g.node.Get("rayStartParams"), leads)
}

// rayStart is the command that the operator builds of the parameters. Its
// default for the dashboard is every interface.
// https://github.com/ray-project/kuberay/blob/master/ray-operator/controllers/ray/common/pod.go (setMissingRayStartParams)
func rayStart(params *yaml.Node, head bool) invocation {
	v := invocation{"ray", "start"}
	given := map[string]string{}
	if head {
		v = append(v, "--head")
		given["dashboard-host"] = "0.0.0.0"
	}
	if params != nil && params.Kind == yaml.Map {
		for i := range params.Fields {
			given[params.Fields[i].Key.Text] = params.Fields[i].Value.Text
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		v = append(v, "--"+name+"="+given[name])
	}
	return v
}
