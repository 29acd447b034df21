package analyzer

import (
	"strconv"
	"strings"
)

// resolvePurposes tells ports that serve the platform from those that serve
// the application.
func (s *Inventory) resolvePurposes() {
	for _, w := range s.workloads {
		for _, p := range w.ports {
			p.purpose = purpose(w, p)
		}
	}
}

func purpose(w *Workload, p *port) string {
	name := strings.ToLower(p.name)
	switch {
	case p.entry["webhook"] || strings.Contains(name, "webhook"):
		return "webhook"
	case strings.Contains(name, "metrics") || strings.HasPrefix(name, "prom"):
		return "metrics"
	case w.Annotations["prometheus.io/port"] == strconv.Itoa(p.number) && len(p.services) == 0 && len(w.ports) > 1:
		return "metrics" // scraped, and no Service leads anybody else there
	case strings.Contains(name, "health") || strings.Contains(name, "probe"):
		return "health"
	}
	return "app"
}
