package product

import (
	"slices"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
)

// managementKind says which ports of a product manage it.
type managementKind uint8

// The ways in which products are managed. ControlDynamo has no port of its own:
// its etcd and NATS manage it.
const (
	ManagementNone managementKind = iota
	ManagementRay
	ManagementTriton
	ManagementTorchServe
	ManagementMilvus
	ManagementDynamo
	ManagementJupyter
	ManagementKubeflowNotebook
	ManagementTorch
)

// ManagementPort is one port through which a product is managed: who reaches it runs
// code, loads models or stops the service. auth says whether the product asks
// its callers who they are, as far as image, arguments and variables tell.
type ManagementPort struct {
	port int
	name string // of fact.ManagementFacts.Name
	what string // for messages
	auth fact.Tri
}

// ManagementPorts lists the management ports of the container that runs the product.
func (p *Product) ManagementPorts(main *Process) []ManagementPort {
	if main == nil {
		return nil
	}
	switch p.Management {
	case ManagementRay:
		return rayControls(main)
	case ManagementTriton:
		return tritonControls(main)
	case ManagementTorchServe:
		return torchServeControls(main)
	case ManagementMilvus:
		return milvusControls(main)
	case ManagementJupyter, ManagementKubeflowNotebook:
		return jupyterControls(main, p.Management == ManagementKubeflowNotebook)
	case ManagementTorch:
		return torchControls(main)
	case ManagementNone, ManagementDynamo:
	}
	return nil
}

// ManagementFacts says which of the management ports one port of a workload is.
// number is the pod's port; only TCP ports are management ports.
func ManagementFacts(port int, protocol string, controls []ManagementPort) fact.ManagementFacts {
	f := fact.ManagementFacts{Name: "none", Auth: fact.Unknown, Evidence: fact.Evidence{Names: map[string]string{"management": "no management API"}}}
	i := slices.IndexFunc(controls, func(c ManagementPort) bool { return c.port == port && protocol == "TCP" })
	if i >= 0 {
		f.Name, f.Auth = controls[i].name, controls[i].auth
		f.Names["management"] = controls[i].what
	}
	return f
}

// rayControls follows `ray start --head`; a worker has none of these ports. The
// dashboard listens on 127.0.0.1 unless told otherwise.
// https://docs.ray.io/en/latest/cluster/cli.html#ray-start
func rayControls(p *Process) []ManagementPort {
	v := p.runs("ray", "start")
	if _, head := v.flag("--head"); !head {
		return nil
	}
	auth := rayAuth(p)
	channel := auth // of GCS and client: their gRPC, unlike the dashboard's HTTP, can ask for certificates
	// https://docs.ray.io/en/latest/ray-core/configure.html#tls-authentication
	switch tls, given := p.env("RAY_USE_TLS"); {
	case given == fact.Yes && tls == "1":
		channel = fact.Yes
	case given == fact.Unknown:
		channel = yesOrUnknown(auth)
	}
	var out []ManagementPort
	if n, ok := p.number(v, 6379, "--port"); ok {
		out = append(out, ManagementPort{n, "ray-gcs", "Ray's cluster state (GCS)", channel})
	}
	if n, ok := p.number(v, 10001, "--ray-client-server-port"); ok {
		out = append(out, ManagementPort{n, "ray-client", "the Ray client server", channel})
	}
	host, _ := v.flag("--dashboard-host")
	without, _ := v.flag("--include-dashboard")
	if n, ok := p.number(v, 8265, "--dashboard-port"); ok && host != "" && !isLoopback(host) && !strings.EqualFold(without, "false") {
		out = append(out, ManagementPort{n, "ray-dashboard", "Ray's dashboard and job API", auth})
	}
	return out
}

// yesOrUnknown is what stays of an answer that something unread may turn into yes.
func yesOrUnknown(t fact.Tri) fact.Tri {
	if t == fact.Yes {
		return fact.Yes
	}
	return fact.Unknown
}

// rayAuth: token authentication came with 2.52.0, where it is off by default
// and RAY_AUTH_MODE turns it on; a later release is to turn it on by itself.
// https://docs.ray.io/en/latest/ray-security/token-auth.html
func rayAuth(p *Process) fact.Tri {
	official := slices.Contains(p.image.path, "rayproject")
	if official && p.image.before(2, 52, 0) {
		return fact.No
	}
	switch mode, given := p.env("RAY_AUTH_MODE"); {
	case given == fact.Yes && mode == "token":
		return fact.Yes
	case given == fact.Yes && mode == "disabled":
		return fact.No
	case given == fact.No && official && p.image.before(2, 52, 1):
		return fact.No
	}
	return fact.Unknown
}

