"""Writes report.md and its plots from the raw results."""

from pathlib import Path
from statistics import median

from . import plot
from .goals import CPU, P99, THROUGHPUT, goals
from .numbers import KEYS, failures, is_calm, middle, ratio, ratios, read, results, values
from .scripts import COLUMNS as CALL_COLUMNS

LOAD_SUITES = {
    "v1": ("Version 1, by connections", "connections"),
    "pool32": ("Version 1, the reference with --pool-size 32", "connections"),
    "headers": ("Version 1, 8 connections, by headers", "headers"),
    "open": ("Version 1, 16 connections, open loop", "requests/s"),
    "v2-json": ("Version 2, JSON, by connections × in flight", "connections × in flight"),
    "v2-msgpack": (
        "Version 2, MessagePack, by connections × in flight",
        "connections × in flight",
    ),
    "js": ("A script in JavaScript, version 1, the reference is sentinel-agent-js", "connections"),
    "js-regexp": ("The same with regular expressions", "connections"),
}
PLOTS = {
    "throughput": ("requests per second", THROUGHPUT),
    "p99": ("p99 in µs", P99),
    "cpu": ("CPU per request in µs", CPU),
}
PLOTTED = ("v1", "headers", "v2-json", "v2-msgpack")
NAMES = {"agent": "this agent", "reference": "reference"}


def write(out):
    out = Path(out)
    text = "\n".join([*head(out), *goals_table(out), *loads(out), *others(out)])
    (out / "report.md").write_text(text)
    print(f"written: {out / 'report.md'}")


def head(out):
    lines = [
        "# This agent and the reference, measured",
        "",
        "Written by `bench/compare`; how it measures is in [../README.md](../README.md). Version 1 is",
        "measured against the Rust agent 0.1.0, version 2 against its handler behind the reference's",
        "version-2 server, scripts against `sentinel-agent-js` 0.1.0. Numbers are medians of all",
        "measurements; a ratio is the median of the ratios of measurements that followed each other,",
        "this agent's to the reference's. Absolute numbers are this machine's: the ratios are what",
        "counts. Where at least three pairs of a point were undisturbed, only those count.",
        "",
        "| suite | when | commit | rounds × repeats × s | load before |",
        "| --- | --- | --- | --- | --- |",
    ]
    machines = []
    for suite in (*LOAD_SUITES, "ceiling", "startup", "first", "guest", "script-calls"):
        raw = read(out, suite)
        if raw is None:
            continue
        made, plan = raw["machine"], raw["plan"]
        changed = " and changes" if made["changed"] else ""
        lines.append(
            f"| {suite} | {made['when']} | {made['commit']}{changed} "
            f"| {plan['rounds']} × {plan.get('repeats', 1)} × {plan['seconds']:g} | {made['load_before']:.1f} |"
        )
        line = (
            f"{made['cpu']}, {made['cores']} cores, {made['memory_gib']} GiB, {made['kernel']}; "
            f"JDK {made['jdk']}; {made['agent']}; {made['reference']}; {made['rustc']}; "
            f"pool size {plan['pool_size']}, warm-up {plan['warmup']:g} s at most"
            + (f"; JAVA_OPTS {made['java_opts']}" if made["java_opts"] else "")
        )
        if line not in machines:
            machines.append(line)
    return [*lines, "", *(f"Machine: {machine}." for machine in machines), ""]


def goals_table(out):
    lines = ["## Goals", "", "| goal | wanted | reached | |", "| --- | --- | --- | --- |"]
    for text, wanted, reached, met in goals(out):
        value = "not measured" if reached is None else number(reached)
        mark = {None: "", True: "met", False: "**missed**"}[met]
        lines.append(f"| {text} | {wanted} | {value} | {mark} |")
    lines += ["", "What was tried for those that are missed: [NOTES](../NOTES.md#goals-that-are-missed)."]
    return [*lines, ""]


def loads(out):
    lines = []
    for suite, (title, column) in LOAD_SUITES.items():
        raw = read(out, suite)
        if raw is None:
            continue
        lines += [f"## {title}", ""]
        lines += table(results(out, suite), column)
        lines += [disturbance(raw["results"]), ""]
        if suite in PLOTTED:
            lines += plots(out, suite, title, column, results(out, suite))
    return lines


def disturbance(raw):
    pairs = [is_calm(by_agent, n) for by_agent in raw.values() for n in range(len(by_agent["agent"]))]
    bad = {NAMES[key]: sum(failures(by_agent, key) for by_agent in raw.values()) for key in KEYS}
    count = ", ".join(f"{name} {number}" for name, number in bad.items())
    return (
        f"{sum(pairs)} of {len(pairs)} pairs were undisturbed. "
        f"Not right in all pairs, the disturbed ones included: {count}."
    )


