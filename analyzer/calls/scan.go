package calls

import (
	"strings"

	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
)

// mention is one host that a text names.
type mention struct {
	host   string // lower case, without a final dot
	port   int    // 0 where neither the text nor its scheme gives one
	scheme string // of a URL; empty otherwise
	form   mentionForm
	key    string // the key, flag or variable it is the value of
}

type mentionForm int

const (
	urlForm     mentionForm = iota // scheme://host
	clusterForm                    // name.namespace.svc, with or without a port
	pairForm                       // host:port
)

// Bounds of the scan: of a longer text, or one with more hosts, a part is read.
const (
	mostText     = 256 << 10
	mostMentions = 256
)

// hostScanner reads a text once, token by token, and records what looks like a
// host that is called. It prefers precision: placeholders, comments, printed
// text and addresses to listen on are left out.
type hostScanner struct {
	found []mention
	key   string // of the value that follows
	word  string // the first word of the line, a directive or a command
	probe string // the host given to nc so far, "-" while it is awaited
	steps int    // bytes looked at; tests check that they are linear in the text
}

// scanHosts returns the hosts that a text mentions. key is what holds the text
// itself: a variable or a flag.
func scanHosts(text, key string) []mention {
	if !strings.Contains(text, ":") && !strings.Contains(text, ".svc") && !strings.Contains(text, "nc ") {
		return nil
	}
	if whyNameNotCalled(key) != "" {
		return nil
	}
	s := &hostScanner{}
	s.scan(text, key)
	return s.found
}

func (s *hostScanner) scan(text, key string) {
	if len(text) > mostText {
		text = text[:mostText]
	}
	for line := range strings.Lines(text) {
		if len(s.found) >= mostMentions {
			break
		}
		s.line(strings.TrimSpace(line), key)
	}
}

// line scans one line. The key of an earlier one counts for the items of a
// list only.
func (s *hostScanner) line(line, key string) {
	if line == "" || isComment(line) {
		return
	}
	if !strings.ContainsRune(`-"'[`, rune(line[0])) || s.key == "" {
		s.key = key
	}
	s.word, s.probe = "", ""
	for i := 0; i < len(line); {
		switch {
		case line[i] == '#' && i > 0 && isSpace(line[i-1]):
			return
		case isDelimiter(line[i]):
			s.steps++
			i++
		default:
			next := s.token(line, i)
			if next < 0 {
				return
			}
			i = next
		}
	}
}

// token scans the token at i and returns where to go on, -1 to skip the rest of
// the line.
func (s *hostScanner) token(line string, i int) int {
	end := i
	for end < len(line) && !isDelimiter(line[end]) {
		end++
	}
	s.steps += end - i
	token := line[i:end]
	if k := strings.Index(token, "://"); k >= 0 {
		return s.url(line, i, i+k)
	}
	if onlyPrintsOrResolves(token) {
		return -1
	}
	if s.word == "" {
		s.word = token
	}
	if isKey(line, token, end) {
		s.key = strings.TrimRight(token, ":")
		if s.key == "Host" && i > 0 && !isSpace(line[i-1]) {
			s.key = "header" // curl -H "Host: …"
		}
		return end
	}
	if !besidePlaceholder(line, i, end) {
		s.plain(token)
	}
	return end
}

// url scans a URL whose scheme ends at colon: one host or, as brokers and
// database clients take them, several. It returns where to go on.
func (s *hostScanner) url(line string, start, colon int) int {
	from := colon
	for from > start && isSchemeByte(line[from-1]) {
		from--
	}
	scheme := strings.ToLower(line[from:colon])
	hosts, rest := authority(line[colon+len("://"):])
	end := len(line) - len(rest)
	s.steps += end - from
	path := line[colon+len("://")+len(hosts) : end]
	filled := from > 0 && strings.IndexByte("})>", line[from-1]) >= 0
	if filled || schemeNotCalled(scheme) || strings.Contains(path, "@") { // of a password with a slash in it
		return end
	}
	if at := strings.LastIndexByte(hosts, '@'); at >= 0 {
		hosts = hosts[at+1:]
	}
	for one := range strings.SplitSeq(hosts, ",") {
		if host, port, ok := hostPort(one); ok {
			if port == 0 {
				port = schemePort(scheme)
			}
			s.note(mention{host: host, port: port, scheme: scheme, form: urlForm})
		}
	}
	return end
}

// authority splits what follows `://` into the hosts and what comes after the
// URL.
func authority(text string) (hosts, rest string) {
	cut := func(s, stops string) int {
		if i := strings.IndexAny(s, stops); i >= 0 {
			return i
		}
		return len(s)
	}
	hosts = text[:cut(text, "/?# \t\"'`)]}>|\\;")]
	// A list of URLs has the next scheme where the path would be.
	if last := strings.LastIndexByte(hosts, ','); last >= 0 && strings.HasSuffix(hosts, ":") && strings.HasPrefix(text[len(hosts):], "//") {
		return hosts[:last], text[last:]
	}
	after := text[len(hosts):]
	return hosts, after[cut(after, " \t\"'`<>|\\,;"):]
}

// plain scans a token that is not a URL.
func (s *hostScanner) plain(token string) {
	switch token {
	case "nc", "ncat", "netcat", "telnet":
		s.probe = "-"
		return
	}
	if path, ok := strings.CutPrefix(token, "/dev/tcp/"); ok { // bash's own
		token = strings.Replace(path, "/", ":", 1)
	}
	if cut := strings.IndexAny(token, "/?"); cut >= 0 {
		token = token[:cut]
	}
	if at := strings.LastIndexByte(token, '@'); at >= 0 {
		token = token[at+1:]
	}
	if s.probing(token) {
		return
	}
	host, port, ok := hostPort(token)
	switch {
	case !ok:
	case clusterName(host):
		s.note(mention{host: host, port: port, form: clusterForm})
	case port != 0:
		s.note(mention{host: host, port: port, form: pairForm})
	}
}

// probing reads `nc -z -w 2 host port`.
func (s *hostScanner) probing(token string) bool {
	switch {
	case s.probe == "" || strings.HasPrefix(token, "-"):
		return s.probe != ""
	case inventory.IsNumber(token) && s.probe == "-": // of a flag
		return true
	case inventory.IsNumber(token):
		if host, port, ok := hostPort(s.probe + ":" + token); ok {
			s.note(mention{host: host, port: port, form: pairForm})
		}
		s.probe = ""
		return true
	case s.probe == "-" && !strings.Contains(token, ":"):
		s.probe = token
		return true
	}
	s.probe = ""
	return false
}

func (s *hostScanner) note(m mention) {
	if len(s.found) >= mostMentions || whyHostNotCalled(m.host) != "" || whyNameNotCalled(s.key) != "" || whyNameNotCalled(s.word) != "" {
		return
	}
	m.key = s.key
	s.found = append(s.found, m)
}
