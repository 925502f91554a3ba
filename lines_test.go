package main

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"strings"
	"testing"
)

// answerLines are lines of versions, one of ten a v2, without holding them all; every so often it looks at the heap.
type answerLines struct {
	left int
	rest []byte
	peak uint64
}

// Read implements io.Reader.
func (a *answerLines) Read(p []byte) (int, error) {
	if len(a.rest) == 0 {
		if a.left == 0 {
			return 0, io.EOF
		}
		const chunk = 10_000
		a.rest = []byte(strings.Repeat("v1\nv1\nv1\nv1\nv2\nv1\nv1\nv1\nv1\nv1\n", min(chunk, a.left)/10))
		a.left -= chunk
		if a.left%(20*chunk) == 0 {
			a.peak = max(a.peak, inUse())
		}
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// inUse is how much of the heap is in use after a collection.
func inUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// Judging lines takes as much memory for two million as for a few.
func TestJudgingLinesTakesConstantMemory(t *testing.T) {
	const lines, most = 2_000_000, 4 << 20
	in := &answerLines{left: lines}
	before := inUse()
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), []string{"judge", "--expect", "v1=90,v2=10"}, in, &stdout, &stderr)
	if code != 0 || !strings.HasPrefix(stdout.String(), "MATCH  2000000 requests") {
		t.Errorf("exit code %d, %s%s", code, stdout.String(), stderr.String())
	}
	if in.peak > before+most {
		t.Errorf("%d bytes are in use while lines are read", in.peak-before)
	}
}
