package probe

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// maxAhead is the number of requests that may be sent ahead of the oldest one
// that is still without an answer.
const maxAhead = 1 << 16

// state is what became of a ticket.
type state uint32

const (
	pending state = iota
	ended         // with an answer or a failure
	cut           // sent, but the context ended first
	unsent        // the run was stopped before
)

// outcome is how one request ended. It has no pointers, so that the collector of
// garbage passes over the ring.
type outcome struct {
	version  int32
	group    int16 // of the failure; 0 if there is none
	status   int16
	first    bool
	resent   bool
	conn     int64
	session  int64
	sent     time.Duration
	finished time.Duration
	latency  time.Duration
}

// ring puts outcomes into send order without a lock. Tickets number the requests
// in send order; ticket t belongs to slot t mod size. A slot is its worker's
// until done stores its state, then the reader's until advance frees it for the
// ticket one round later.
type ring struct {
	slots []slot
	next  atomic.Int64 // the next ticket
	head  atomic.Int64 // the oldest ticket that was not read

	idle atomic.Bool   // the reader waits to be woken
	wake chan struct{} // holds at most one signal
}

type slot struct {
	state atomic.Uint32
	outcome
}

// newRing returns a ring for so many requests, 0 if that is not known, of which
// no more than ahead may be sent before the oldest has its answer.
func newRing(requests, ahead int) *ring {
	size := maxAhead
	for _, limit := range []int{requests, ahead} {
		if limit > 0 && limit < size {
			size = 1 << bits.Len(uint(limit-1))
		}
	}
	return &ring{slots: make([]slot, size), wake: make(chan struct{}, 1)}
}

func (r *ring) at(ticket int64) *slot { return &r.slots[ticket&int64(len(r.slots)-1)] }

// take returns the next ticket.
func (r *ring) take() int64 { return r.next.Add(1) - 1 }

// room reports whether the slot of a ticket is free.
func (r *ring) room(ticket int64) bool { return ticket-r.head.Load() < int64(len(r.slots)) }

// done hands an outcome to the reader. There must be room for the ticket.
func (r *ring) done(ticket int64, s state, o outcome) {
	slot := r.at(ticket)
	slot.outcome = o
	slot.state.Store(uint32(s))
	if r.idle.Load() && r.idle.CompareAndSwap(true, false) {
		select {
		case r.wake <- struct{}{}:
		default: // there is a signal that was not needed so far
		}
	}
}

// peek returns the oldest outcome that was not read, if it is there.
func (r *ring) peek() (*outcome, state) {
	slot := r.at(r.head.Load())
	return &slot.outcome, state(slot.state.Load())
}

// advance frees the slot that peek returned.
func (r *ring) advance() {
	head := r.head.Load()
	r.at(head).state.Store(uint32(pending))
	r.head.Store(head + 1)
}

// sleep announces that the reader waits for wake. It returns false if there is
// something to read.
func (r *ring) sleep() bool {
	r.idle.Store(true)
	if _, s := r.peek(); s != pending && r.idle.CompareAndSwap(true, false) {
		return false
	}
	return true
}
