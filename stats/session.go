package stats

import (
	"fmt"
	"math"
)

// Stickiness is what sessions show that are expected to stay on one version.
// H0: they do not, every request is a draw of its own. A session that saw two
// versions refutes stickiness by itself, retries apart; sessions that stayed
// prove it only when chance would hardly keep all of them in place.
//
// How sticky sessions split is another question, with one draw for each: its
// first answer. A hash ring does not split evenly, so that these shares need
// not be those of the weights.
type Stickiness struct {
	Sessions int64 // with at least two identified answers
	Mixed    int64 // of these, with more than one version

	// Share is the part of the sessions that is mixed, and Interval its
	// Clopper-Pearson interval; without sessions 0 and [0, 1].
	Share    float64
	Interval Interval

	// Required is how many sessions must all stay to show stickiness; see
	// [RequiredSessions].
	Required int64
}

// Stays reports whether the sessions show that they stay.
func (s Stickiness) Stays() bool {
	return s.Mixed == 0 && s.Required > 0 && s.Sessions >= s.Required
}

// Sticky judges sessions of so many requests each: how many of them have at
// least two answers, and how many of these are mixed, as [Clustering] counts
// them. The interval has confidence 1−alpha and the required number level
// alpha. It is an error when there are more mixed sessions than sessions, and
// where [RequiredSessions] says so.
func Sticky(sessions, mixed int64, weights []float64, requests int, alpha float64) (Stickiness, error) {
	if mixed < 0 || mixed > sessions || sessions > MaxAnswers {
		return Stickiness{}, fmt.Errorf("%d mixed sessions of %d: they must be a part of them", mixed, sessions)
	}
	required, err := RequiredSessions(weights, requests, alpha)
	if err != nil {
		return Stickiness{}, err
	}
	return Stickiness{
		Sessions: sessions,
		Mixed:    mixed,
		Share:    float64(mixed) / float64(max(1, sessions)),
		Interval: clopperPearson(mixed, sessions, alpha),
		Required: required,
	}, nil
}

// RequiredSessions returns how many sessions of so many requests each must all
// stay on one version before chance is ruled out at level alpha: the smallest
// S with (Σπᵐ)^S ≤ α, where Σπᵐ is the chance that m independent draws agree.
// It is 0 when no number does, as with a single version.
//
// It is an error when requests is below 2, the weights are no weights (see
// [NewEProcess]) or alpha is not between 0 and 1.
func RequiredSessions(weights []float64, requests int, alpha float64) (int64, error) {
	if requests < 2 {
		return 0, fmt.Errorf("%d requests per session: staying on a version takes at least 2", requests)
	}
	if err := checkLevel("alpha", alpha); err != nil {
		return 0, err
	}
	pi, err := shares(weights)
	if err != nil {
		return 0, err
	}
	var agree float64
	for _, p := range pi {
		agree += math.Pow(p, float64(requests))
	}
	if agree >= 1 {
		return 0, nil
	}
	return int64(math.Ceil(math.Log(alpha) / math.Log(agree))), nil
}
