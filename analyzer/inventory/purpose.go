package inventory

import (
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
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

func purpose(w *Workload, p *Port) fact.Purpose {
	name := strings.ToLower(p.Name)
	switch {
	case p.Entry["webhook"] || strings.Contains(name, "webhook"):
		return fact.ForWebhook
	case strings.Contains(name, "metrics") || strings.HasPrefix(name, "prom"):
		return fact.ForMetrics
	case w.Annotations["prometheus.io/port"] == strconv.Itoa(p.Number) && len(p.Services) == 0 && len(w.Ports) > 1:
		return fact.ForMetrics // scraped, and no Service leads anybody else there
	case strings.Contains(name, "health") || strings.Contains(name, "probe"):
		return fact.ForHealth
	}
	return fact.ForApplication
}
