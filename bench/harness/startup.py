"""From the start of the process to the first right answers."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from . import agents, build, machine
from .agents import load
from .warmup import warm_up

# Connections while the first requests are measured: one, and as many as there are slots.
FIRST_AT = [1, 4]
FIRST = 1000


def startup(tools, plan, directory):
    """Warm: it ran a moment ago. Cold: what it reads from files is not in the page cache, and what
    it keeps between runs is gone."""
    pair = (agents.ours(tools, directory, plan.pool_size),
            agents.reference(tools, directory, plan.pool_size))
    results = {state: {"agent": [], "reference": []} for state in ("warm", "cold")}
    for number in range(plan.rounds):
        for state, by_agent in results.items():
            for agent in pair:
                if state == "cold":
                    forget(tools, directory)
                else:
                    start(tools, agent)  # a moment ago: the cold one's files were forgotten, too
                by_agent[agent.key].append(start(tools, agent))
            line = ", ".join(f"{k} {v[-1]['answered_ms']:.0f} ms" for k, v in by_agent.items())
            print(f"  {number + 1} {state}: {line}", flush=True)
    return results


def start(tools, agent):
    command = [str(tools.loadgen), "start", "--socket", agent.socket, "--", *agent.command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise build.Problem(f"{agent.key} did not start: {done.stderr}")
    return json.loads(done.stdout)


def forget(tools, directory):
    """Takes files out of the page cache; those that other processes have mapped stay there. The
    agent has to compile its module again."""
    shutil.rmtree(agents.module_cache(directory), ignore_errors=True)
    jdk = Path(machine.java_home())
    os.sync()
    for path in [
        *files(build.ROOT / "target/quarkus-app"),
        *files(jdk / "lib"),
        *files(jdk / "bin"),
        build.MODULE,
        tools.reference,
    ]:
        with open(path, "rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def files(directory):
    return [path for path in directory.rglob("*") if path.is_file()]


def first(tools, plan, directory):
    """The first 1,000 requests after the socket answers, and the same load when all is warm."""
    results = {}
    for connections in FIRST_AT:
        by_agent = {"agent": [], "reference": []}
        for number in range(plan.rounds):
            for make in (agents.ours, agents.reference):
                with make(tools, directory, plan.pool_size) as agent:
                    early = load(
                        tools, agent, connections=connections, first=FIRST, warmup=0, seconds=3
                    )
                    warm_up(tools, agent, plan.warmup, connections=connections)
                    steady = load(tools, agent, connections=connections, seconds=plan.seconds)
                    by_agent[agent.key].append(steady | {"first": early["first"]})
            line = ", ".join(
                f"{k} p99 {v[-1]['first']['p99']:.0f} us, then {v[-1]['latency_us']['p99']:.0f} us"
                for k, v in by_agent.items()
            )
            print(f"  {number + 1} {connections:>3}: {line}", flush=True)
        results[f"{connections}"] = by_agent
    return results
