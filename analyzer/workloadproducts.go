package analyzer

// processes lists the containers that make up what the pod is for. Init
// containers prepare it, and sidecars serve it.
func (w *Workload) processes() []process {
	if w.pod == nil {
		return nil
	}
	out := make([]process, len(w.pod.Containers))
	for i := range w.pod.Containers {
		c := &w.pod.Containers[i]
		out[i] = newProcess(c)
	}
	if w.operated != nil && w.operated.start != nil && len(out) > 0 {
		out[0].commands = append([]invocation{w.operated.start}, out[0].commands...)
	}
	return out
}

// RunsAI reports whether the workload has a role in an AI application.
func (w *Workload) RunsAI() bool { return w.product != nil && w.product.role != "none" }

// resolveProducts finds what each workload runs, and which of its ports rule
// that software rather than use it.
func (s *Inventory) resolveProducts() {
	c := s.catalogue
	platforms := map[string]bool{} // namespaces of a platform that keeps its state in etcd or NATS
	all := make([][]process, len(s.workloads))
	mains := make([]*process, len(s.workloads))
	for i, w := range s.workloads {
		all[i] = w.processes()
		w.product, mains[i] = c.recognise(w.Labels, all[i])
		w.recogniseKind(&mains[i], all[i])
		switch w.product.control {
		case controlMilvus, controlDynamo:
			platforms[w.Namespace] = true
		case controlNone, controlRay, controlTriton, controlTorchServe, controlJupyter, controlKubeflowNotebook, controlTorch:
		}
	}
	for i, w := range s.workloads {
		found := w.product.controls(mains[i])
		if platforms[w.Namespace] {
			found = append(found, stateControls(all[i])...)
		}
		for _, p := range w.ports {
			p.control = controlFacts(p.number, p.protocol, found)
			p.control.From = w.anchor() // the ports of one product are said together
		}
	}
}
