"""From the rounds' results to one number each: medians, and ratios within a round."""

import json
from pathlib import Path
from statistics import median

KEYS = ("agent", "reference")

# What other processes may take, in cores, for a measurement to count as undisturbed.
OTHERS_MOST = 0.1
# With fewer undisturbed pairs than this all pairs are taken.
PAIRS_LEAST = 3


def read(out, suite):
    """A suite's raw results, or None if it was not run."""
    file = Path(out) / "raw" / f"{suite}.json"
    return json.loads(file.read_text()) if file.exists() else None


def results(out, suite):
    """A suite's results by point, disturbed pairs left out; None if it was not run."""
    raw = read(out, suite)
    if raw is None:
        return None
    return {point: undisturbed(by_agent) for point, by_agent in raw["results"].items()}


def is_calm(by_agent, number):
    """Whether nothing else took the CPU while a pair was measured."""
    return all(by_agent[key][number].get("others_cpu_share", 1) <= OTHERS_MOST for key in KEYS)


def undisturbed(by_agent):
    """The pairs that count."""
    calm = [n for n in range(len(by_agent["agent"])) if is_calm(by_agent, n)]
    if len(calm) < PAIRS_LEAST:
        return by_agent
    return {key: [by_agent[key][n] for n in calm] for key in KEYS}


def pick(result, metric):
    """`metric` is a path, as in "latency_us/p99"."""
    for name in metric.split("/"):
        result = result[name]
    return result


def values(by_agent, key, metric):
    return [pick(result, metric) for result in by_agent[key]]


def middle(by_agent, key, metric):
    return median(values(by_agent, key, metric))


def ratio(by_agent, metric):
    """The agent's to the reference's: the median over pairs of measurements that followed each
    other, so that what the machine did meanwhile is in both."""
    return median(ratios(by_agent, metric))


def ratios(by_agent, metric):
    pairs = zip(*(values(by_agent, key, metric) for key in KEYS))
    return [ours / theirs for ours, theirs in pairs if theirs]


def failures(by_agent, key):
    names = ("wrong", "strays", "closed")
    return sum(result.get(name, 0) for result in by_agent[key] for name in names)
