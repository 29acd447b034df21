package report

// What viewers do with a SARIF file, and what is therefore in ours.
//
// GitHub code scanning (docs.github.com "SARIF support for code scanning";
// otherwise as noted):
//   - shows message.text up to the end of its first sentence where room is
//     short, strips Markdown from it, ignores message.markdown (go-tools,
//     lintcmd/sarif.go). So the first sentence is the finding, then come the
//     other objects and the repair, all in one line.
//   - shows a related location only where the message links to it as [text](id),
//     and then the place alone, without the location's own message (ibid.).
//   - uses the first of locations only (pmd-github-action#53), and in a pull
//     request only if every line of its region was changed: a region is never
//     more than one line here.
//   - needs partialFingerprints.primaryLocationLineHash to know a result again;
//     upload-sarif fills it in and warns where ours differs, an upload through the
//     API opens an alert twice without it.
//   - opens one alert per result even for equal results (osv-scanner#3093).
//   - reads the severity of a rule, as the string security-severity, only when
//     its tags have `security`; a result has its level alone. problem.severity
//     is for rules that are not about security.
//   - prefers help.markdown to help.text; ignores helpUri, fixes, suppressions,
//     baselineState, logicalLocations and the tool's version. Suppressed results
//     become open alerts (codeql-action#1230), so none are written.
//   - refuses two runs with one tool and category (codeql-action#2959): one run.
//     The category is automationDetails.id up to its last slash.
//   - closes an alert when a run that lists the rule has no such result any more.
//
// VS Code's viewer shows a dash for a rule without a name, and name and id must
// differ (go-tools, ibid.); it shows the descriptions and not the help.
//
// SARIF 2.1.0 itself: brackets and backslashes are escaped within a link's text
// and may stand as they are elsewhere (3.11.6); columns are those of columnKind.

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
	"github.com/aisec-lint/aisec-lint/rules"
)

// sarifBuilder collects one run.
type sarifBuilder struct {
	rules     []sarifRule
	ruleIndex map[string]int
	results   []sarifResult
	seen      map[resultKey]bool
	files     map[*yaml.File]*sarifFile
}

// sarifFile is what every result in a file needs again.
type sarifFile struct {
	uri    string
	hashes []lineHash
}

// resultKey is all that a viewer could tell two results apart by.
type resultKey struct {
	rule, level, message, uri, fingerprint string
	region                                 sarifRegion
}

func writeSARIF(w *bytes.Buffer, r *Report) error {
	b := sarifBuilder{
		rules: make([]sarifRule, 0, len(r.Rules)), ruleIndex: make(map[string]int, len(r.Rules)),
		results: make([]sarifResult, 0, len(r.Findings)), seen: make(map[resultKey]bool, len(r.Findings)),
		files: map[*yaml.File]*sarifFile{},
	}
	for _, m := range r.Rules {
		b.rule(m)
	}
	for i := range r.Findings {
		b.result(&r.Findings[i])
	}
	return encode(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs: []sarifRun{{
			Tool: sarifTool{Driver: sarifDriver{
				Name: toolName, Version: r.Version, InformationURI: "https://github.com/aisec-lint/aisec-lint", Rules: b.rules,
			}},
			AutomationDetails: sarifDetails{ID: toolName + "/"},
			Invocations:       b.invocations(r.Notes),
			ColumnKind:        "unicodeCodePoints",
			Results:           b.results,
		}},
	})
}

// invocations tell what was not read or built. The audit itself succeeded.
func (b *sarifBuilder) invocations(notes []rules.Note) []sarifInvocation {
	if len(notes) == 0 {
		return nil
	}
	out := sarifInvocation{ExecutionSuccessful: true}
	for i := range notes {
		n := sarifNotification{Level: "warning", Message: sarifText{Text: plainText(sentence(notes[i].Message))}}
		if notes[i].Location.File != nil {
			n.Locations = []sarifLocation{{PhysicalLocation: b.place(&notes[i].Location)}}
		}
		out.Notifications = append(out.Notifications, n)
	}
	return []sarifInvocation{out}
}