// tritonControls: models are loaded over the network in the mode explicit
// only; in the others, poll as well, such requests "will have no affect".
// https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_management.html
// A restricted API asks for a shared header.
// https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/customization_guide/inference_protocols.html
func tritonControls(p *Process) []ManagementPort {
	v := p.runs("tritonserver")
	if mode, _ := v.flag("--model-control-mode"); mode != "explicit" {
		return nil
	}
	var out []ManagementPort
	add := func(fallback int, protocol string, auth fact.Tri) {
		allowed, _ := v.flag("--allow-" + protocol)
		host, _ := v.flag("--" + protocol + "-address")
		if allowed == "false" || allowed == "0" || isLoopback(strings.TrimPrefix(host, "ipv6:")) {
			return
		}
		if n, ok := p.number(v, fallback, "--"+protocol+"-port"); ok {
			out = append(out, ManagementPort{n, "triton-repository", "Triton's model repository API", auth})
		}
	}
	add(8000, "http", v.restricts("--http-restricted-api"))
	grpc := v.restricts("--grpc-restricted-protocol")
	if mutual, given := v.flag("--grpc-use-ssl-mutual"); given && mutual != "false" && mutual != "0" {
		grpc = fact.Yes
	}
	add(8001, "grpc", grpc)
	return out
}

// restricts reports whether one of the options of that name covers the model
// repository.
func (v Invocation) restricts(name string) fact.Tri {
	answer := fact.No
	for i, word := range v {
		value, given := v[i:min(i+2, len(v))].flag(name)
		switch {
		case !given || word != name && !strings.HasPrefix(word, name+"="):
		case strings.Contains(value, "model-repository"):
			return fact.Yes
		case decode.IsPlaceholder(value):
			answer = fact.Unknown
		}
	}
	return answer
}

// torchServeControls: without a configuration of its own, 8081 (HTTP) and 7071
// (gRPC) manage models. Up to 0.9 there was no authentication; 0.10 brought it
// as a plug-in, and since 0.11.1 it is on unless turned off. The variable that
// turns it off counts only where the configuration says so.
// https://github.com/pytorch/serve/blob/master/docs/token_authorization_api.md
// https://github.com/pytorch/serve/issues/2754, https://github.com/pytorch/serve/issues/3260
func torchServeControls(p *Process) []ManagementPort {
	auth := fact.Unknown
	v := p.runs("torchserve")
	_, off := v.flag("--disable-token-auth")
	_, configured := v.flag("--ts-config")
	_, file := p.env("TS_CONFIG_FILE")
	_, variable := p.env("TS_DISABLE_TOKEN_AUTHORIZATION")
	official := slices.Contains(p.image.path, "pytorch")
	_, known := p.image.version()
	switch {
	case off, official && p.image.before(0, 10, 0):
		auth = fact.No
	case official && known && !p.image.before(0, 11, 1) && !configured && file == fact.No && variable == fact.No:
		auth = fact.Yes
	}
	const what = "TorchServe's management API"
	return []ManagementPort{{8081, "torchserve-management", what, auth}, {7071, "torchserve-management", what, auth}}
}

// milvusControls: every component serves its management on one port, where
// nothing asks for a password before the log level is changed or a component
// is stopped.
// https://github.com/milvus-io/milvus/blob/master/internal/http/server.go
func milvusControls(p *Process) []ManagementPort {
	port := 9091
	switch text, given := p.env("METRICS_PORT"); given {
	case fact.Yes:
		if n, ok := p.port(text); ok {
			port = n
		}
	case fact.Unknown:
		return nil
	case fact.No:
	}
	return []ManagementPort{{port, "milvus-management", "Milvus' management API", fact.No}}
}

// torchControls: "for performance reasons, none of the PyTorch Distributed
// primitives include any authorization protocol … they accept connections from
// anywhere".
// https://github.com/pytorch/pytorch/blob/main/SECURITY.md#using-distributed-features
func torchControls(p *Process) []ManagementPort {
	for _, v := range p.Commands {
		if !slices.Contains([]string{"torchrun", "torch.distributed.run", "torch.distributed.launch"}, v[0]) {
			continue
		}
		if _, standalone := v.flag("--standalone"); standalone {
			return nil
		}
		n, ok := p.number(v, 29500, "--master_port", "--master-port")
		if endpoint, given := v.flag("--rdzv_endpoint", "--rdzv-endpoint"); given {
			_, text, _ := strings.Cut(endpoint, ":")
			n, ok = p.port(text)
		}
		if ok {
			return []ManagementPort{{n, "torch-rendezvous", "PyTorch's rendezvous", fact.No}}
		}
	}
	return nil
}
