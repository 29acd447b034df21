# What several rules share. Rules of your own may `import data.lib` as well.
package lib

# The workload has a role in an AI application. More is at stake with it than
# with others: a model, an index, a kernel.
runs_ai if input.workload.role != "none"

# How bad it is that a selector finds nothing, by what is known of its namespace
# (`complete`): certain where every pod is known, a hint where others may come. A
# namespace without any pod in the tree ("no") leaves nothing to say, and the
# result is undefined.
dead_severity(complete, certain) := {"yes": certain, "unknown": "info"}[complete]

# One variant of a message for a thing that has something close to it, another
# for one that has not.
suggested(thing, suggesting, plain) := suggesting if thing.suggestion

else := plain

# A chart that has NetworkPolicies, and the value that keeps them from being made.
chart_switch := [{"at": ["namespace", "policies_disabled_by"], "note": "switch"}] if input.workload.namespace.policies_disabled_by.present

else := []

# The sides of a flow whose network policies deny it: names of the note and of
# the message for each, "both" where both do.
denied_sides := [side | some side in ["egress", "ingress"]; input.flow[side].verdict == "denied"]

denied_message := "both" if count(denied_sides) == 2

else := denied_sides[0]

denied_notes := [{"at": [side], "note": side} | some side in denied_sides]
