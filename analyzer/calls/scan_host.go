package calls

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// hostPort splits host[:port] and checks both.
func hostPort(s string) (host string, port int, ok bool) {
	host, digits, hasPort := strings.Cut(s, ":")
	if hasPort {
		if !inventory.IsNumber(digits) {
			return "", 0, false
		}
		n, err := strconv.Atoi(digits)
		if err != nil || n < 1 || n > 65535 {
			return "", 0, false
		}
		port = n
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host, port, isHostName(host)
}

// isHostName reports a DNS name with a letter in it, or an IPv4 address.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
func isHostName(s string) bool {
	if len(s) > 253 || s == "" {
		return false
	}
	letters := false
	before := byte('.')
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z':
			letters = true
		case c >= '0' && c <= '9':
		case (c == '-' || c == '.') && before != '.' && i < len(s)-1:
			if c == '.' && before == '-' {
				return false
			}
		default:
			return false
		}
		before = c
	}
	return letters || inventory.IsAddress(s)
}

// clusterName reports a name that only the cluster's DNS can have.
func clusterName(host string) bool {
	host = strings.TrimSuffix(host, ".cluster.local")
	name, ok := strings.CutSuffix(host, ".svc")
	return ok && strings.Contains(name, ".")
}

// schemePort is the port that a client takes when the URL names none, 0 when
// it depends. Source: IANA's registry and each project's client.
func schemePort(scheme string) int {
	switch scheme {
	case "http", "ws":
		return 80
	case "https", "wss":
		return 443
	case "redis", "rediss":
		return 6379
	case "postgres", "postgresql":
		return 5432
	case "mysql", "mariadb":
		return 3306
	case "mongodb":
		return 27017
	case "amqp":
		return 5672
	case "amqps":
		return 5671
	case "nats":
		return 4222
	case "bolt", "neo4j":
		return 7687
	case "ldap":
		return 389
	case "ldaps":
		return 636
	case "sqlserver", "mssql":
		return 1433
	case "mqtt":
		return 1883
	case "clickhouse":
		return 9000
	}
	return 0
}

// schemeNotCalled recognises schemes that no host of the network follows, or one
// that this pod does not call itself.
func schemeNotCalled(scheme string) bool {
	switch scheme {
	case "", "file", "unix", "unixgram", "sqlite", "memory", "mem", "data", // the pod's own
		"s3", "s3a", "gs", "gcs", "hf", "azure", "abfs", "abfss", "wasbs", "pvc", "oss", "modelscope", // buckets and hubs
		"oci", "docker", "docker-pullable", "containerd", "cri-o", // pulled by the node
		"spiffe", "urn", "arn", "k8s", "kubernetes", "xds", "dns", "passthrough", // identities and resolvers
		"mongodb+srv", // names a record that names the hosts
		"chrome-extension", "vscode", "git", "ssh", "about":
		return true
	}
	return false
}

// whyHostNotCalled says why the pod does not call a host through the network;
// empty if it may.
func whyHostNotCalled(host string) string {
	switch host {
	case "localhost", "localhost.localdomain", "ip6-localhost":
		return "the pod itself"
	case "host.docker.internal", "kubernetes.docker.internal":
		return "a developer's machine"
	}
	if a, err := netip.ParseAddr(host); err == nil {
		if a.IsLoopback() || a.IsUnspecified() || a.IsMulticast() {
			return "the pod itself, or every address"
		}
		return ""
	}
	for _, reserved := range []string{".localhost", ".example", ".invalid", ".test", ".example.com", ".example.org", ".example.net"} {
		if strings.HasSuffix("."+host, reserved) {
			return "reserved for documentation by RFC 2606"
		}
	}
	return ""
}
