package diagnose

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"respy/probe"
	"respy/stats"
)

// matchMessage says that the counts agree with the weights.
func (j *judge) matchMessage() string {
	if j.Expectation == nil || !j.tested {
		return ""
	}
	return fmt.Sprintf("%d %ss agree with %s%s: %s", j.split.placement.Base.N, j.unit, j.weightsText(), j.marginText(), j.sharesText())
}

// marginText is the tolerance, if there is one: ±5 points.
func (j *judge) marginText() string {
	if j.Tolerance == 0 {
		return ""
	}
	return " ±" + trim(100*j.Tolerance) + " points"
}

// mismatchMessage names the version that is furthest from its weight.
func (j *judge) mismatchMessage() string {
	shares, seen := j.Expectation.Shares(), normalise(float64s(j.tally.counts))
	worst := 0
	for i := range shares {
		if math.Abs(seen[i]-shares[i]) > math.Abs(seen[worst]-shares[worst])+shareSlack {
			worst = i
		}
	}
	return fmt.Sprintf("%s got %s%% of %d %ss where its weight asks for %s%%%s (p %s)", clip(j.Expectation.Versions[worst].Name),
		trim(100*seen[worst]), j.tally.total(), j.unit, trim(100*shares[worst]), j.marginText(), PText(j.split.p))
}

// impossibleMessage names the first version that must not answer and did.
func (j *judge) impossibleMessage(all tally) string {
	if j.Watch != nil {
		return j.impossibleChoice(all)
	}
	for i, v := range j.Expectation.Versions {
		if n := all.counts[i]; v.Weight == 0 && n > 0 {
			return fmt.Sprintf("%s answered %s although its weight is 0", v.Name, times(n))
		}
	}
	if j.ByProxy {
		return fmt.Sprintf("the proxy sent %d requests to clusters that %s does not name", j.tally.intruders, j.weightsText())
	}
	v := j.Observed.Versions[len(j.tally.counts)]
	return fmt.Sprintf("%s answered %s, and no weight names it (%s); if it is one of them, see --map", clip(v.Name), times(v.Count), j.weightsText())
}

// onlyName is the name of the version with the most draws.
func (j *judge) onlyName() string {
	most := 0
	for i, n := range j.tally.counts {
		if n > j.tally.counts[most] {
			most = i
		}
	}
	return clip(j.Expectation.Versions[most].Name)
}

func (j *judge) recognitionMessage(unidentified int64) string {
	expected := strings.Join(j.Expectation.Names(), ", ")
	if j.tally.intruders == 0 {
		return fmt.Sprintf("not one of %d answers named a version (%s), and expected are %s; give the place with --version-from, such as header:NAME or json:PATH",
			unidentified, clip(j.unidentifiedSample()), expected)
	}
	if slices.ContainsFunc(j.Observed.Versions, func(v probe.Version) bool { return v.Name == probe.Overflow }) {
		return fmt.Sprintf("not one of %d answers named an expected version (%s), and nearly each is another text; give the place of the version with --version-from",
			j.tally.intruders+unidentified, expected)
	}
	v := j.Observed.Versions[len(j.tally.counts)]
	return fmt.Sprintf("not one of %d answers named an expected version (%s); they say %q: see --version-from and --map",
		j.tally.intruders+unidentified, expected, clip(v.Name))
}

func (j *judge) unidentifiedSample() string {
	for _, f := range j.Observed.Failures {
		if f.Kind == probe.KindUnidentified {
			return f.Sample
		}
	}
	return ""
}

func (j *judge) flipMessage() string {
	if j.Watch != nil {
		c := j.Watch.counted()
		return fmt.Sprintf("%d attempts that failed decide: another verdict would follow if the proxy has repeated them and counted them twice; "+
			"proxyStatsMatcher with upstream_rq_retry would tell", sum(c.high)-sum(c.low))
	}
	var to []string
	for i, n := range j.split.flip {
		if n > 0 {
			to = append(to, fmt.Sprintf("%d to %s", n, clip(j.Expectation.Versions[i].Name)))
		}
	}
	return fmt.Sprintf("%d requests without a version decide: another verdict would follow if they belonged to versions like this: %s", j.unplaced, strings.Join(to, ", "))
}

