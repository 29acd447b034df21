package calls

import (
	"slices"
	"strings"
	"unicode"

	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func isDelimiter(c byte) bool { return isSpace(c) || strings.IndexByte("\"'`,;()[]{}<>|&=\\", c) >= 0 }

func isSchemeByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '.' || c == '-' || c == '_'
}

// isComment recognises a comment line of YAML, shells, C, ini files, SQL, Lua or
// markup.
func isComment(line string) bool {
	for _, mark := range []string{"#", "//", ";", "--  ", "-- ", "<!--", "* ", "/*", "rem "} {
		if strings.HasPrefix(line, mark) {
			return true
		}
	}
	return false
}

// onlyPrintsOrResolves recognises commands that print or look up their arguments
// and do not connect to them.
func onlyPrintsOrResolves(token string) bool {
	switch token {
	case "echo", "printf", "logger", "nslookup", "dig", "getent", "ping":
		return true
	}
	return false
}

// isKey reports that the token names the value that follows it: `key=`,
// `key:` and `"key":`.
func isKey(line, token string, end int) bool {
	if strings.HasSuffix(token, ":") {
		return true
	}
	rest := strings.TrimLeft(line[end:], `"'`)
	if quoted := len(rest) < len(line)-end; quoted && strings.HasPrefix(rest, ":") {
		return true
	}
	rest = strings.TrimLeft(rest, " ")
	return strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, "==")
}

// besidePlaceholder reports a token next to a placeholder: it is only a part of a
// name.
func besidePlaceholder(line string, start, end int) bool {
	return start > 0 && strings.IndexByte("})>", line[start-1]) >= 0 ||
		end < len(line) && strings.IndexByte("{(<", line[end]) >= 0
}

// whyNameNotCalled says why the value of a key, flag or variable of that name is
// not called although it holds a host; empty if it may be.
func whyNameNotCalled(name string) string {
	if name == "" {
		return ""
	}
	words := nameWords(name)
	for _, w := range words {
		if reason := whyWordNotCalled(w); reason != "" {
			return reason
		}
	}
	switch joined := strings.Join(words, ""); {
	case strings.HasSuffix(joined, "noproxy") || strings.HasSuffix(joined, "nonproxyhosts"):
		return "a list of what no proxy is asked for"
	case strings.HasSuffix(joined, "servername") || strings.HasPrefix(joined, "dns") && inventory.IsNumber(joined[len("dns"):]):
		return "a name in a certificate or of a virtual host"
	case strings.HasSuffix(joined, "rooturl") || strings.HasSuffix(joined, "siteurl"):
		return "the address that browsers see"
	}
	return ""
}

func whyWordNotCalled(w string) string {
	switch w {
	case "allow", "allowed", "allowlist", "whitelist", "cors", "csrf", "origin", "origins", "trusted", "referer", "referrer":
		return "a list of permitted callers"
	case "deny", "denied", "denylist", "blacklist", "blocked", "exclude", "excluded", "ignore", "ignored":
		return "a list of what is not called"
	case "listen", "listener", "listeners", "bind", "binding":
		return "an address to listen on"
	case "advertise", "advertised", "announce", "announced", "public", "external", "canonical", "domain", "domains":
		return "the pod's own address as others see it"
	case "redirect", "redirects", "callback", "postback", "homepage", "website":
		return "an address that browsers call"
	case "issuer", "issuers", "audience", "audiences", "aud", "realm", "spiffe", "trust":
		return "an identity, compared and not called"
	case "rewrite", "return", "header", "headers":
		return "an answer, or a header of one"
	case "image", "images", "tag", "tags", "version":
		return "an image, which the node pulls"
	case "password", "passwd", "secret", "secrets", "token", "tokens", "credential", "credentials", "key", "keys", "apikey":
		return "a secret"
	case "san", "sans", "dnsnames", "cn", "vhost", "vhosts":
		return "a name in a certificate or of a virtual host"
	case "example", "examples", "description", "doc", "docs", "documentation", "help", "comment", "runbook", "summary",
		"message", "title", "link", "links", "href", "schema", "xmlns", "annotations", "labels":
		return "prose"
	}
	return ""
}

// nameWords splits a name at its punctuation and capitals: `--allowedOrigins`
// is allowed, origins.
func nameWords(name string) []string {
	if len(name) > 128 {
		name = name[:128]
	}
	var out []string
	start := 0
	flush := func(end int) {
		if end > start {
			out = append(out, strings.ToLower(name[start:end]))
		}
		start = end
	}
	lower := false
	for i, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush(i)
			start = i + len(string(r))
			lower = false
		case unicode.IsUpper(r):
			if lower {
				flush(i)
			}
			lower = false
		default:
			lower = true
		}
	}
	flush(len(name))
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}
