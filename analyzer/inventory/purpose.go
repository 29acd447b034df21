package inventory

import (
	"strconv"
	"strings"
)

// resolvePurposes tells ports that serve the platform from those that serve
// the application.
func (s *Inventory) resolvePurposes() {
	for _, w := range s.Workloads {
		for _, p := range w.Ports {
			p.Purpose = purpose(w, p)
		}
	}
}

func purpose(w *Workload, p *Port) string {
	name := strings.ToLower(p.Name)
	switch {
	case p.Entry["webhook"] || strings.Contains(name, "webhook"):
		return "webhook"
	case strings.Contains(name, "metrics") || strings.HasPrefix(name, "prom"):
		return "metrics"
	case w.Annotations["prometheus.io/port"] == strconv.Itoa(p.Number) && len(p.Services) == 0 && len(w.Ports) > 1:
		return "metrics" // scraped, and no Service leads anybody else there
	case strings.Contains(name, "health") || strings.Contains(name, "probe"):
		return "health"
	}
	return "app"
}
