package operator

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/product"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

const kuberay = "https://github.com/ray-project/kuberay/tree/master/ray-operator/controllers/ray/common"

// rayKinds are those of KubeRay: labels in pod.go (labelPod), Services in
// service.go. A RayService and a RayJob make a RayCluster whose name ends at
// random, so that the value of `ray.io/cluster` is not known.
func rayKinds() []Kind {
	ray := product.Product{Name: "Ray", Role: "training", Management: product.ManagementRay, Source: "https://docs.ray.io/en/latest/ray-security/index.html"}
	serve := ray
	serve.Role = "inference"
	services := func(at string, names ...string) []MadeService {
		out := []MadeService{{
			name: names[0], Behind: []string{""}, Headless: true, ports: rayServed(),
			Typed: []string{at + "headGroupSpec.headService.spec.type", at + "headGroupSpec.serviceType"}, named: at + "headGroupSpec.headService.metadata.name",
		}}
		for _, name := range names[1:] {
			out = append(out, MadeService{name: name, Unknown: true})
		}
		return out
	}
	return []Kind{
		{
			group: "ray.io", kind: "RayCluster", source: kuberay, Pods: rayGroups("spec."), Services: services("spec.", "{name}-head-svc", "{name}-serve-svc"),
			Labels: map[string]string{"ray.io/cluster": "{name}"},
			Domain: "ray.io", Own: true, Product: ray, Sure: true, Refine: refineRay, Guarded: rayGuard("spec"),
		},
		{
			group: "ray.io", kind: "RayService", source: kuberay, Pods: rayGroups("spec.rayClusterConfig."),
			Services: services("spec.rayClusterConfig.", "{name}-head-svc", "{name}-serve-svc"),
			Domain:   "ray.io", Own: true, Product: serve, Sure: true, Refine: refineRay, Guarded: rayGuard("spec.rayClusterConfig"),
		},
		rayJob("RayJob", "spec", ray), rayJob("RayCronJob", "spec.jobTemplate", ray),
	}
}

// rayJob makes a cluster, and a Job that hands the work over to it, unless
// somebody else does.
// https://docs.ray.io/en/latest/cluster/kubernetes/getting-started/rayjob-quick-start.html#rayjob-configuration
func rayJob(kind, at string, ray product.Product) Kind {
	submits := func(object *yaml.Node) bool {
		job, _ := Follow(object, nil, at)
		mode, _ := job.Get("submissionMode").Str()
		return mode == "" || mode == "K8sJobMode"
	}
	return Kind{
		group: "ray.io", kind: kind, source: kuberay,
		Pods: append(rayGroups(at+".rayClusterSpec."), PodGroup{
			At: at, name: "submitter", Template: "submitterPodTemplate", Bare: true, Only: submits,
		}),
		Domain: "ray.io", Own: true, Product: ray, Sure: true, Refine: refineRay, Guarded: rayGuard(at + ".rayClusterSpec"),
	}
}

// rayGuard: KubeRay makes NetworkPolicies for a cluster that asks for them.
// https://github.com/ray-project/kuberay/blob/master/ray-operator/controllers/ray/networkpolicy_controller.go
func rayGuard(cluster string) func(object *yaml.Node) bool {
	return func(object *yaml.Node) bool {
		spec, _ := Follow(object, nil, cluster)
		return decode.IsSet(spec.Get("networkPolicy"))
	}
}

// rayGroups are the head and the worker groups of a cluster.
func rayGroups(at string) []PodGroup {
	metrics := []madePort{{Number: 8080, Name: "metrics"}}
	return []PodGroup{
		{
			At: at + "headGroupSpec", Template: "template", Ports: metrics,
			Labels: map[string]string{"ray.io/is-ray-node": "yes", "ray.io/node-type": "head", "ray.io/group": "headgroup"},
		},
		{
			At: at + "workerGroupSpecs.*", name: "*groupName", Template: "template", Ports: metrics,
			Labels: map[string]string{"ray.io/is-ray-node": "yes", "ray.io/node-type": "worker", "ray.io/group": "{group}"},
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
func refineRay(o *decode.Decoded, g *FoundGroup, made *MadePods) {
	if g.Name == "submitter" {
		if o.Kind == "RayJob" && !strings.HasSuffix(o.Name, "*") { // a Job of the same name
			made.Labels["job-name"], made.Labels["batch.kubernetes.io/job-name"] = o.Name, o.Name
		}
		return
	}
	if len(made.Spec.Containers) == 0 {
		return
	}
	c, leads := &made.Spec.Containers[0], g.PodGroup.name == "" //nolint:staticcheck // the group of the table, not the one found
	cluster, _ := Follow(o.Root, nil, strings.TrimSuffix(strings.TrimSuffix(g.At, ".headGroupSpec"), ".workerGroupSpecs.*"))
	if decode.MayBeTrue(cluster.Get("enableInTreeAutoscaling")) && leads && made.Spec.ServiceAccountName == "" {
		if made.AnyAccount = o.Kind != "RayCluster"; !made.AnyAccount {
			made.Spec.ServiceAccountName = o.Name
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
	if slices.ContainsFunc(product.Invocations(c), func(v product.Invocation) bool { return (product.Mark{Words: []string{"ray", "start"}}).Matches(v) }) {
		return // the operator leaves such a command alone
	}
	made.Start = rayStart(g.Node.Get("rayStartParams"), leads)
}

// rayStart is the command that the operator builds of the parameters. Its
// default for the dashboard is every interface.
// https://github.com/ray-project/kuberay/blob/master/ray-operator/controllers/ray/common/pod.go (setMissingRayStartParams)
func rayStart(params *yaml.Node, head bool) product.Invocation {
	v := product.Invocation{"ray", "start"}
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
