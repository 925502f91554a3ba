package diagnose_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"respy/diagnose"
	"respy/probe"
)

// follow lets an observer follow a run in which the version of each answer is what pick says, ten answers a connection.
func (r *run) follow(t *testing.T, answers int, pick func(i int) int) *run {
	t.Helper()
	o, err := diagnose.NewObserver(r.Expectation, diagnose.Stopping{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range answers {
		a := probe.Answer{Seq: int64(i), Version: pick(i), Conn: int64(i / 10), First: i%10 == 0, Session: -1}
		if a.Version < 0 {
			a.Kind = probe.KindStatus
		}
		o.Observe(a)
		if a.Version >= 0 {
			r.Observed.Versions[a.Version].Count++
			r.Observed.Versions[a.Version].Index = a.Version
		}
		r.sent(1, true)
	}
	r.Observer = o
	return r
}

func traceOf(t *testing.T, r *run) *diagnose.Trace {
	t.Helper()
	trace := r.judge(t).Trace
	if trace == nil {
		t.Fatal("no trace")
	}
	return trace
}

func TestTraceFollowsTheRun(t *testing.T) {
	versions := []int{0, 0, 1, 0, -1, 0, 0, 0, 0, 0, 1, 0}
	trace := traceOf(t, ninetyTen(0, 0).follow(t, len(versions), func(i int) int { return versions[i] }))
	if diff := cmp.Diff(versions, trace.First); diff != "" {
		t.Errorf("the first answers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]int64{{8, 1}, {1, 1}}, trace.Connections); diff != "" {
		t.Errorf("the connections (-want +got):\n%s", diff)
	}
	want := []diagnose.Point{
		{1, []int64{1, 0}}, {2, []int64{2, 0}}, {3, []int64{2, 1}}, {4, []int64{3, 1}}, {5, []int64{4, 1}}, {6, []int64{5, 1}},
		{7, []int64{6, 1}}, {8, []int64{7, 1}}, {9, []int64{8, 1}}, {10, []int64{8, 2}}, {11, []int64{9, 2}},
	}
	if diff := cmp.Diff(want, trace.Points); diff != "" {
		t.Errorf("the points (-want +got):\n%s", diff)
	}
	if trace.Unit != "request" || trace.Versions[1].Name != "multiple" || trace.Versions[1].Share != 0.1 {
		t.Errorf("got unit %s and versions %+v", trace.Unit, trace.Versions)
	}
}

// What is kept does not grow with the run, and its end is in it.
func TestTraceStaysSmall(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	trace := traceOf(t, ninetyTen(0, 0).follow(t, 300_000, func(int) int {
		if random.Float64() < 0.1 {
			return 1
		}
		return 0
	}))
	if n := len(trace.Points); n < 100 || n > 200 {
		t.Errorf("%d points, want 100 to 200", n)
	}
	if last := trace.Points[len(trace.Points)-1]; last.N != 300_000 || last.Counts[0]+last.Counts[1] != last.N {
		t.Errorf("the last point is %+v", last)
	}
	if len(trace.First) != 300 || len(trace.Connections) != 60 {
		t.Errorf("%d first answers and %d connections, want 300 and 60", len(trace.First), len(trace.Connections))
	}
	for i := range trace.Versions {
		for _, p := range trace.Points {
			low, high, ok := trace.Band(i, p.N)
			if share := float64(p.Counts[i]) / float64(p.N); !ok || share < low || share > high {
				t.Errorf("%s: %v after %d is not in its band of %v to %v", trace.Versions[i].Name, share, p.N, low, high)
			}
		}
	}
}

// Nine expected versions and three that nothing expects, found in another order than that of their names.
func TestTraceGroupsTheRest(t *testing.T) {
	var shares []diagnose.Share
	for _, name := range strings.Fields("a b c d e f g h i") {
		shares = append(shares, diagnose.Share{Name: name, Weight: 1})
	}
	r := answered(diagnose.FromShares(shares, nil, nil), make([]int64, len(shares))...)
	for _, name := range []string{"x", "y", "z"} {
		r.answer(name, 0)
	}
	trace := traceOf(t, r.follow(t, 1200, func(i int) int { return i % 12 }))
	if n := len(trace.Versions); n != 9 {
		t.Fatalf("%d versions, want 8 and the rest", n)
	}
	rest := trace.Versions[8]
	if rest.Row != -1 || rest.Name != "others" || rest.Share < 0.11 || rest.Share > 0.112 {
		t.Errorf("the rest is %+v", rest)
	}
	if last := trace.Points[len(trace.Points)-1].Counts; last[8] != 400 || last[0] != 100 {
		t.Errorf("the counts are %v", last)
	}
}

func TestTraceKeepsRowsAndColoursTogether(t *testing.T) {
	r := ninetyTen(0, 0).answer("z", 0).answer("y", 0)
	r.follow(t, 100, func(i int) int { return i % 4 })
	r.Observed.Versions[2], r.Observed.Versions[3] = r.Observed.Versions[3], r.Observed.Versions[2] // as sorted by name
	r.Observed.Versions[3].Count = 25
	c := r.judge(t)
	for i, v := range c.Trace.Versions {
		if c.Versions[v.Row].Name != v.Name {
			t.Errorf("version %d of the trace is %s, and its row %s", i, v.Name, c.Versions[v.Row].Name)
		}
	}
	if names := []string{c.Trace.Versions[c.Trace.First[2]].Name, c.Trace.Versions[c.Trace.First[3]].Name}; names[0] != "z" || names[1] != "y" {
		t.Errorf("the third and the fourth answer are of %v, want z and y", names)
	}
}

func TestTraceWithoutAnExpectation(t *testing.T) {
	r := &run{Settings: diagnose.Settings{Alpha: 0.01, MaxErrors: 0.01}}
	r.answer("a", 0).answer("b", 0)
	trace := traceOf(t, r.follow(t, 100, func(i int) int { return i % 2 }))
	if _, _, ok := trace.Band(0, 10); ok || len(trace.Points) == 0 || len(trace.First) != 100 {
		t.Errorf("a band is %t; %d points, %d first answers", ok, len(trace.Points), len(trace.First))
	}
}

// Where the version belongs to the connection, the points count connections.
func TestTraceCountsTheUnit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	version := 0
	trace := traceOf(t, ninetyTen(0, 0).follow(t, 3000, func(i int) int {
		if i%10 == 0 {
			version = random.IntN(2)
		}
		return version
	}))
	if last := trace.Points[len(trace.Points)-1]; trace.Unit != "connection" || last.N != 300 {
		t.Errorf("the last point counts %d %ss, want 300 connections", last.N, trace.Unit)
	}
}

func TestTraceIsNotInTheReport(t *testing.T) {
	c := ninetyTen(0, 0).follow(t, 100, func(i int) int { return i % 2 }).judge(t)
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"Trace", "trace", "Chain", "chain", "Points"} {
		if strings.Contains(string(text), `"`+field+`"`) {
			t.Errorf("the report has a field %s", field)
		}
	}
}

func TestCountsHaveNoTrace(t *testing.T) {
	if trace := ninetyTen(903, 97).judge(t).Trace; trace != nil {
		t.Errorf("counts from elsewhere have the trace %+v", trace)
	}
}

func TestBandOfATolerance(t *testing.T) {
	trace := traceOf(t, ninetyTen(0, 0).with(func(r *run) { r.Tolerance = 0.05 }).follow(t, 100, func(i int) int { return min(1, i%10) ^ 1 }))
	low, high, ok := trace.Band(1, 100_000)
	if !ok || low > 0.05 || low < 0.04 || high < 0.15 || high > 0.16 {
		t.Errorf("the band around 10%% ±5 points is %v to %v after many answers", low, high)
	}
}
