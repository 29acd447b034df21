package netset

import (
	"strconv"
	"strings"
)

// String writes ports as people do: `TCP 80, 8000-8001, UDP 53`.
func (s Ports) String() string {
	if s.Whole() {
		return "every port"
	}
	var parts []string
	for i, name := range Protocols() {
		if s[i].Whole() {
			parts = append(parts, "every "+name+" port")
			continue
		}
		for j, r := range s[i] {
			text := strconv.Itoa(r.First)
			if r.Last > r.First {
				text += "-" + strconv.Itoa(r.Last)
			}
			if j == 0 {
				text = name + " " + text
			}
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}
