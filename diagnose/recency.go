package diagnose

// recencyLimit is how many connections or sessions are followed at once. One that is pushed out and then goes on counts
// as another, which can only hide that its answers belong together.
const recencyLimit = 4096

// recency remembers the ids that were seen last. The zero value is empty.
type recency struct {
	last map[int64]int64 // id to the number of the answer
}

func (r *recency) has(id int64) bool {
	_, ok := r.last[id]
	return ok
}

// touch marks an id as seen and returns those that are forgotten for it: the older half, once there are too many.
func (r *recency) touch(id, now int64) []int64 {
	if r.last == nil {
		r.last = map[int64]int64{}
	}
	r.last[id] = now
	if len(r.last) <= recencyLimit {
		return nil
	}
	return r.forget(r.middle())
}

// middle returns a number of which about half the ids are older: the mean, as the numbers are spread evenly.
func (r *recency) middle() int64 {
	var total float64
	for _, seen := range r.last {
		total += float64(seen) / float64(len(r.last))
	}
	return int64(total)
}

func (r *recency) forget(before int64) []int64 {
	var old []int64
	for id, seen := range r.last {
		if seen < before {
			old = append(old, id)
			delete(r.last, id)
		}
	}
	return old
}
