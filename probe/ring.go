package probe

import (
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
// in send order. A slot is its worker's until done stores its state, then the
// reader's until advance frees it.
//
// The slots are in pages, made when a ticket needs one and used again once they
// are read: as long as no answer is late, two or three of them go round, and the
// others cost nothing.
type ring struct {
	window int64 // how many tickets may be taken and not read
	pages  [2 * maxAhead / pageSize]atomic.Pointer[page]
	spare  atomic.Pointer[page] // one that was read
	next   atomic.Int64         // the next ticket
	head   atomic.Int64         // the oldest ticket that was not read

	idle atomic.Bool   // the reader waits to be woken
	wake chan struct{} // holds at most one signal
}

// pageSize is how many slots a page has.
const pageSize = 1 << 10

// page holds the slots of tickets in a row, the first of them a multiple of its
// size.
type page [pageSize]slot

type slot struct {
	state atomic.Uint32
	outcome
}

// newRing returns a ring for so many requests, 0 if that is not known, of which
// no more than ahead may be sent before the oldest has its answer.
func newRing(requests, ahead int) *ring {
	window := maxAhead
	for _, limit := range []int{requests, ahead} {
		if limit > 0 {
			window = min(window, limit)
		}
	}
	return &ring{window: int64(window), wake: make(chan struct{}, 1)}
}

// at returns where the page of a ticket is. Tickets within the window of each
// other are in different pages or in the same: there are twice as many places as
// a window of pages.
func (r *ring) at(ticket int64) *atomic.Pointer[page] {
	return &r.pages[ticket/pageSize%int64(len(r.pages))]
}

// slot returns the slot of a ticket for which there is room.
func (r *ring) slot(ticket int64) *slot {
	place := r.at(ticket)
	p := place.Load()
	for p == nil {
		fresh := r.spare.Swap(nil)
		if fresh == nil {
			fresh = new(page)
		}
		if !place.CompareAndSwap(nil, fresh) {
			r.spare.Store(fresh) // another worker was first
		}
		p = place.Load()
	}
	return &p[ticket%pageSize]
}

// take returns the next ticket.
func (r *ring) take() int64 { return r.next.Add(1) - 1 }

// room reports whether a ticket is within the window.
func (r *ring) room(ticket int64) bool { return ticket-r.head.Load() < r.window }

// done hands an outcome to the reader. There must be room for the ticket.
func (r *ring) done(ticket int64, s state, o outcome) {
	slot := r.slot(ticket)
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
	head := r.head.Load()
	p := r.at(head).Load()
	if p == nil {
		return nil, pending
	}
	slot := &p[head%pageSize]
	return &slot.outcome, state(slot.state.Load())
}

// advance frees the slot that peek returned, and its page after the last one.
func (r *ring) advance() {
	head := r.head.Load()
	place := r.at(head)
	p := place.Load()
	p[head%pageSize].state.Store(uint32(pending))
	if head%pageSize == pageSize-1 {
		place.Store(nil)
		r.spare.Store(p)
	}
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
