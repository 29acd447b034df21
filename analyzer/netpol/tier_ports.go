package netpol

import (
	"slices"

	"github.com/aisec-lint/aisec-lint/analyzer/decode"
	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/netset"
)

// readPorts reads the protocols of v1alpha2 or the ports of v1alpha1; a rule
// without either speaks of all traffic. False is what the API server refuses.
func (r *TierRule) readPorts(spec *decode.TierRuleSpec) bool {
	if len(spec.Protocols)+len(spec.Ports) == 0 {
		r.fixed = netset.WholePorts()
	}
	for i := range spec.Protocols {
		if !r.readProtocol(&spec.Protocols[i]) {
			return false
		}
	}
	for i := range spec.Ports {
		if !r.readPort(&spec.Ports[i]) {
			return false
		}
	}
	return true
}

// readProtocol: exactly one field is set, and of a destination port exactly
// one of its number and its range.
func (r *TierRule) readProtocol(p *decode.TierProtocol) bool {
	given, names := 0, netset.Protocols()
	for i, to := range []*decode.TierDestination{p.TCP, p.UDP, p.SCTP} {
		if to == nil {
			continue
		}
		given++
		switch {
		case to.Port == nil, (to.Port.Number != 0) == (to.Port.Range != nil):
			return false
		case to.Port.Range != nil:
			if !r.addRange(names[i], to.Port.Range.Start, to.Port.Range.End) {
				return false
			}
		default:
			if !r.addNumber(names[i], to.Port.Number) {
				return false
			}
		}
	}
	if p.NamedPort != "" {
		r.addName(p.NamedPort)
		given++
	}
	return given == 1
}

// readPort: exactly one field is set.
func (r *TierRule) readPort(p *decode.TierPort) bool {
	switch {
	case p.Number != nil && p.Range == nil && p.NamedPort == nil:
		return r.addNumber(p.Number.Protocol, p.Number.Port)
	case p.Number == nil && p.Range != nil && p.NamedPort == nil:
		return r.addRange(p.Range.Protocol, p.Range.Start, p.Range.End)
	case p.Number == nil && p.Range == nil && decode.Deref(p.NamedPort) != "":
		r.addName(*p.NamedPort)
		return true
	}
	return false
}

func (r *TierRule) addNumber(protocol string, port int32) bool {
	return r.addBetween(protocol, port, port)
}

// addRange: "the Start value must be less than End".
func (r *TierRule) addRange(protocol string, first, last int32) bool {
	return first < last && r.addBetween(protocol, first, last)
}

func (r *TierRule) addBetween(protocol string, first, last int32) bool {
	names := netset.Protocols()
	i := slices.Index(names[:], decode.OrTCP(protocol))
	if i < 0 || first < 1 || last > netset.LastPort {
		return false
	}
	r.addPorts(i, fact.PortRange{First: int(first), Last: int(last)})
	return true
}

// addName: the name alone selects the port, with whatever protocol the
// container gives it.
func (r *TierRule) addName(name string) {
	for i := range r.fixed {
		r.named = append(r.named, namedPort{name, i})
	}
}
