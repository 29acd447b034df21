// Package sample has the manifests that tests of several packages share, as text:
// functions that write one object each, and a few trees. It knows nothing of the
// analyzer, so that tests inside any of its packages may use it.
package sample

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// Join makes a stream of documents.
func Join(documents ...string) string { return strings.Join(documents, "\n---\n") }

// JSON writes one object as JSON, which is YAML.
func JSON(tb testing.TB, object any) string {
	tb.Helper()
	out, err := json.Marshal(object)
	if err != nil {
		tb.Fatal(err)
	}
	return string(out)
}

// Labels of a namespace whose pods get a sidecar, or are in ambient mode.
const (
	Sidecar = "istio-injection: enabled"
	Ambient = "istio.io/dataplane-mode: ambient"
)

// Specs of a PeerAuthentication.
const (
	Strict  = "{mtls: {mode: STRICT}}"
	Lenient = "{mtls: {mode: PERMISSIVE}}"
)

// Namespace is the namespace ai with these labels.
func Namespace(labels string) string {
	return "apiVersion: v1\nkind: Namespace\nmetadata: {name: ai, labels: {" + labels + "}}\n"
}

// NamespaceNamed is a namespace without labels.
func NamespaceNamed(namespace string) string {
	return "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + namespace + "}\n"
}

// Pod is the pod ai/w, with these labels and annotations, and with extra at the
// start of its spec. It serves port 8000.
func Pod(labels, annotations, extra string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: w, namespace: ai, labels: {" + labels + "}, annotations: {" + annotations + "}}\n" +
		"spec: {" + extra + "containers: [{name: c, image: i, ports: [{containerPort: 8000}]}]}\n"
}

// PodNamed is a pod that is called and labelled as its application and serves
// port 80.
func PodNamed(namespace, app string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + app + ", namespace: " + namespace + ", labels: {app: " + app + "}}\nspec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}\n"
}

// NetworkPolicy is one with this spec.
func NetworkPolicy(namespace, name, spec string) string {
	return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " + name + ", namespace: " + namespace + "}\nspec: " + spec + "\n"
}

// PeerAuthentication is one with this spec.
func PeerAuthentication(namespace, name, spec string) string {
	return fmt.Sprintf("apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: %s, namespace: %s}\nspec: %s\n", name, namespace, spec)
}

// ConfigMap is one with a text under one key.
func ConfigMap(namespace, name, key, text string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", namespace: " + namespace + "}\ndata:\n  " + key + ": |\n    " +
		strings.ReplaceAll(text, "\n", "\n    ") + "\n"
}

// Custom is the object ml/x of any kind.
func Custom(apiVersion, kind, spec string) string {
	return fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: x, namespace: ml}\nspec: %s\n", apiVersion, kind, spec)
}

// OneContainer is the least spec of a pod.
const OneContainer = `{containers: [{name: c, image: i}]}`

// VLLM is a server with three ports: http 8000, metrics 9090 and UDP 7946.
const VLLM = `apiVersion: apps/v1
kind: Deployment
metadata: {name: vllm, namespace: ai}
spec:
  selector: {matchLabels: {app: vllm}}
  template:
    metadata: {labels: {app: vllm, tier: model}}
    spec:
      containers:
        - name: vllm
          image: vllm/vllm-openai
          ports:
            - {name: http, containerPort: 8000}
            - {name: metrics, containerPort: 9090}
            - {name: gossip, containerPort: 7946, protocol: UDP}
`

// VLLMService leads to it at ports http 80 and metrics 9090.
const VLLMService = "apiVersion: v1\nkind: Service\nmetadata: {name: vllm, namespace: ai}\nspec: {selector: {app: vllm}, ports: [{name: http, port: 80, targetPort: 8000}, {name: metrics, port: 9090}]}\n"

// WebInMesh is the namespace web, whose pods get a sidecar.
const WebInMesh = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web, labels: {istio-injection: enabled}}\n"

// VLLMID is what rows and facts call it.
const VLLMID = "ai/vllm[Deployment]"

// Town is a cluster to ask about connections in: ai/vllm serves http 8000,
// metrics 9090 and UDP 7946; web/front calls it; mon/agent runs in the host
// network.
const Town = `apiVersion: v1
kind: Namespace
metadata: {name: web, labels: {team: shop}}
---
apiVersion: v1
kind: Namespace
metadata: {name: mon, labels: {team: ops}}
---
apiVersion: v1
kind: Pod
metadata: {name: front, namespace: web, labels: {app: front}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: side, namespace: ai, labels: {app: side}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 7000}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: mon, labels: {app: agent}}
spec: {hostNetwork: true, containers: [{name: c, image: i}]}
---
` + VLLM

// The pods of Town, and an address outside.
const (
	FrontID = "web/front[Pod]"
	SideID  = "ai/side[Pod]"
	AgentID = "mon/agent[Pod]"
	Outside = "8.8.8.8"
)

// MeshTown is a server in the mesh, a client in it and one outside.
const MeshTown = `apiVersion: v1
kind: Namespace
metadata: {name: ai, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: old}
---
apiVersion: v1
kind: Pod
metadata: {name: server, namespace: ai, labels: {app: server}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8000}, {containerPort: 9000}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: server, namespace: ai}
spec: {selector: {app: server}, ports: [{name: http, port: 80, targetPort: 8000}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop, labels: {app: client}}
spec: {serviceAccountName: client, containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: plain, namespace: old, labels: {app: plain}}
spec: {containers: [{name: c, image: i}]}
`

