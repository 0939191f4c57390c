"""One call in one thread: Guest.call on Chicory under JMH, the same work on wasmtime, with the
generator's sixteen requests in turn."""

import json
import subprocess
from pathlib import Path

from . import build

EVENTS = "requests-10"


def guest(tools, plan, directory):
    results = {"agent": [], "reference": []}
    for number in range(plan.rounds):
        results["agent"].append(jmh(Path(directory) / "jmh.json"))
        results["reference"].append(wasmtime(tools))
        print(f"  {number + 1} {results['agent'][-1]} {results['reference'][-1]}", flush=True)
    return results


def jmh(result):
    """Microseconds per call: a fresh JVM with the launcher's flags."""
    command = [build.BENCH / "jmh/run", "GuestCall", "-p", f"events={EVENTS}", "-f", "1", "-i", "3"]
    build.run([*command, "-rf", "json", "-rff", result, "-v", "SILENT"])
    (benchmark,) = json.loads(result.read_text())
    return {"event_to_answer_us": benchmark["primaryMetric"]["score"]}


def wasmtime(tools):
    events = build.BENCH / f"events/{EVENTS}.json"
    command = [tools.reference_v2, "calls", build.MODULE, events, "1", "2"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise build.Problem(f"the calls on wasmtime failed: {done.stderr}")
    measured = json.loads(done.stdout)
    return {
        "event_to_answer_us": measured["event_to_answer_ns"][0] / 1000,
        "module_alone_us": measured["module_alone_ns"][0] / 1000,
    }
