// Package netset computes with sets of ports and of addresses.
//
// In and out are values: [Intervals] of port numbers, [Ports] of every protocol,
// [Permitted] with its two bounds, and the parts into which borders cut the
// address space ([Partition]). Sets are not changed after they were made, so
// that they can be shared.
//
// Not here: which policy means which ports, and what lies at an address.
package netset
