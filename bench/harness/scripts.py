"""One call of a script in one thread, as `decide --repeat` measures it."""

import json
import subprocess

from . import build

POLICIES = {
    "JavaScript": build.ROOT / "examples/javascript/policy.js",
    "Lua": build.ROOT / "examples/lua/policy.lua",
}
EVENT = build.BENCH / "events/request-10.json"
CALLS = 20_000
COLUMNS = ("p50_us", "p90_us", "p99_us", "first_call_us")


def calls(tools, plan, directory):
    results = {language: [] for language in POLICIES}
    for number in range(plan.rounds):
        for language, policy in POLICIES.items():
            results[language].append(decide(tools, policy))
        line = ", ".join(f"{name} {rounds[-1]['p50_us']:.1f} us" for name, rounds in results.items())
        print(f"  {number + 1} {line}", flush=True)
    return results


def decide(tools, policy):
    """On the generator's first request, after 30,000 calls to warm up."""
    event = json.loads(EVENT.read_text())
    command = [tools.agent, "decide", policy, "--json", "--repeat", CALLS]
    command += ["--method", event["method"], "--uri", event["uri"]]
    for name, values in event["headers"].items():
        command += [word for value in values for word in ("-H", f"{name}: {value}")]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise build.Problem(f"{policy} decided nothing: {done.stdout}{done.stderr}")
    measured = json.loads(done.stdout)
    return {column: measured[column] for column in COLUMNS}
