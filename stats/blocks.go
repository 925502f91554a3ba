package stats

import "time"

// maxBlocks bounds the memory of Blocks. It is even, as full blocks are merged
// in pairs.
const maxBlocks = 4096

// Blocks holds the order of the answers of a run in constant memory: counts by
// version in consecutive blocks of equal length. It is exact, with blocks of
// one, up to 4096 answers. Whenever it is full, pairs of blocks are merged and
// the length doubles, so that more than 2048 blocks remain of any longer run.
// [RoundRobin] and [ChangePoint] read it. The zero value is ready to use.
type Blocks struct {
	length int64           // positions per block, a power of two
	total  int64           // positions so far
	counts [][]int64       // by version, then by block; nil until it answers
	sent   []time.Duration // when the first request of each block was sent
}

// Add takes the next position in send order: the index of the version that
// answered, small and not negative. A negative one stands for a request
// without an identified answer; it keeps its place in the order and counts for
// no version.
func (b *Blocks) Add(version int) { b.AddAt(version, 0) }

// AddAt is Add with the time at which the request was sent, from the start of
// the run, for ChangePoint to report.
func (b *Blocks) AddAt(version int, sent time.Duration) {
	if b.length == 0 {
		b.length = 1
		b.sent = make([]time.Duration, maxBlocks)
	}
	if b.total == b.length*maxBlocks {
		b.merge()
	}
	block := b.total / b.length
	if b.total%b.length == 0 {
		b.sent[block] = sent
	}
	b.total++
	if version < 0 {
		return
	}
	for len(b.counts) <= version {
		b.counts = append(b.counts, nil)
	}
	if b.counts[version] == nil {
		b.counts[version] = make([]int64, maxBlocks)
	}
	b.counts[version][block]++
}

// Len returns the number of positions so far.
func (b *Blocks) Len() int64 { return b.total }

// merge joins the blocks in pairs and doubles their length.
func (b *Blocks) merge() {
	b.length *= 2
	for i := range maxBlocks / 2 {
		b.sent[i] = b.sent[2*i]
	}
	for _, column := range b.counts {
		if column == nil {
			continue
		}
		for i := range maxBlocks / 2 {
			column[i] = column[2*i] + column[2*i+1]
		}
		clear(column[maxBlocks/2:])
	}
}

// table returns the counts of the completed blocks of the given length, which
// is a multiple of b's, by version and block.
func (b *Blocks) table(length int64) [][]int64 {
	blocks := b.total / length
	join := length / b.length
	var table [][]int64
	for _, column := range b.counts {
		if column == nil {
			continue
		}
		joined := make([]int64, blocks)
		for i, n := range column[:blocks*join] {
			joined[int64(i)/join] += n
		}
		table = append(table, joined)
	}
	return table
}
