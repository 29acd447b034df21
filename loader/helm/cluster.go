package helm

import (
	"strings"
)

// kubeVersion is that of a cluster of today.
const kubeVersion = "v1.37.0"

// cluster is what charts are told of the cluster.
type cluster struct {
	version string
	apis    []string
}

// newCluster takes what the user says of the cluster.
// https://helm.sh/docs/helm/helm_template/
func newCluster(opts Options) (cluster, error) {
	c := cluster{version: kubeVersion}
	if opts.KubeVersion != "" {
		c.version = opts.KubeVersion
	}
	for _, apis := range opts.APIVersions {
		c.apis = append(c.apis, strings.Split(apis, ",")...)
	}
	return c, checkVersion(c.version)
}