def table(results, column):
    lines = [
        f"| {column} | | requests/s | p50 µs | p99 µs | p99.9 µs | CPU µs/request | RSS MiB | not right |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    metrics = (THROUGHPUT, "latency_us/p50", P99, "latency_us/p99.9", CPU)
    for point, by_agent in results.items():
        for key in KEYS:
            cells = [number(middle(by_agent, key, metric)) for metric in metrics]
            rss = middle(by_agent, key, "agent_rss_kib") / 1024
            label = point if key == "agent" else ""
            cells += [number(rss), str(failures(by_agent, key))]
            lines.append(f"| {label} | {NAMES[key]} | {' | '.join(cells)} |")
        cells = [spread(ratios(by_agent, metric)) for metric in metrics]
        rss = f"{ratio(by_agent, 'agent_rss_kib'):.1f}"
        lines.append(f"| | **ratio** (least–most) | {' | '.join(cells)} | {rss} | |")
    return [*lines, ""]


def plots(out, suite, title, column, results):
    lines = []
    for name, (unit, metric) in PLOTS.items():
        series = {
            NAMES[key]: [
                (middle(by_agent, key, metric), min(all_), max(all_))
                for by_agent in results.values()
                for all_ in [values(by_agent, key, metric)]
            ]
            for key in KEYS
        }
        file = f"{suite}-{name}.svg"
        (out / file).write_text(plot.bars(f"{title}: {unit}", column, list(results), series))
        lines.append(f"![{title}: {unit}]({file})")
    return [*lines, ""]


def others(out):
    lines = []
    if raw := read(out, "startup"):
        lines += ["## Start", "", "From the start of the process, in ms.", ""]
        lines += [
            "| | | socket answers | first right answer | ratio |",
            "| --- | --- | --- | --- | --- |",
        ]
        for state, by_agent in raw["results"].items():
            for key in KEYS:
                ready, answered = (middle(by_agent, key, m) for m in ("ready_ms", "answered_ms"))
                quotient = f"{ratio(by_agent, 'answered_ms'):.1f}" if key == "agent" else ""
                lines.append(
                    f"| {state} | {NAMES[key]} | {number(ready)} | {number(answered)} | {quotient} |"
                )
        lines.append("")
    if raw := read(out, "first"):
        lines += ["## The first 1,000 requests", "", "Of a fresh process, in µs.", ""]
        lines += [
            "| connections | | very first | p50 | p99 | most | steady p99 | first p99 to steady |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
        for point, by_agent in raw["results"].items():
            for key in KEYS:
                metrics = ("very_first", "p50", "p99", "max")
                cells = [middle(by_agent, key, f"first/{metric}") for metric in metrics]
                cells.append(middle(by_agent, key, P99))
                cells.append(cells[2] / cells[4])
                lines.append(f"| {point} | {NAMES[key]} | {' | '.join(map(number, cells))} |")
        lines.append("")
    if raw := read(out, "guest"):
        lines += ["## One guest call, one thread, 10 headers", ""]
        by_agent = raw["results"]
        metric = "event_to_answer_us"
        lines += [
            "From the event to the answer: writing the module's JSON, the call, reading its result;",
            "the generator's sixteen requests in turn.",
            "",
            f"Chicory {middle(by_agent, 'agent', metric):.2f} µs, wasmtime "
            f"{middle(by_agent, 'reference', metric):.2f} µs (of it in the module "
            f"{middle(by_agent, 'reference', 'module_alone_us'):.2f} µs): "
            f"ratio {spread(ratios(by_agent, metric))}.",
            "",
        ]
    if raw := read(out, "script-calls"):
        lines += ["## One call of a script, one thread, 10 headers", ""]
        lines += ["The small policy of `examples`, by `decide`, in µs.", ""]
        lines += ["| | p50 | p90 | p99 | first call |", "| --- | --- | --- | --- | --- |"]
        for language, rounds in raw["results"].items():
            cells = [median(found[column] for found in rounds) for column in CALL_COLUMNS]
            lines.append(f"| {language} | {' | '.join(map(number, cells))} |")
        lines.append("")
    if raw := read(out, "ceiling"):
        lines += ["## The generator's limit", "", "Against a responder that does nothing.", ""]
        lines += [
            "| load | requests/s | the generator's CPU µs/request | its share of a core |",
            "| --- | --- | --- | --- |",
        ]
        for point, result in raw["results"].items():
            cells = (result["per_second"], result["own_cpu_us"], result["own_cpu_share"])
            lines.append(f"| {point} | {' | '.join(map(number, cells))} |")
        lines.append("")
    return lines


def spread(ratios):
    return f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
