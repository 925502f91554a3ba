"""Writes scipy.json: reference values for the tests of package stats.

    pip install scipy==1.17.1 && python3 reference.py > scipy.json
"""
import itertools
import json

import numpy as np
import scipy
from scipy.special import gammaln
from scipy.stats import binom, binomtest, chisquare

TIE = 1e-7  # the slack with which binomtest and package stats compare ln pmf


def outcomes(n, k):
    """All ways to give n answers to k versions, one a row."""
    bars = np.array(list(itertools.combinations(range(n + k - 1), k - 1)))
    edges = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), n + k - 1)])
    return np.diff(edges, axis=1) - 1


def multinomial(counts, weights):
    """The exact test by full enumeration of the outcomes."""
    pi = np.array(weights) / sum(weights)
    n = sum(counts)

    def logpmf(x):
        return gammaln(n + 1) - gammaln(x + 1).sum(-1) + (x * np.log(pi)).sum(-1)

    every = logpmf(outcomes(n, len(counts)))
    return float(np.exp(np.sort(every[every <= logpmf(np.array(counts)) + TIE])).sum())


def power(n, p, q, alpha):
    """How often the exact binomial test of p rejects when q is true."""
    rejected = [x for x in range(n + 1) if binomtest(x, n, p).pvalue <= alpha]
    return float(binom.pmf(rejected, n, q).sum())


BINOMIAL = [
    (97, 1000, .1), (20, 1000, .01), (0, 458, .01), (0, 459, .01), (5, 10, .1), (137, 1000, .1),
    (18, 1000, .01), (503, 1000, .9), (0, 1, .1), (1, 1, .1), (0, 20, .5), (10, 20, .5), (11, 20, .5),
    (7, 100, .01), (1, 100, .5), (33, 100, 1 / 3), (470, 1000, .5), (5, 10000, .001), (25, 10000, .001),
    (49500, 100000, .5), (10300, 100000, .1), (2, 3, .999), (0, 3000, .001), (12, 3000, .001),
]
MULTINOMIAL = [
    ((3, 9, 8), (1, 3, 6)), ((0, 5, 15), (1, 3, 6)), ((10, 10, 0), (8, 1, 1)), ((197, 3, 0), (98, 1, 1)),
    ((80, 320, 600), (1, 3, 6)), ((15, 3, 1, 1), (7, 1, 1, 1)), ((10, 4, 3, 2, 1), (1, 1, 1, 1, 1)),
    ((4, 4, 4, 4, 4), (1, 1, 1, 1, 1)), ((12, 30, 58), (10, 30, 60)), ((20, 40, 40), (10, 30, 60)),
    ((0, 33, 67), (10, 30, 60)), ((95, 5, 0), (90, 5, 5)), ((40, 30, 20, 10), (4, 3, 2, 1)),
    ((25, 30, 30, 15), (4, 3, 2, 1)), ((7, 1, 1, 1, 0, 0), (5, 1, 1, 1, 1, 1)), ((1, 0, 0), (1, 1, 98)),
    ((120, 90, 90), (1, 1, 1)), ((6, 6, 6, 6, 1), (1, 1, 1, 1, 1)), ((2, 2, 2, 2, 2, 2), (1, 2, 3, 4, 5, 6)),
]
CHI_SQUARE = [
    ((503, 497), (900, 100)), ((903, 97), (900, 100)), ((80, 320, 600), (100, 300, 600)),
    ((210, 190, 220, 180, 200), (200, 200, 200, 200, 200)), ((0, 100), (10, 90)), ((1, 1), (1, 1)),
    ((940, 20, 15, 25), (910, 30, 30, 30)), ((5100, 2400, 2500), (5000, 2500, 2500)),
    ((60, 40, 55, 45, 70, 30, 50, 50, 65, 35), (50,) * 10), ((400, 300, 300), (900, 50, 50)),
]
CLOPPER_PEARSON = [
    (97, 1000, .01), (0, 1000, .01), (1000, 1000, .01), (10, 1000, .01), (3, 20, .01 / 3), (1, 1, .01),
    (0, 1, .01), (100300, 1000000, .01), (5, 10, .05), (1, 100, .001), (499, 1000, .001), (990, 1000, .01),
    (2, 3, .01 / 3), (17, 50, .05 / 5), (1, 10000, .01), (9999, 10000, .01 / 64),
]
POWER = [
    (100, .1, .2, .01), (373, .5, .6, .01), (177, .1, .2, .01), (379, .05, .1, .01), (379, .05, 0, .01),
    (1968, .01, .02, .01), (1000, .1, .14, .01), (243, .1, 0, .001), (50, .1, 0, .01), (49, .1, 0, .01),
]

json.dump({
    "scipy": scipy.__version__,
    "binomtest": [{"x": x, "n": n, "p": p, "want": float(binomtest(x, n, p).pvalue)} for x, n, p in BINOMIAL],
    "multinomial": [{"counts": c, "weights": w, "want": multinomial(c, w)} for c, w in MULTINOMIAL],
    "chisquare": [
        {"counts": c, "expected": e, "statistic": float(r.statistic), "want": float(r.pvalue)}
        for c, e in CHI_SQUARE
        for r in [chisquare(c, e)]
    ],
    "clopperPearson": [
        {"x": x, "n": n, "alpha": a, "low": float(i.low), "high": float(i.high)}
        for x, n, a in CLOPPER_PEARSON
        for i in [binomtest(x, n).proportion_ci(1 - a, "exact")]
    ],
    "power": [{"n": n, "from": p, "to": q, "alpha": a, "want": power(n, p, q, a)} for n, p, q, a in POWER],
}, fp=open(1, "w"), indent=1)
