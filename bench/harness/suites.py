"""What is measured: each suite is a list of points, measured in alternating rounds."""

import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from . import agents, build, guest, machine, scripts, startup
from .agents import load
from .numbers import KEYS, failures, is_calm, middle
from .warmup import warm_up

CONNECTIONS = [1, 2, 4, 8, 16, 32]
HEADERS = [10, 30, 100]
SHAPES = [(1, 1), (1, 4), (1, 16), (1, 64), (4, 16)]
RATES = [2000, 10000]
JS_CONNECTIONS = [1, 8]
# As many times the repeats, where something else keeps taking the CPU.
MOST_TRIES = 3


@dataclass
class Plan:
    rounds: int
    repeats: int
    seconds: float
    warmup: float
    pool_size: int


def run(name, tools, plan, out):
    """Measures one suite and writes its raw results."""
    print(f"{name}:", flush=True)
    description = machine.describe(tools, name)
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        results = SUITES[name](tools, plan, directory)
    raw = Path(out) / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": description, "plan": asdict(plan), "results": results}, indent=1)
    (raw / f"{name}.json").write_text(text + "\n")


def alternate(tools, plan, pair, points, warm):
    """Every round has fresh, warmed-up processes; each point is then given to both in short turns,
    A B A B …, so that a pair sees the machine in the same state."""
    results = {point: {"agent": [], "reference": []} for point in points}
    for number in range(plan.rounds):
        with pair[0] as first, pair[1] as second:
            warmed = {a.key: warm_up(tools, a, plan.warmup, **warm) for a in (first, second)}
            for point, flags in points.items():
                calm = 0
                for _ in range(MOST_TRIES * plan.repeats):
                    for agent in (first, second):
                        result = load(tools, agent, warmup=0.3, seconds=plan.seconds, **flags)
                        results[point][agent.key].append(result)
                    calm += is_calm(results[point], -1)
                    if calm == plan.repeats:
                        break
            tell(number, plan.repeats, results, warmed)
    return results


def tell(number, repeats, results, warmed):
    print(f"  {number + 1} warm after {warmed['agent']} s", flush=True)
    for point, by_agent in results.items():
        lately = {key: by_agent[key][-repeats:] for key in KEYS}
        text = "   ".join(
            f"{middle(lately, key, 'per_second'):7.0f}/s "
            f"p99 {middle(lately, key, 'latency_us/p99'):6.0f} us "
            f"cpu {middle(lately, key, 'agent_cpu_us'):5.1f}"
            for key in KEYS
        )
        bad = sum(failures(lately, key) for key in KEYS)
        print(f"    {point:>8}  {text}" + (f"  NOT RIGHT {bad}" if bad else ""), flush=True)


def v1(tools, plan, directory):
    points = {f"{c}": {"connections": c} for c in CONNECTIONS}
    return alternate(tools, plan, version_1(tools, plan, directory), points, {"connections": 8})


def headers(tools, plan, directory):
    points = {f"{h}": {"connections": 8, "headers": h} for h in HEADERS}
    warm = {"connections": 8, "headers": 30}
    return alternate(tools, plan, version_1(tools, plan, directory), points, warm)


def open_loop(tools, plan, directory):
    points = {f"{r}": {"connections": 16, "rate": r} for r in RATES}
    return alternate(tools, plan, version_1(tools, plan, directory), points, {"connections": 8})


def pool32(tools, plan, directory):
    pair = (agents.ours(tools, directory, plan.pool_size), agents.reference(tools, directory, 32))
    return alternate(tools, plan, pair, {"32": {"connections": 32}}, {"connections": 32})


def v2(speech):
    def suite(tools, plan, directory):
        pair = (
            agents.ours(tools, directory, plan.pool_size),
            agents.reference_v2(tools, directory, plan.pool_size),
        )
        points = {
            f"{c} × {n}": {"speech": speech, "connections": c, "in_flight": n} for c, n in SHAPES
        }
        return alternate(tools, plan, pair, points, {"speech": speech, "in_flight": 16})

    return suite


def js(name):
    def suite(tools, plan, directory):
        script = build.SCRIPTS / name
        pair = (
            agents.ours(tools, directory, plan.pool_size, script),
            agents.js_agent(tools, directory, script),
        )
        points = {f"{c}": {"connections": c} for c in JS_CONNECTIONS}
        return alternate(tools, plan, pair, points, {"connections": 8})

    return suite


def version_1(tools, plan, directory):
    return (
        agents.ours(tools, directory, plan.pool_size),
        agents.reference(tools, directory, plan.pool_size),
    )


def ceiling(tools, plan, directory):
    """The generator against a responder that does nothing."""
    results = {}
    points = [("v1", c, 1) for c in (1, 8, 32)] + [("v2-json", c, n) for c, n in SHAPES]
    for speech in ("v1", "v2-json"):
        path = f"{directory}/null-{speech}.sock"
        command = [tools.loadgen, "null", "--socket", path, "--speech", speech]
        with agents.Agent("null", command, path) as null:
            for of, connections, in_flight in points:
                if of == speech:
                    flags = {"speech": speech, "connections": connections, "in_flight": in_flight}
                    point = f"{speech} {connections} × {in_flight}"
                    results[point] = load(tools, null, warmup=0.3, seconds=plan.seconds, **flags)
    return results


SUITES = {
    "ceiling": ceiling,
    "v1": v1,
    "pool32": pool32,
    "headers": headers,
    "open": open_loop,
    "v2-json": v2("v2-json"),
    "v2-msgpack": v2("v2-msgpack"),
    "startup": startup.startup,
    "first": startup.first,
    "guest": guest.guest,
    "js": js("policy.js"),
    "js-regexp": js("regexp.js"),
    "script-calls": scripts.calls,
}
