package stats_test

import (
	"fmt"
	"log"

	"respy/stats"
)

func ExampleTest() {
	// 90 to 10 was declared, and of 1000 answers 903 came from the first.
	fit, err := stats.Test([]int64{903, 97}, []float64{90, 10}, stats.TestOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %s test: p = %.3f, rejected at .01: %t\n", fit.Method, fit.Name, fit.P, fit.Rejects(.01))
	fmt.Printf("chi-square %.2f with %d degree of freedom: p = %.3f\n", fit.Statistic, fit.DF, fit.ChiSquareP)
	// Output:
	// exact binomial test: p = 0.792, rejected at .01: false
	// chi-square 0.10 with 1 degree of freedom: p = 0.752
}

func ExampleTest_impossible() {
	// The third version has weight 0 and must not answer at all.
	fit, err := stats.Test([]int64{899, 100, 1}, []float64{90, 10, 0}, stats.TestOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fit.P, fit.Statistic, fit.Rejects(.01))
	// Output: 0 +Inf true
}

func ExampleIntervals() {
	intervals, err := stats.Intervals([]int64{903, 97}, .01)
	if err != nil {
		log.Fatal(err)
	}
	for _, i := range intervals {
		fmt.Printf("%.1f%% to %.1f%%\n", 100*i.Low, 100*i.High)
	}
	// Output:
	// 87.6% to 92.6%
	// 7.4% to 12.4%
}

func ExampleRequired() {
	// How many requests does it take to notice that 2% instead of 1% reach
	// the canary, or none at all?
	n, err := stats.Required([]float64{99, 1}, .01, .01, .9, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n)
	// Output: 1968
}

func ExampleDetectableShift() {
	shift, err := stats.DetectableShift([]float64{90, 10}, 1000, .01, .9)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("1000 requests notice a shift of %.1f points\n", 100*shift)
	// Output: 1000 requests notice a shift of 3.8 points
}

func ExamplePlaceErrors() {
	// 940 answers named their version, 60 did not.
	p, err := stats.PlaceErrors([]int64{870, 70}, []float64{90, 10}, 60, .01, stats.TestOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("without the errors: p = %.4f\n", p.Base.P)
	fmt.Printf("robust: %t; with %v of them p = %.4f\n", p.Robust, p.Errors, p.Worst.P)
	// Output:
	// without the errors: p = 0.0077
	// robust: false; with [30 30] of them p = 1.0000
}
