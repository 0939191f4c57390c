"""The goals, and what came of them."""

from statistics import median

from .numbers import middle, ratio, read, results

THROUGHPUT = "per_second"
P99 = "latency_us/p99"
CPU = "agent_cpu_us"


def goals(out):
    """Rows of (goal, wanted, reached, met); reached is None where nothing was measured."""
    v1, v2 = results(out, "v1"), results(out, "v2-json")
    rows = []

    def at_least(text, bound, value):
        rows.append((text, f"≥ {bound}", value, None if value is None else value >= bound))

    def at_most(text, bound, value, unit=""):
        rows.append((text, f"≤ {bound}{unit}", value, None if value is None else value <= bound))

    def of(suite, point, metric):
        return ratio(suite[point], metric) if suite and point in suite else None

    at_least("v1: throughput, 1 connection", 1.3, of(v1, "1", THROUGHPUT))
    for point in ("4", "8"):
        at_least(f"v1: throughput, {point} connections", 1.8, of(v1, point, THROUGHPUT))
    at_least("v1: throughput, 16 connections", 4, of(v1, "16", THROUGHPUT))
    at_least("v1: throughput, 32 connections", 6, of(v1, "32", THROUGHPUT))
    at_least(
        "v1: throughput, 32 connections, reference with --pool-size 32",
        1.4,
        of(results(out, "pool32"), "32", THROUGHPUT),
    )
    for point in ("4", "8", "16"):
        at_most(f"v1: p99, {point} connections", 0.8, of(v1, point, P99))
    at_most("v1: CPU per request, 8 connections", 0.65, of(v1, "8", CPU))
    at_least("v2: throughput, 1 × 1", 0.8, of(v2, "1 × 1", THROUGHPUT))
    at_least("v2: throughput, 1 × 16", 1.4, of(v2, "1 × 16", THROUGHPUT))
    at_least("v2: throughput, 1 × 64", 1.8, of(v2, "1 × 64", THROUGHPUT))
    at_least("v2: throughput, 4 × 16", 1.8, of(v2, "4 × 16", THROUGHPUT))
    at_most("v2: CPU per request, 1 × 16", 1.0, of(v2, "1 × 16", CPU))
    guest = (read(out, "guest") or {}).get("results")
    at_most("guest call to wasmtime's", 1.3, ratio(guest, "event_to_answer_us") if guest else None)
    first = results(out, "first")
    for point in first or {}:
        text = f"p99 of the first 1,000 requests to the steady p99, {point} connection(s)"
        at_most(text, 5, own_first(first[point]))
    startup = results(out, "startup")
    for state, bound in (("warm", 700), ("cold", 2000)):
        value = middle(startup[state], "agent", "answered_ms") if startup else None
        at_most(f"start to first right answer, {state}", bound, value, " ms")
    rss = middle(v1["8"], "agent", "agent_rss_kib") / 1024 if v1 else None
    at_most("RSS at 8 connections", 128, rss, " MiB")
    at_most("CPU from 10 to 100 headers, growth to the reference's", 1.0, growth(out))
    js = results(out, "js")
    at_least("JavaScript: throughput, 1 connection", 4, of(js, "1", THROUGHPUT))
    at_least("JavaScript: throughput, 8 connections", 8, of(js, "8", THROUGHPUT))
    calls = (read(out, "script-calls") or {}).get("results", {})
    for language, bound in (("JavaScript", 45), ("Lua", 12)):
        rounds = [found["p50_us"] for found in calls.get(language, [])]
        value = median(rounds) if rounds else None
        at_most(f"{language}: one call in one thread", bound, value, " µs")
    return rows


def own_first(by_agent):
    """Within the agent alone: both numbers are of the same process."""
    return middle(by_agent, "agent", "first/p99") / middle(by_agent, "agent", P99)


def growth(out):
    """How many times the cost of 10 headers 100 take, as CPU per request, to the reference's."""
    headers = results(out, "headers")
    if not headers:
        return None
    ours, theirs = (
        middle(headers["100"], key, CPU) / middle(headers["10"], key, CPU)
        for key in ("agent", "reference")
    )
    return ours / theirs
