package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The output that README.md shows is what the program prints.
func TestReadmeShowsRealOutput(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../..")
	_, out, _ := audited(t, "testdata/quickstart/wrong")
	blocks := regexp.MustCompile("(?s)```text\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) == 0 {
		t.Fatal("README.md shows no output")
	}
	shown := 0
	for finding := range strings.SplitSeq(blocks[0][1], "\n\n") {
		shown++
		if !strings.Contains(out, strings.TrimSpace(finding)) {
			t.Errorf("README.md shows what the program does not print:\n%s", finding)
		}
	}
	if shown < 3 {
		t.Errorf("README.md shows %d findings, want 3", shown)
	}
}

// The steps of CONTRIBUTING.md are executed, in a copy of the project: a new
// rule needs exactly one new folder.
func TestContributingSteps(t *testing.T) {
	if *update {
		t.Skip("one of the steps is the update itself")
	}
	if testing.Short() {
		t.Skip("the run without -short executes the steps; beside it they would be built again, and not under the race detector")
	}
	guide, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(string(guide))
	if block == nil {
		t.Fatal("CONTRIBUTING.md has no steps")
	}
	dir := t.TempDir()
	for _, part := range []string{"cmd", "loader", "analyzer", "rules", "report", "testdata"} {
		if err := os.CopyFS(filepath.Join(dir, part), os.DirFS("../../"+part)); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum", "Makefile", "README.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, file), string(text))
	}
	rule := filepath.Join(dir, "rules/egress/open-proxy")
	for step := range strings.Lines(block[1]) {
		step = strings.TrimSpace(step)
		failing, mustFail := strings.CutPrefix(step, "! ")
		if mustFail {
			writeFixtures(t, rule)
		}
		if strings.HasPrefix(step, "make update") {
			writeRule(t, rule)
		}
		cmd := exec.CommandContext(t.Context(), "bash", "-c", failing)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "CI=") // no corpus lies beside the copy
		out, err := cmd.CombinedOutput()
		if (err != nil) != mustFail {
			t.Fatalf("%s: %v\n%s", step, err, out)
		}
	}
	page, err := os.ReadFile(filepath.Join(rule, "README.md"))
	if err != nil || !strings.Contains(string(page), "egress/open-proxy") {
		t.Errorf("the rule has no page: %v", err)
	}
}

// writeFixtures is the contributor's first edit: what shall be found.
func writeFixtures(t *testing.T, rule string) {
	t.Helper()
	const pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: agent\n  namespace: ai\nspec:\n  containers:\n    - name: proxy\n      image: example.org/proxy\n      ports:\n        - containerPort: "
	write(t, filepath.Join(rule, "bad.yaml"), pod+"3128 # want \"listens on the port of a proxy\"\n")
	write(t, filepath.Join(rule, "good.yaml"), pod+"8080\n")
}

// writeRule is the second: the rule itself.
func writeRule(t *testing.T, rule string) {
	t.Helper()
	write(t, filepath.Join(rule, "rule.rego"), `# METADATA
# title: An open proxy stands in the namespace
# description: Whoever reaches a proxy reaches what it reaches.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
#     description: Network policies
# custom:
#   severity: medium
#   message: "{workloads} listens on the port of a proxy, {port}"
#   remediation: Remove the proxy, or admit its callers by NetworkPolicy.
#   tags: [egress]
package rules.egress["open-proxy"]

deny contains {"at": ["ports", i]} if {
	some i, port in input.workload.ports
	port.number == 3128
}
`)
	write(t, filepath.Join(rule, "rule_test.rego"), `package rules.egress["open-proxy_test"]

import data.rules.egress["open-proxy"] as rule

test_deny_when_the_port_is_a_proxys if {
	count(rule.deny) == 1 with input as {"workload": {"ports": [{"number": 3128}]}}
}

test_allow_when_it_is_another if {
	count(rule.deny) == 0 with input as {"workload": {"ports": [{"number": 8080}]}}
}
`)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
