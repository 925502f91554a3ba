package stats_test

import (
	"fmt"
	"log"

	"respy/stats"
)

// Four callers report 100 answers each; the third has a proxy of its own mind.
func ExampleHomogeneity() {
	h, err := stats.CompareShards([][]int64{{90, 10}, {88, 12}, {70, 30}, {91, 9}}, stats.HomogeneityOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("p = %.2g, rejected: %v\n", h.P, h.Rejects(0.005))
	fmt.Println("odd:", h.Odd(0.005))
	fmt.Println("pooled:", h.Pooled)
	// Output:
	// p = 4e-05, rejected: true
	// odd: [2]
	// pooled: [339 61]
}
