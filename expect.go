package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"respy/diagnose"
)

// parseExpect reads NAME=WEIGHT,…: weights are relative, at least one is positive, and no name comes twice.
func parseExpect(s string) ([]diagnose.Share, error) {
	var shares []diagnose.Share
	seen := map[string]bool{}
	total := 0.0
	for part := range strings.SplitSeq(s, ",") {
		sh, err := parseShare(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if seen[sh.Name] {
			return nil, usagef("--expect names %q twice: give each version one weight", sh.Name)
		}
		seen[sh.Name] = true
		total += sh.Weight
		shares = append(shares, sh)
	}
	if total == 0 {
		return nil, usagef("--expect %q has no positive weight: at least one version must be expected", s)
	}
	return shares, nil
}

// parseNameless reads what parseExpect does, or weights alone, as in 90,10: these are of v1, v2 and so on.
func parseNameless(s string) ([]diagnose.Share, error) {
	if strings.Contains(s, "=") {
		return parseExpect(s)
	}
	var named []string
	for weight := range strings.SplitSeq(s, ",") {
		named = append(named, fmt.Sprintf("v%d=%s", len(named)+1, strings.TrimSpace(weight)))
	}
	return parseExpect(strings.Join(named, ","))
}

// Weights out of these limits are mistakes, and their sum or their shares may be no numbers.
const (
	leastWeight = 1e-9
	mostWeight  = 1e12
)

func parseShare(part string) (diagnose.Share, error) {
	i := strings.LastIndexByte(part, '=')
	if i <= 0 {
		return diagnose.Share{}, usagef("--expect %q is not NAME=WEIGHT: write for example --expect v1=90,v2=10", part)
	}
	name, text := part[:i], part[i+1:]
	weight, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(weight) || math.IsInf(weight, 0) {
		return diagnose.Share{}, usagef("--expect: the weight %q of %q is not a number", text, name)
	}
	if weight < 0 {
		return diagnose.Share{}, usagef("--expect: the weight %s of %q is negative; a version that must not answer has weight 0", text, name)
	}
	if weight > 0 && (weight < leastWeight || weight > mostWeight) {
		return diagnose.Share{}, usagef("--expect: the weight %s of %q is out of range: give one from %g to %g, or 0", text, name, leastWeight, mostWeight)
	}
	return diagnose.Share{Name: name, Weight: weight}, nil
}
