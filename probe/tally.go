package probe

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	// The tally leaves answers lying for a while after it was woken, as waking a
	// goroutine for each of them would double what a request costs: for a
	// hundredth of the time that has passed, so that Observe can end a run early,
	// and not for longer than this.
	maxNap   = time.Millisecond
	napShare = 100

	longest = time.Hour // latencies above are recorded as this
	digits  = 3         // of precision in a quantile
)

// flag is set once, and cheap to set again.
type flag struct{ atomic.Bool }

func (f *flag) mark() {
	if !f.Load() {
		f.Store(true)
	}
}

// tally counts outcomes in send order. One goroutine uses it.
type tally struct {
	started    time.Time
	observe    func(Answer) bool // nil if nobody wants to
	stop       func()            // ends sending
	failures   *failures
	recognizer *Recognizer

	reached  *flag         // by any request that got an HTTP answer
	enough   int64         // requests without an answer after which to give up
	patience time.Duration // the time after which to give up
	late     bool          // it has passed
	gaveUp   bool

	sent, answered, resent int64
	last                   time.Duration // end of the last answer
	versions               []count       // by index
	groups                 []int64       // by number of the failure group
}

type count struct {
	answers, serverErrors int64
	latency               *hdrhistogram.Histogram
}

// newTally returns the tally of a run; stop ends its sending.
func newTally(r *run, stop func()) *tally {
	return &tally{
		started:    r.started,
		observe:    r.options.Observe,
		stop:       stop,
		failures:   &r.failures,
		recognizer: r.recognizer,
		reached:    &r.answered,
		enough:     int64(max(100, 2*r.options.Concurrency)),
		patience:   2 * r.options.Timeout,
	}
}

// watch reads outcomes until the workers are through, and returns their error.
func (t *tally) watch(r *ring, through <-chan error) error {
	patience := time.NewTimer(t.patience)
	defer patience.Stop()
	for {
		t.read(r)
		if !r.sleep() {
			continue
		}
		select {
		case <-r.wake:
			time.Sleep(min(maxNap, time.Since(t.started)/napShare))
		case <-patience.C:
			t.late = true
		case err := <-through:
			t.read(r)
			return err
		}
	}
}

// giveUp ends sending if there was no HTTP answer to enough requests.
func (t *tally) giveUp() {
	if t.gaveUp || t.reached.Load() || t.sent == 0 || !t.late && t.sent < t.enough {
		return
	}
	t.gaveUp = true
	t.stop()
}

// read takes in all outcomes that are next in send order.
func (t *tally) read(r *ring) {
	for {
		o, s := r.peek()
		switch s {
		case pending:
			t.giveUp()
			return
		case cut:
			t.sent++
			t.last = max(t.last, o.finished)
		case ended:
			t.add(o)
		}
		r.advance()
	}
}

func (t *tally) add(o *outcome) {
	kind := t.failures.kind(int(o.group))
	if t.observe != nil && !t.observe(t.public(o, kind)) {
		t.stop()
		t.observe = t.further(t.observe)
	}
	t.sent++
	t.last = max(t.last, o.finished)
	if o.resent {
		t.resent++
	}
	if o.status != 0 {
		t.answered++
	}
	if kind != "" {
		t.groups = grown(t.groups, int(o.group))
		t.groups[o.group]++
		return
	}
	t.versions = grown(t.versions, int(o.version))
	t.versions[o.version].add(o, t.recognizer.countsErrors())
}

// further observes the answers after the one that ended sending; there is
// nothing left to end.
func (t *tally) further(observe func(Answer) bool) func(Answer) bool {
	return func(a Answer) bool {
		observe(a)
		return true
	}
}

func (t *tally) public(o *outcome, kind Kind) Answer {
	return Answer{
		Seq:     t.sent,
		Version: int(o.version),
		Kind:    kind,
		Status:  int(o.status),
		Conn:    o.conn,
		First:   o.first,
		Session: o.session,
		Sent:    o.sent,
		Latency: o.latency,
		Resent:  o.resent,
	}
}

func (c *count) add(o *outcome, errorsCount bool) {
	c.answers++
	if errorsCount && o.status >= 500 {
		c.serverErrors++
	}
	if c.latency == nil {
		c.latency = hdrhistogram.New(1, longest.Microseconds(), digits)
	}
	// The value is within the range by construction: no error is possible.
	_ = c.latency.RecordValue(min(max(o.latency, 0), longest).Microseconds())
}

// named returns the versions with their names, in the order that Result has.
func (t *tally) named() []Version {
	names := t.recognizer.Names()
	counts := grown(t.versions, len(names))
	var expected, found, overflow []Version
	for i, name := range names {
		c := counts[i]
		v := Version{Name: name, Index: i, Count: c.answers, ServerErrors: c.serverErrors, Latency: c.quantiles(), Curve: c.curve()}
		switch {
		case i < t.recognizer.expected:
			v.Expected = true
			expected = append(expected, v)
		case c.answers == 0: // found in an earlier run
		case i == t.recognizer.limit:
			overflow = append(overflow, v)
		default:
			found = append(found, v)
		}
	}
	slices.SortFunc(found, func(a, b Version) int { return cmp.Compare(a.Name, b.Name) })
	return slices.Concat(expected, found, overflow)
}

func (c count) quantiles() Latency {
	if c.latency == nil {
		return Latency{}
	}
	return Latency{P50: c.at(50), P95: c.at(95), P99: c.at(99)}
}

// curve returns the quantiles that a drawing of the distribution needs.
func (c count) curve() []Quantile {
	if c.latency == nil {
		return nil
	}
	var curve []Quantile
	add := func(percent float64) { curve = append(curve, Quantile{percent / 100, c.at(percent)}) }
	for percent := 0.0; percent < 90; percent += 2 {
		add(percent)
	}
	for percent := 90.0; percent < 99; percent++ {
		add(percent)
	}
	for _, percent := range []float64{99, 99.5, 99.9, 99.95, 99.99, 100} {
		add(percent)
	}
	return curve
}

// at returns a percentile of the latency.
func (c count) at(percent float64) time.Duration {
	return time.Duration(c.latency.ValueAtPercentile(percent)) * time.Microsecond
}

// grown returns s with at least i+1 elements.
func grown[T any](s []T, i int) []T {
	for len(s) <= i {
		s = append(s, *new(T))
	}
	return s
}
