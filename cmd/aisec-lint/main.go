// Command aisec-lint audits the network and mesh security of AI workloads on
// Kubernetes and Istio from their manifests alone.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
