package diagnose_test

import (
	"strings"
	"testing"

	"respy/k8s"
	"respy/probe"
)

func checkMessage(t *testing.T, r *run, want string, parts ...string) {
	t.Helper()
	c := r.judge(t)
	if got := string(c.Verdict) + " " + string(c.Reason); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, part := range parts {
		if !strings.Contains(c.Message, part) {
			t.Errorf("message %q lacks %q", c.Message, part)
		}
	}
	if strings.ContainsAny(c.Message, "\n") || strings.HasSuffix(c.Message, ".") {
		t.Errorf("message %q is not one sentence without its period", c.Message)
	}
}

func TestImpossibleVersion(t *testing.T) {
	const want = "mismatch impossible-version"
	checkMessage(t, ninetyTen(900, 99).answer("v9", 1), want, "v9 answered once", "single 90%, multiple 10%")
	checkMessage(t, ninetyTen(880, 100).answer("v8", 2).answer("v9", 18), want, "v8 answered 2 times")

	started := func() *k8s.Rule { return rule(subset("single", 100), subset("multiple", 0)) }
	checkMessage(t, declared(started(), 1000, 0), "match test")
	checkMessage(t, declared(started(), 999, 1), want, "multiple answered once", "weight is 0")
	checkMessage(t, declared(started(), 0, 1000), want, "multiple answered 1000 times")
	// Errors that went to the version show that it was sent requests, which its weight forbids.
	failing := declared(started(), 995, 0).fail(probe.KindStatus, 5).through(programmed(100, 0)).counting(both(995, 5)...)
	if got := failing.judge(t).Verdict; got != "mismatch" {
		t.Errorf("requests chosen for a version of weight 0: got %s, want mismatch", got)
	}
}

func TestRecognitionFailed(t *testing.T) {
	const want = "inconclusive recognition"
	none := func() *run { return ninetyTen(0, 0) }
	checkMessage(t, none().answer("Sunny", 1000), want, "1000 answers", "single, multiple", `"Sunny"`, "--version-from", "--map")
	checkMessage(t, none().fail(probe.KindUnidentified, 1000), want, "1000 answers", "--version-from", "single, multiple")
	checkMessage(t, none().answer("Sunny", 990).fail(probe.KindStatus, 10), want, "990 answers")
	checkMessage(t, none().fail(probe.KindUnidentified, 990).fail(probe.KindStatus, 10), want, "990 answers")

	// That the proxy knows which way the unnamed answers went does not recognise them.
	chosen := none().fail(probe.KindUnidentified, 1000).through(programmed(90, 10)).counting(both(900, 100)...)
	checkMessage(t, chosen, want)

	// One answer that names an expected version is recognition enough.
	checkMessage(t, ninetyTen(1, 0).answer("Sunny", 999), "mismatch impossible-version")
	checkMessage(t, ninetyTen(1, 0).fail(probe.KindUnidentified, 999), "mismatch errors")
}

func TestMessages(t *testing.T) {
	checkMessage(t, ninetyTen(903, 97), "match test", "1000 requests", "single 90%, multiple 10%", "single 90.3%, multiple 9.7%")
	checkMessage(t, ninetyTen(503, 497), "mismatch test", "single got 50.3%", "1000 requests", "90%", "p ")
	checkMessage(t, ninetyTen(900, 100).through(programmed(1, 3)), differs, "single 90%, multiple 10%", "single 25%, multiple 75%")
	checkMessage(t, ninetyTen(450, 50).with(func(r *run) { r.Signal, r.Requests = 2, 1000 }), "inconclusive interrupted", "500 of 1000 requests")
	checkMessage(t, ninetyTen(450, 50).with(func(r *run) { r.Signal, r.Requests = 2, 0 }), "inconclusive interrupted", "500 requests")
	checkMessage(t, ninetyTen(0, 0).fail(probe.KindRefused, 9), "inconclusive unreachable", "http://weather-backend:5000/version", "a sample of refused")
	checkMessage(t, ninetyTen(900, 100).with(func(r *run) { r.Expectation, r.WhyNone = nil, "no rule was found" }), "none no-expectation", "no rule was found")
}

// A name from outside may be as long as a body.
func TestMessagesStayShort(t *testing.T) {
	long := strings.Repeat("v", 10_000)
	for _, r := range []*run{ninetyTen(900, 99).answer(long, 1), ninetyTen(0, 0).answer(long, 1000)} {
		if message := r.judge(t).Message; len(message) > 300 {
			t.Errorf("a message has %d bytes", len(message))
		}
	}
}
