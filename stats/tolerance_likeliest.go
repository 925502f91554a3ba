package stats

// free marks a share that is not settled yet.
const free = -1

// closest returns the shares of the box under which the counts are likeliest:
// clip(λ·n_k, low_k, high_k) with the λ that makes them sum to 1.
//
// It tries the λ of the shares that are not clipped yet. When that pushes
// shares out of the box on both sides, the clipped sum tells whether λ must
// grow or shrink; shares that are out on the other side stay out, are settled
// at their bound, and the rest is tried again.
func (t *Tolerance) closest(counts []int64) []float64 {
	theta := make([]float64, len(counts))
	for k := range theta {
		theta[k] = free
	}
	for {
		lambda := slope(theta, counts)
		below, above := t.outside(theta, counts, lambda)
		if below == 0 && above == 0 {
			settle(theta, counts, lambda)
			return theta
		}
		for k, n := range counts {
			share := lambda * float64(n)
			switch {
			case theta[k] != free:
			case below >= above && share < t.low[k]:
				theta[k] = t.low[k]
			case below < above && share > t.high[k]:
				theta[k] = t.high[k]
			}
		}
	}
}

// slope returns the λ with which the free shares sum to what the settled ones
// leave. Without answers it is 0: what they leave is then of no consequence.
func slope(theta []float64, counts []int64) float64 {
	rest, answers := 1.0, 0.0
	for k, n := range counts {
		if theta[k] == free {
			answers += float64(n)
		} else {
			rest -= theta[k]
		}
	}
	if answers == 0 {
		return 0
	}
	return rest / answers
}

// outside returns by how much the free shares lie below and above the box.
func (t *Tolerance) outside(theta []float64, counts []int64, lambda float64) (below, above float64) {
	for k, n := range counts {
		if theta[k] == free {
			below += max(0, t.low[k]-lambda*float64(n))
			above += max(0, lambda*float64(n)-t.high[k])
		}
	}
	return below, above
}

// settle gives the free shares their value.
func settle(theta []float64, counts []int64, lambda float64) {
	for k, n := range counts {
		if theta[k] == free {
			theta[k] = lambda * float64(n)
		}
	}
}
