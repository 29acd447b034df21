package inventory

import (
	"github.com/aisec-lint/aisec-lint/analyzer/inventory/product"
)

// processes lists the containers that make up what the pod is for. Init
// containers prepare it, and sidecars serve it.
func (w *Workload) processes() []product.Process {
	if w.Pod == nil {
		return nil
	}
	out := make([]product.Process, len(w.Pod.Containers))
	for i := range w.Pod.Containers {
		c := &w.Pod.Containers[i]
		out[i] = product.NewProcess(c)
	}
	if w.Operated != nil && w.Operated.Start != nil && len(out) > 0 {
		out[0].Commands = append([]product.Invocation{w.Operated.Start}, out[0].Commands...)
	}
	return out
}

// RunsAI reports whether the workload has a role in an AI application.
func (w *Workload) RunsAI() bool { return w.Product != nil && w.Product.Role != "none" }

// resolveProducts finds what each workload runs, and which of its ports rule
// that software rather than use it.
func (s *Inventory) resolveProducts() {
	c := s.catalogue
	platforms := map[string]bool{} // namespaces of a platform that keeps its state in etcd or NATS
	all := make([][]product.Process, len(s.Workloads))
	mains := make([]*product.Process, len(s.Workloads))
	for i, w := range s.Workloads {
		all[i] = w.processes()
		w.Product, mains[i] = c.Recognise(w.Labels, all[i])
		w.recogniseKind(&mains[i], all[i])
		switch w.Product.Management {
		case product.ManagementMilvus, product.ManagementDynamo:
			platforms[w.Namespace] = true
		case product.ManagementNone, product.ManagementRay, product.ManagementTriton, product.ManagementTorchServe, product.ManagementJupyter, product.ManagementKubeflowNotebook, product.ManagementTorch:
		}
	}
	for i, w := range s.Workloads {
		found := w.Product.ManagementPorts(mains[i])
		if platforms[w.Namespace] {
			found = append(found, product.StateControls(all[i])...)
		}
		for _, p := range w.Ports {
			p.Management = product.ManagementFacts(p.Number, p.Protocol, found)
			p.Management.From = w.Anchor() // the ports of one product are said together
		}
	}
}