// rule returns the index of a rule, which it lists on first sight.
func (b *sarifBuilder) rule(m *rules.Meta) int {
	i, ok := b.ruleIndex[m.ID]
	if !ok {
		i = len(b.rules)
		b.ruleIndex[m.ID] = i
		b.rules = append(b.rules, describe(m))
	}
	return i
}

func (b *sarifBuilder) result(f *rules.Finding) {
	out := sarifResult{
		RuleID: f.Rule.ID, RuleIndex: b.rule(f.Rule), Level: sarifLevel(f.Severity),
		Message: sarifText{Text: sarifMessage(f)}, PartialFingerprints: sarifFingerprints{Own: f.Fingerprint},
	}
	key := resultKey{rule: f.Rule.ID, level: out.Level, message: out.Message.Text, fingerprint: f.Fingerprint}
	if f.Location.File != nil {
		where := b.place(&f.Location)
		key.uri, key.region = where.ArtifactLocation.URI, where.Region
		out.Locations = []sarifLocation{{PhysicalLocation: where}}
		if h := b.file(f.Location.File).hashes; where.Region.StartLine <= len(h) {
			out.PartialFingerprints.LineHash = h[where.Region.StartLine-1].String()
		}
	}
	if b.seen[key] {
		return
	}
	b.seen[key] = true
	for i := range f.Related {
		if n := &f.Related[i]; n.Location.File != nil {
			out.RelatedLocations = append(out.RelatedLocations, sarifLocation{
				ID: i + 1, PhysicalLocation: b.place(&n.Location), Message: &sarifText{Text: plainText(sentence(n.Message))},
			})
		}
	}
	b.results = append(b.results, out)
}

func (b *sarifBuilder) file(f *yaml.File) *sarifFile {
	known, ok := b.files[f]
	if !ok {
		known = &sarifFile{uri: sarifURI(f.Name)}
		if len(f.Data) > 0 { // else it was not read, and the hash of nothing is wrong
			known.hashes = lineHashes(f.Data)
		}
		b.files[f] = known
	}
	return known
}

// place narrows a region to its first line. A finding about a file as a whole
// stands on line 1, where GitHub puts it anyway.
func (b *sarifBuilder) place(l *rules.Location) sarifPhysical {
	region := sarifRegion{StartLine: max(l.Start.Line, 1)}
	if l.Start.Line > 0 && l.Start.Col > 0 {
		end := l.End.Col
		if l.End.Line > l.Start.Line {
			end = len([]rune(l.File.Line(l.Start.Line))) + 1
		}
		region = sarifRegion{l.Start.Line, l.Start.Col, l.Start.Line, max(end, l.Start.Col)}
	}
	return sarifPhysical{sarifArtifact{b.file(l.File).uri}, region}
}

// sarifMessage writes the finding, the other objects as links and the repair.
func sarifMessage(f *rules.Finding) string {
	var b strings.Builder
	b.WriteString(plainText(sentence(f.Message)))
	for i := range f.Related {
		n := &f.Related[i]
		b.WriteString(" See: ")
		if n.Location.File == nil {
			b.WriteString(plainText(sentence(n.Message)))
		} else {
			b.WriteString("[" + linkText(n.Message) + "](" + strconv.Itoa(i+1) + ").")
		}
	}
	if f.Help != "" {
		b.WriteString(" Fix: " + plainText(sentence(f.Help)))
	}
	return b.String()
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	s = oneLine(s)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

// plainText keeps foreign text from being read as a link. Paths such as
// ports[8080] stay as they are: not every viewer takes an escape back.
func plainText(s string) string {
	if strings.Contains(s, "](") {
		return linkText(s)
	}
	return visible(s)
}

func linkText(s string) string {
	s = visible(oneLine(s))
	if !strings.ContainsAny(s, `\[]`) {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(s)
}

func sarifLevel(s rules.Severity) string {
	switch s {
	case rules.Critical, rules.High:
		return "error"
	case rules.Medium:
		return "warning"
	case rules.Low, rules.Info:
	}
	return "note"
}
