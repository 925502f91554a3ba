package stats

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBlocksAreExactUpTo4096(t *testing.T) {
	var b Blocks
	for i := range maxBlocks {
		b.AddAt(i%3, time.Duration(i))
	}
	if b.length != 1 || b.Len() != maxBlocks || b.started() != maxBlocks {
		t.Fatalf("length %d, %d positions, %d blocks", b.length, b.Len(), b.started())
	}
	for i := range maxBlocks {
		if b.counts[i%3][i] != 1 || b.sent[i] != time.Duration(i) {
			t.Fatalf("block %d: version %d is not there", i, i%3)
		}
	}
}

func TestBlocksMerge(t *testing.T) {
	for _, total := range []int{1, 4095, 4096, 4097, 8191, 8193, 50000} {
		var b Blocks
		src := rand.New(rand.NewPCG(1, uint64(total)))
		answers := make([]int, total)
		for i := range answers {
			answers[i] = src.IntN(4) - 1 // -1 is none
			b.AddAt(answers[i], time.Duration(i))
		}
		if b.started() > maxBlocks || total > maxBlocks && b.started() <= maxBlocks/2 {
			t.Errorf("%d answers: %d blocks", total, b.started())
		}
		want := make([][]int64, 3)
		for k := range want {
			want[k] = make([]int64, maxBlocks)
		}
		for i, version := range answers {
			if version >= 0 {
				want[version][int64(i)/b.length]++
			}
		}
		if total > 100 {
			if diff := cmp.Diff(want, b.counts); diff != "" {
				t.Errorf("%d answers: %s", total, diff)
			}
		}
		for i := range b.started() {
			if b.sent[i] != time.Duration(int64(i)*b.length) {
				t.Fatalf("%d answers: block %d was sent at %d", total, i, b.sent[i])
			}
		}
	}
}

func TestBlocksTakeVersionsAsTheyCome(t *testing.T) {
	var b Blocks
	b.Add(5)
	b.Add(-1)
	b.Add(2)
	if b.Len() != 3 || len(b.counts) != 6 || b.counts[0] != nil || b.counts[5][0] != 1 || b.counts[2][2] != 1 {
		t.Errorf("%d positions, %d columns", b.Len(), len(b.counts))
	}
}
