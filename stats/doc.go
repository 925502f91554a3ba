// Package stats judges whether counted answers fit the weights of a traffic
// split, and plans how many it takes.
//
// It knows versions only as positions: counts []int64 and weights []float64
// are parallel, one entry for each version that was declared. Weights may have
// any sum. A version of weight 0 must not answer; answers of versions that were
// not declared are passed as a number of intruders.
//
// A proxy that splits by weight draws a version for each request independently
// of all others, so under a working split the counts are multinomial. That is
// the null hypothesis of every test here unless its comment says otherwise.
//
// # Where to start
//
// [Test] judges a number of answers that was fixed beforehand, [Intervals]
// shows what the true shares may be, and [PlaceErrors] asks whether answers
// that named no version could change the verdict. [DefaultRequests] says how
// many requests to send, [Sufficient] how few leave a match without meaning,
// [Required] and [DetectableShift] what a number of requests can notice,
// [ExpectedRequests] when an early stop notices it.
//
// To stop as soon as the answers suffice, feed them in send order to an
// [EProcess]: it may be looked at after each, which a p-value may not. Counters
// that are read now and then go to its AddBatch; [Nearest] and [Corners] are for
// counts that are known only within limits.
// [Tolerance] replaces the exact weights by a margin around them and can prove
// that the shares lie inside.
//
// What makes the null hypothesis itself doubtful shows in the order of the
// answers: [Blocks] finds round robin and changes of the weights during the
// run, [Clusters] versions that belong to the connection and not to the
// request. [CompareShards] tests whether several runs saw the same split.
//
// # Conventions
//
// Probabilities, shares and levels lie between 0 and 1. A p-value is the
// probability, under the null hypothesis, of a result at least as unusual;
// alpha is the level at which the caller rejects, and so how often a working
// split is called broken. Results hold no level: ask them with Rejects(alpha).
// Tails of distributions are computed directly, never as 1 less the rest, so
// that even a p of 1e-200 has all its digits.
//
// Nothing here reads a clock or a global source of randomness: the same input,
// seed included, gives the same result.
package stats