// Caller is a pod of namespace ai with nothing to find in it.
const Caller = `apiVersion: v1
kind: Pod
metadata: {name: caller, namespace: ai, labels: {app: caller}}
spec: {containers: [{name: c, image: c}]}
`

// Hosts is the caller, and Services of every kind to call.
const Hosts = Caller + `---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: redis, namespace: ai}
spec:
  serviceName: redis-peers
  template:
    metadata: {labels: {app: redis}}
    spec: {containers: [{name: c, image: redis, ports: [{name: redis, containerPort: 6379}, {name: bus, containerPort: 16379}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: redis, namespace: ai}
spec: {selector: {app: redis}, ports: [{port: 80, targetPort: redis}]}
---
apiVersion: v1
kind: Service
metadata: {name: redis-peers, namespace: ai}
spec: {clusterIP: None, selector: {app: redis}, ports: [{name: redis, port: 6379}, {name: bus, port: 1, targetPort: bus}]}
---
apiVersion: v1
kind: Pod
metadata: {name: pg, namespace: data, labels: {app: pg}}
spec: {containers: [{name: c, image: postgres}]}
---
apiVersion: v1
kind: Service
metadata: {name: pg, namespace: data}
spec: {selector: {app: pg}, ports: [{port: 5432}]}
---
apiVersion: v1
kind: Service
metadata: {name: openai, namespace: ai}
spec: {type: ExternalName, externalName: api.openai.com}
---
apiVersion: v1
kind: Service
metadata: {name: dns, namespace: ai}
spec: {selector: {app: caller}, ports: [{name: u, port: 53, protocol: UDP}, {name: t, port: 53, targetPort: 5353}]}
`

// Objects of namespace ml whose pods operators make.
const (
	RayCluster = `apiVersion: ray.io/v1
kind: RayCluster
metadata: {name: ray, namespace: ml}
spec:
  headGroupSpec:
    rayStartParams: {}
    template:
      metadata: {labels: {team: nlp}}
      spec: {containers: [{name: ray-head, image: rayproject/ray:2.46.0}]}
  workerGroupSpecs:
    - groupName: gpu
      template: {spec: {containers: [{name: w, image: rayproject/ray:2.46.0, ports: [{name: x, containerPort: 7000}]}]}}
`
	InferenceService = `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llm, namespace: ml, labels: {team: nlp}}
spec:
  predictor: {model: {modelFormat: {name: sklearn}, image: own/server, ports: [{containerPort: 9000}]}}
  transformer: {containers: [{name: kserve-container, image: t}]}
`
	Notebook = `apiVersion: kubeflow.org/v1
kind: Notebook
metadata: {name: nb, namespace: ml, labels: {team: nlp}}
spec: {template: {metadata: {labels: {lost: "yes"}}, spec: {containers: [{name: nb, image: ghcr.io/kubeflow/kubeflow/notebook-servers/jupyter:v1}]}}}
`
)

// Large writes workloads spread over namespaces, each with a policy of its own.
// Sparse: each admits one neighbour and may call one. Dense: policies select by
// the labels that workloads share, and admit whole namespaces and blocks.
func Large(workloads, namespaces int, dense bool) string {
	var b strings.Builder
	for i := range namespaces {
		fmt.Fprintf(&b, "---\n{apiVersion: v1, kind: Namespace, metadata: {name: ns%d, labels: {team: t%d}}}\n", i, i%50)
	}
	for i := range workloads {
		ns := i % namespaces
		fmt.Fprintf(&b, `---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: w%d, namespace: ns%d}, spec: {selector: {matchLabels: {app: w%d}},
 template: {metadata: {labels: {app: w%d, tier: t%d}}, spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}}}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p%d, namespace: ns%d}, spec: `, i, ns, i, i, i%3, i, ns)
		if dense {
			fmt.Fprintf(&b, `{podSelector: {matchLabels: {tier: t%d}}, policyTypes: [Ingress, Egress],
 ingress: [{from: [{namespaceSelector: {matchLabels: {team: t%d}}}, {ipBlock: {cidr: 10.%d.0.0/16}}], ports: [{port: http}]}],
 egress: [{to: [{namespaceSelector: {}, podSelector: {matchLabels: {tier: t%d}}}]}]}}
`, i%3, i%50, i%256, i%3)
			continue
		}
		fmt.Fprintf(&b, `{podSelector: {matchLabels: {app: w%d}}, policyTypes: [Ingress, Egress],
 ingress: [{from: [{podSelector: {matchLabels: {app: w%d}}, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ns%d}}}], ports: [{port: http}]}],
 egress: [{to: [{podSelector: {matchLabels: {app: w%d}}, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ns%d}}}]}, {ports: [{port: 53, protocol: UDP}]}]}}
`, i, (i+1)%workloads, (i+1)%workloads%namespaces, (i+workloads-1)%workloads, (i+workloads-1)%workloads%namespaces)
	}
	return b.String()
}
