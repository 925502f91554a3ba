package stats_test

import (
	"fmt"
	"log"

	"respy/stats"
)

// A split declared 90/10 is really dealt out half and half. The check may look
// after every answer, and stops as soon as it knows.
func ExampleEProcess() {
	e, err := stats.NewEProcess([]float64{90, 10})
	if err != nil {
		log.Fatal(err)
	}
	for n := 1; n <= 1000; n++ {
		e.Add(n % 2)
		if e.Rejects(stats.StopLevel(0.01)) {
			fmt.Printf("mismatch after %d answers, p = %.2g\n", n, stats.CombinedP(e.MaxLogE(), 1))
			break
		}
	}
	// Output: mismatch after 15 answers, p = 0.006
}