// undecidedMessage says that a tolerance is neither kept nor broken for certain, or that a rejection rests on draws that
// may be none.
func (j *judge) undecidedMessage() string {
	switch {
	case j.Tolerance > 0:
	case j.clustering.Decidable:
		return fmt.Sprintf("%s; but answers of one connection agree more often than by chance (rho = %s), and p %s if they depend on each other: "+
			"--connection-reuse 1 would tell", j.mismatchMessage(), trim(j.clustering.Rho),
			PText(j.split.placement.Base.Deflated(j.clustering.DesignEffect).P))
	default:
		return fmt.Sprintf("only %s answered, on %d connections, and whether each request is a draw or each connection cannot be told: --connection-reuse 1 would",
			j.onlyName(), j.clustering.Clusters)
	}
	message := fmt.Sprintf("%d %ss prove neither that every share is within %s points of %s nor that one is not", j.tally.total(), j.unit,
		trim(100*j.Tolerance), j.weightsText())
	box, err := stats.NewTolerance(j.Expectation.Weights(), j.Tolerance)
	if err != nil {
		return message
	}
	if n, err := box.Required(j.level(), power); err == nil {
		message += fmt.Sprintf("; -n %d would, if they are", n*j.requestsPerUnit())
	}
	return message
}

// tooSmallMessage says how many would do.
func (j *judge) tooSmallMessage(asked int64) string {
	if j.unit == unitConnection && j.Watch == nil {
		return fmt.Sprintf("the version belongs to the connection, and %d connections are too few to tell: %d would do, as with --connection-reuse 1",
			asked, j.split.required)
	}
	message := fmt.Sprintf("nothing contradicts %s, but %d %ss are too few to tell: %d would do", j.weightsText(), asked, j.unit,
		j.split.required*j.requestsPerUnit())
	if j.Watch != nil {
		message += fmt.Sprintf(", which take about %s (--for)", j.Watch.enough(j.split.required, asked))
	}
	return message
}

func (j *judge) requestsPerUnit() int64 {
	if j.unit == unitSession {
		return max(1, int64(j.Sessions))
	}
	return 1
}

// weightsText is the expected split in a few words: single 90%, multiple 10%.
func (j *judge) weightsText() string {
	return sharesOf(j.Expectation.Names(), j.Expectation.Shares())
}

// sharesText is the observed split likewise.
func (j *judge) sharesText() string {
	return sharesOf(j.Expectation.Names(), normalise(float64s(j.tally.counts)))
}

func sharesOf(names []string, shares []float64) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = clip(name) + " " + trim(100*shares[i]) + "%"
	}
	return strings.Join(parts, ", ")
}

func float64s(counts []int64) []float64 {
	values := make([]float64, len(counts))
	for i, n := range counts {
		values[i] = float64(n)
	}
	return values
}

// trim writes a number with at most two decimals and none that is zero.
func trim(v float64) string { return strconv.FormatFloat(math.Round(100*v)/100, 'f', -1, 64) }

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// PText writes a p-value with its relation, as readers expect it: = 0.0013, = 3.0e-10, < 1e-300.
func PText(p float64) string {
	switch {
	case p < 1e-300:
		return "< 1e-300"
	case p < 1e-4:
		return "= " + strconv.FormatFloat(p, 'e', 1, 64)
	default:
		return "= " + strconv.FormatFloat(p, 'g', 2, 64)
	}
}

// clip shortens a name from outside for a sentence.
func clip(name string) string {
	const longest = 60
	runes := []rune(name)
	if len(runes) <= longest {
		return name
	}
	return string(runes[:longest-1]) + "…"
}
