package report

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/aisec-lint/aisec-lint/loader/yaml"
	"github.com/aisec-lint/aisec-lint/rules"
)

func sarifOf(t *testing.T, r *Report) (text string, log sarifLog) {
	t.Helper()
	text = render(t, "sarif", r, Options{})
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	return text, log
}

func TestSARIFFitsTheSchema(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/sarif-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*Report{"full": fixture(t), "clean": {Rules: fixture(t).Rules}, "empty": {}} {
		text, _ := sarifOf(t, r)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSARIFRules(t *testing.T) {
	t.Parallel()
	r := fixture(t)
	r.Rules[0].Description = strings.Repeat("ä ", 2000)
	r.Rules[0].Tags = strings.Split(strings.Repeat("x,y,security,", 20)+"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u", ",")
	_, log := sarifOf(t, r)
	if len(log.Runs) != 1 {
		t.Fatalf("%d runs, want one", len(log.Runs))
	}
	driver := log.Runs[0].Tool.Driver
	if driver.Version != r.Version || len(driver.Rules) != len(r.Rules)+1 {
		t.Errorf("version %q and %d rules, want %q and every rule that was judged or has a finding", driver.Version, len(driver.Rules), r.Version)
	}
	for _, rule := range driver.Rules {
		score, err := strconv.ParseFloat(rule.Properties.SecuritySeverity, 64)
		if err != nil || score < 0.1 || score > 10 {
			t.Errorf("%s: security-severity %q", rule.ID, rule.Properties.SecuritySeverity)
		}
		for what, text := range map[string]string{"shortDescription": rule.ShortDescription.Text, "fullDescription": rule.FullDescription.Text} {
			if n := utf8.RuneCountInString(text); n == 0 || n > 1024 {
				t.Errorf("%s: %s has %d characters", rule.ID, what, n)
			}
		}
		if rule.Help.Text == "" || rule.Help.Markdown == "" || rule.Name == rule.ID || len(rule.Name) > 255 {
			t.Errorf("%s: name %q, help %+v", rule.ID, rule.Name, rule.Help)
		}
		tags := slices.Clone(rule.Properties.Tags)
		if slices.Sort(tags); rule.Properties.Tags[0] != "security" || len(tags) > 20 || len(slices.Compact(tags)) != len(rule.Properties.Tags) {
			t.Errorf("%s: tags %q", rule.ID, rule.Properties.Tags)
		}
	}
}

func TestSARIFResults(t *testing.T) {
	t.Parallel()
	r := fixture(t)
	_, log := sarifOf(t, r)
	run := log.Runs[0]
	if got, want := len(run.Results), len(r.Findings)-1; got != want {
		t.Errorf("%d results, want %d: one finding is there twice", got, want)
	}
	lineHash := regexp.MustCompile(`^[0-9a-f]{1,16}:[1-9][0-9]*$`)
	link := regexp.MustCompile(`(?:^|[^\\])\[(?:[^\\\[\]]|\\.)*\]\((\d+)\)`)
	for _, res := range run.Results {
		if res.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[res.RuleIndex].ID != res.RuleID {
			t.Errorf("%s: ruleIndex %d is another rule", res.RuleID, res.RuleIndex)
		}
		uri := res.Locations[0].PhysicalLocation.ArtifactLocation.URI
		if !lineHash.MatchString(res.PartialFingerprints.LineHash) && uri != "../dump%0A.yaml" {
			t.Errorf("%s: no line hash: %v", res.Message.Text, res.PartialFingerprints)
		}
		if len(res.PartialFingerprints.Own) != 16 {
			t.Errorf("%s: %v", res.Message.Text, res.PartialFingerprints)
		}
		links := link.FindAllStringSubmatch(res.Message.Text, -1)
		if len(links) != len(res.RelatedLocations) {
			t.Errorf("%d links to %d locations in %q", len(links), len(res.RelatedLocations), res.Message.Text)
		}
		for i, l := range slices.Concat(res.Locations, res.RelatedLocations) {
			if i > 0 && strconv.Itoa(l.ID) != links[i-1][1] {
				t.Errorf("location %d is linked as %s", l.ID, links[i-1][1])
			}
			checkPlace(t, l.PhysicalLocation)
		}
	}
}

func checkPlace(t *testing.T, p sarifPhysical) {
	t.Helper()
	u, err := url.Parse(p.ArtifactLocation.URI)
	if err != nil || u.IsAbs() || path.IsAbs(u.Path) || strings.ContainsAny(p.ArtifactLocation.URI, " \\:ß") {
		t.Errorf("URI %q (%v)", p.ArtifactLocation.URI, err)
	}
	g := p.Region
	if g.StartLine < 1 || g.EndLine != 0 && g.EndLine != g.StartLine || g.EndColumn < g.StartColumn {
		t.Errorf("region %+v", g)
	}
}

func TestSARIFURI(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"k8s/a.yaml": "k8s/a.yaml", "./a b.yaml": "a%20b.yaml", "../a.yaml": "../a.yaml", "a:b/ß.yaml": "a%3Ab/%C3%9F.yaml",
		"<stdin>": "%3Cstdin%3E", "/srv/a.yaml": "file:///srv/a.yaml", "C:/k8s/a#.yaml": "file:///C:/k8s/a%23.yaml", "100%.yaml": "100%25.yaml",
	} {
		if got := sarifURI(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// Two findings that differ in anything that is shown are two results.
func TestSARIFKeepsWhatDiffers(t *testing.T) {
	t.Parallel()
	base := fixture(t).Findings[1]
	r := &Report{Findings: []rules.Finding{base}}
	for _, change := range []func(*rules.Finding){
		func(f *rules.Finding) { f.Message = "another" },
		func(f *rules.Finding) { f.Severity = rules.Low },
		func(f *rules.Finding) { f.Fingerprint = "1" },
		func(f *rules.Finding) { f.Related = nil },
		func(f *rules.Finding) { f.Location.Start.Col++ },
		func(f *rules.Finding) {
			f.Location.File = &yaml.File{Name: "other", Data: f.Location.File.Data}
		},
		func(f *rules.Finding) { f.Location.File = nil },
	} {
		f := base
		change(&f)
		r.Findings = append(r.Findings, f, f)
	}
	_, log := sarifOf(t, r)
	if got, want := len(log.Runs[0].Results), len(r.Findings)/2+1; got != want {
		t.Errorf("%d results, want %d", got, want)
	}
}
