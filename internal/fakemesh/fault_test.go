package fakemesh

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The bounds are at least 4.8 standard deviations from the mean for any seed
// (a chance of at most 2e-6 each); the seed makes the outcome the same in
// every run all the same.
func TestShares(t *testing.T) {
	type between [2]int
	const v1, v2 = "demo: v1", "demo: v2"
	for _, test := range []struct {
		name    string
		options Options
		want    map[string]between
	}{
		{"none", Options{}, map[string]between{v1: {854, 946}, v2: {54, 146}}},
		{"equal weights", Options{Weights: []float64{1, 1}}, map[string]between{v1: {424, 576}, v2: {424, 576}}},
		{"fractions", Options{Weights: []float64{99.5, .5}}, map[string]between{v1: {980, 1000}, v2: {0, 20}}},
		{"one version", Options{Weights: []float64{1}}, map[string]between{v1: {1000, 1000}}},
		{"weight zero", Options{Weights: []float64{1, 0}}, map[string]between{v1: {1000, 1000}}},
		{"names", Options{Versions: []string{"single", "multiple"}}, map[string]between{"demo: single": {854, 946}, "demo: multiple": {54, 146}}},
		{"round robin", Options{Fault: RoundRobin}, map[string]between{v1: {500, 500}, v2: {500, 500}}},
		{"round robin, equal weights", Options{Fault: RoundRobin, Weights: []float64{1, 1}}, map[string]between{v1: {750, 750}, v2: {250, 250}}},
		{"per connection", Options{Fault: PerConnection}, map[string]between{v1: {424, 576}, v2: {424, 576}}},
		{"swapped", Options{Fault: Swapped}, map[string]between{v1: {54, 146}, v2: {854, 946}}},
		// 1000 requests at 90/10 would give v2 more than 160 of them with a chance of 3e-9.
		{"lagging", Options{Fault: Lagging}, map[string]between{v1: {723, 839}, v2: {161, 277}}},
		{"lagging, equal weights", Options{Fault: Lagging, Weights: []float64{1, 1}}, map[string]between{v1: {501, 648}, v2: {352, 499}}},
		{"failing", Options{Fault: Failing}, map[string]between{v1: {854, 946}, "503 temporarily unavailable": {54, 146}}},
		{"ignored", Options{Fault: Ignored}, map[string]between{v1: {424, 576}, v2: {424, 576}}},
		{"ignored, equal weights", Options{Fault: Ignored, Weights: []float64{1, 1}}, map[string]between{v1: {684, 816}, v2: {184, 316}}},
		{"unknown version", Options{Fault: UnknownVersion}, map[string]between{v1: {830, 930}, v2: {54, 146}, "demo: v0": {1, 45}}},
		{"sticky without cookies", Options{Fault: Sticky}, map[string]between{v1: {854, 946}, v2: {54, 146}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.options.Seed = 1
			m := begin(t, test.options)
			got := tally(send(t, m, client(t, test.options.Fault != PerConnection), 1000))
			for answer, want := range test.want {
				if n := got[answer]; n < want[0] || n > want[1] {
					t.Errorf("%q: got %d, want %d to %d", answer, n, want[0], want[1])
				}
				delete(got, answer)
			}
			if len(got) > 0 {
				t.Errorf("other answers: %v", got)
			}
			if m.Requests() != 1000 {
				t.Errorf("received %d, want 1000", m.Requests())
			}
		})
	}
}

func TestSeedDecides(t *testing.T) {
	run := func(seed uint64) []string {
		return send(t, begin(t, Options{Seed: seed}), client(t, true), 100)
	}
	first := run(7)
	if diff := cmp.Diff(first, run(7)); diff != "" {
		t.Errorf("same seed (-first +second):\n%s", diff)
	}
	if cmp.Equal(first, run(8)) {
		t.Error("another seed gave the same 100 answers")
	}
}

func TestRoundRobinAlternates(t *testing.T) {
	answers := send(t, begin(t, Options{Fault: RoundRobin, Weights: []float64{60, 30, 10}}), client(t, true), 6)
	want := []string{"demo: v1", "demo: v2", "demo: v3", "demo: v1", "demo: v2", "demo: v3"}
	if diff := cmp.Diff(want, answers); diff != "" {
		t.Error(diff)
	}
}

func TestConnectionKeepsItsPod(t *testing.T) {
	m := begin(t, Options{Fault: PerConnection})
	met := make(map[string]bool)
	for range 30 { // one version alone would be met with a chance of 2e-9
		counts := tally(send(t, m, client(t, true), 5))
		if len(counts) != 1 {
			t.Fatalf("one connection: %v", counts)
		}
		for answer := range counts {
			met[answer] = true
		}
	}
	if len(met) != 2 {
		t.Errorf("30 connections met only %v", met)
	}
}

func TestLagIsWhatItSays(t *testing.T) {
	m := begin(t, Options{Fault: Lagging, Weights: []float64{1, 0}, Lag: 40})
	answers := send(t, m, client(t, true), 200)
	if n := tally(answers[:40])["demo: v2"]; n == 0 { // 2⁻⁴⁰ for a random seed
		t.Error("no other weights in the lag")
	}
	if n := tally(answers[40:])["demo: v1"]; n != 160 {
		t.Errorf("after the lag: v1 %d of 160", n)
	}
}

func TestSessionsStick(t *testing.T) {
	m := begin(t, Options{Fault: Sticky, Weights: []float64{1, 1}})
	c := client(t, true)
	stay := func(name string, mark func(*http.Request)) string {
		t.Helper()
		var first string
		for i := range 10 {
			r := request(t, m.URL())
			mark(r)
			answer, resp := get(t, c, r)
			if i == 0 {
				first = answer
			}
			if answer != first {
				t.Fatalf("%s: %q after %q", name, answer, first)
			}
			if len(resp.Cookies()) > 0 {
				t.Errorf("%s: known session is given a cookie", name)
			}
		}
		return first
	}
	for range 20 {
		answer, resp := get(t, c, request(t, m.URL()))
		cookies := resp.Cookies()
		if len(cookies) != 1 || cookies[0].Name != SessionCookie {
			t.Fatalf("first answer's cookies: %v", cookies)
		}
		if got := stay("cookie", func(r *http.Request) { r.AddCookie(cookies[0]) }); got != answer {
			t.Errorf("cookie of %q gave %q", answer, got)
		}
	}
	met := make(map[string]int)
	for i := range 200 {
		id := fmt.Sprintf("user-%d", i)
		met[stay(id, func(r *http.Request) { r.Header.Set(SessionHeader, id) })]++
	}
	if n := met["demo: v1"]; n < 66 || n > 134 { // 4.8 standard deviations
		t.Errorf("sessions split %v", met)
	}
	stay("foreign cookie", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: SessionCookie, Value: "mine"}) })
}

func TestParseFault(t *testing.T) {
	for _, f := range Faults() {
		if got, err := ParseFault(string(f)); got != f || err != nil {
			t.Errorf("%q: got %q, %v", f, got, err)
		}
	}
	for _, name := range []string{"", "None", "slow"} {
		_, err := ParseFault(name)
		if err == nil || !strings.Contains(err.Error(), "none, round-robin, per-connection, swapped, lagging, failing, ignored, unknown-version, sticky") {
			t.Errorf("%q: got %v, want the list", name, err)
		}
	}
}
