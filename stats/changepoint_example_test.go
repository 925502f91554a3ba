package stats_test

import (
	"fmt"
	"time"

	"respy/stats"
)

// The first 180 requests still follow the old weights, one in two; from then
// on it is one in ten.
func ExampleChangePoint() {
	var order stats.Blocks
	for i := range 1000 {
		version := 0
		if i < 180 && i%2 == 1 || i >= 180 && i%10 == 9 {
			version = 1
		}
		order.AddAt(version, time.Duration(i)*10*time.Millisecond)
	}
	if c := order.ChangePoint(); c.Fires() {
		fmt.Printf("requests 1 to %d, until %v: %v\n", c.At, c.Sent, c.Before)
		fmt.Printf("then: %v\n", c.After)
	}
	// Output:
	// requests 1 to 180, until 1.8s: [90 90]
	// then: [738 82]
}
