//go:build race

package cluster

// slowdown is what the race detector costs, at most.
const slowdown = 10
