// Command aisec-lint audits the network and mesh security of AI workloads on
// Kubernetes and Istio from their manifests alone.
package main

import (
	"io"
	"log"
	"os"
	"runtime/debug"
)

// Parsing makes much garbage in a short life: collecting it less often saves a
// quarter of the time, and the limit keeps large trees from paying in memory.
const (
	gcPercent   = 400
	memoryLimit = 2 << 30
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
		debug.SetMemoryLimit(memoryLimit)
	}
	log.SetOutput(io.Discard) // Helm's libraries log what they think of a chart's values
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
