package calls

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
)

func mentionText(list []mention) string {
	out := make([]string, 0, len(list))
	for _, m := range list {
		text := m.host
		if m.scheme != "" {
			text = m.scheme + "://" + text
		}
		if m.port != 0 {
			text = fmt.Sprintf("%s:%d", text, m.port)
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func TestScanHosts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ key, text, want string }{
		// What is called.
		{"CART_SERVICE_ADDR", "cartservice:7070", "cartservice:7070"}, // microservices-demo, frontend.yaml
		{"", "redis://redis:6380/0", "redis://redis:6380"},
		{"", "redis://redis", "redis://redis:6379"},
		{"", "HTTP://API.ai.svc", "http://api.ai.svc:80"},
		{"", "https://api.openai.com/v1", "https://api.openai.com:443"},
		{"", "postgresql://u:p@db.data/x?sslmode=disable", "postgresql://db.data:5432"},
		{"", "postgresql+asyncpg://u:p@db:5433/x", "postgresql+asyncpg://db:5433"},
		{"", "jdbc:postgresql://db/x", "postgresql://db:5432"},
		{"", "jdbc:sqlserver://db:1434;databaseName=x", "sqlserver://db:1434"},
		{"", "mongodb://u:p@m-0.m:27017,m-1.m:27018/x", "mongodb://m-0.m:27017 mongodb://m-1.m:27018"},
		{"", "nats://a:4222,nats://b", "nats://a:4222 nats://b:4222"},
		{"", "http://a:1/x,http://b:2/y", "http://a:1 http://b:2"},
		{"bootstrap.servers", "kafka-0.kafka:9092,kafka-1.kafka:9092", "kafka-0.kafka:9092 kafka-1.kafka:9092"},
		{"", "1@kafka-0.kafka:9093", "kafka-0.kafka:9093"},
		{"", "user:pw@tcp(mysql:3306)/db?x=y", "mysql:3306"},
		{"", "mlflow.mlops.svc.cluster.local", "mlflow.mlops.svc.cluster.local"},
		{"", "mlflow.mlops.svc:5000/health", "mlflow.mlops.svc:5000"},
		{"", "lm://cache:80", "lm://cache:80"}, // vllm-production-stack, LMCACHE_REMOTE_URL
		{"", "lm://cache", "lm://cache"},
		{"", "10.0.0.7:5432", "10.0.0.7:5432"},
		{"", "--redis=redis:6379 --x", "redis:6379"},
		{"", "until curl -fsS http://a.b.svc:5000/health || curl -fsS http://c; do sleep 2; done", "http://a.b.svc:5000 http://c:80"},
		{"", "until nc -z -w 2 postgres 5432; do sleep 1; done", "postgres:5432"},
		{"", "while ! timeout 1 bash -c '</dev/tcp/redis/6379'; do :; done", "redis:6379"},
		{"", "ray start --address=head-svc.ai.svc:6379 --block", "head-svc.ai.svc:6379"},
		{"", `{"upstream": "http://a:1", "peers": ["b:2"]}`, "http://a:1 b:2"},
		{"", "location / {\n  proxy_pass http://api:8000;\n}\nserver api-2:8000 max_fails=3;", "http://api:8000 api-2:8000"},
		{"", "exporters:\n  otlp:\n    endpoint: jaeger.obs.svc.cluster.local:4317 # was old:4317\n", "jaeger.obs.svc.cluster.local:4317"},
		{"", "static_configs:\n  - targets: ['ml-pipeline:8888']", "ml-pipeline:8888"},

		// What is listened on, or the pod itself.
		{"", "0.0.0.0:8080", ""},
		{"", "localhost:6379 127.0.0.1:80 http://127.0.0.1 http://localhost:3000 [::1]:80", ""},
		{"", "--metrics-bind-address=:8443", ""},
		{"", "server.listen: api:8080\nlisten redis:6379;", ""},
		{"KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://kafka:9092", ""},
		{"advertisedAddress", "http://me:80", ""},

		// What others call, compare or pull.
		{"ALLOWED_HOSTS", "frontend:80,web.ai.svc", ""},
		{"CORS_ORIGINS", `["http://frontend:3000"]`, ""},
		{"", "cors:\n  allowedOrigins:\n    - http://frontend:3000\n    - http://web:3000\nupstream: http://api:1", "http://api:1"},
		{"NO_PROXY", ".svc,api.ai.svc,db:5432", ""},
		{"noProxy", "api.ai.svc", ""},
		{"", "export NO_PROXY=db:5432\ncurl http://api", "http://api:80"},
		{"--service-account-issuer", "https://kubernetes.default.svc", ""},
		{"OIDC_REDIRECT_URL", "http://dex:5556/callback", ""},
		{"IMAGE", "redis:7", ""},
		{"", "spec:\n  image: redis:7000\n", ""},
		{"", "server_name api.ai.svc;", ""},
		{"", "DNS.1 = api.ai.svc", ""},
		{"API_TOKEN", "abc:1234", ""},
		{"", "password: db:5432", ""},
		{"", "runbook_url: http://wiki:80/x", ""},

		{"", `curl -H "Host: web.ai.svc" x`, ""},
		{"", "rewrite name a.b.svc c.d.svc", ""}, // CoreDNS
		{"", "return 301 http://web:80;", ""},
		{"", "until nslookup db.ai.svc; do sleep 1; done", ""},

		// What only looks so.
		{"", "# see http://a:80\n// b:80\n; c:80\n", ""},
		{"", "echo \"open http://a:80\"", ""},
		{"", "http://example.com https://api.example.org/x", ""},
		{"", "s3://bucket/models hf://org/model oci://reg/x file:///etc/x unix:///var/run/x.sock spiffe://cluster.local/ns/x", ""},
		{"", "10:30 8080:80 a:0 a:70000 a:b C:/x -a:80 a-:80 a..b:80 a_b:80", ""},
		{"", "http://u:p/w@db:5432", ""}, // a password with a slash
		{"", "https:///path http:// ://x", ""},
		{"", "mongodb+srv://cluster0.mongodb.net/x", ""},

		// What another tool fills in.
		{"", "http://${HOST}:80 http://{{ .Release.Name }}-api:80 $(HOST):80 $HOST:80 redis:$PORT redis:{{ p }}", ""},
		{"", "{{ .Release.Name }}redis:6379 ${X}.ai.svc api.{{ ns }}.svc:80 <name>.ai.svc:80", ""},
		{"", "http://api.${NS}.svc:80/x http://api:${PORT}", ""},
		{"", "${A:-redis:6379}", ""},
	} {
		if got := mentionText(scanHosts(c.text, c.key)); got != c.want {
			t.Errorf("%s=%q mentions %q, want %q", c.key, c.text, got, c.want)
		}
	}
}

// A long text is read in part and once: a byte is looked at in its token, and
// once more if that is a URL.
func TestScanHostsBounded(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"a:1 ", "http://a,", "://", "a:1,", "$(", "=", "http://a:1,http:", "\"k\":", "nc a ", "@", "\n- a:80", "}a.b.svc{"} {
		s := &hostScanner{}
		s.scan(strings.Repeat(unit, 8*mostText/len(unit)), "")
		if len(s.found) > mostMentions {
			t.Errorf("%q: %d mentions", unit, len(s.found))
		}
		if s.steps > 2*mostText {
			t.Errorf("%q takes %d steps for %d bytes", unit, s.steps, mostText)
		}
	}
}

func FuzzReferences(f *testing.F) {
	for _, s := range []string{"redis://u:p@a:1,b:2/x", "nc -z a 1", `{"a": "b.c.svc:1"}`, "{{x}}:1", "http://a:1,http://b", "\xff=\xfe:1", "- a:1\n  k: é:2"} {
		f.Add(s, "KEY")
	}
	f.Fuzz(func(t *testing.T, text, key string) {
		for _, m := range scanHosts(text, key) {
			if !isHostName(m.host) || m.port < 0 || m.port > 65535 || whyHostNotCalled(m.host) != "" || decode.IsPlaceholder(m.host) {
				t.Errorf("%q mentions %+v", text, m)
			}
			if !strings.Contains(strings.ToLower(text), m.host) {
				t.Errorf("%q does not hold %q", text, m.host)
			}
		}
		expandVariables(text, map[string]string{"A": text})
	})
}
