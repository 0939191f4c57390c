"""Warm means: the JVM's compilers have little left to do."""

import os
from pathlib import Path

from .agents import load

CHUNK_SECONDS = 2
# Of one core; two chunks in a row below it are enough.
COMPILERS_MOST = 0.08
CALM_CHUNKS = 2


def warm_up(tools, agent, most_seconds, **flags):
    """Puts load on an agent until it is warm, for `most_seconds` at most. A native agent has no
    compilers, and is warm after the first two chunks."""
    calm = 0
    seconds = 0
    while calm < CALM_CHUNKS and seconds < most_seconds:
        before = compiler_seconds(agent.process.pid)
        load(tools, agent, warmup=0, seconds=CHUNK_SECONDS, **flags)
        spent = compiler_seconds(agent.process.pid) - before
        calm = calm + 1 if spent < COMPILERS_MOST * CHUNK_SECONDS else 0
        seconds += CHUNK_SECONDS
    return seconds


def compiler_seconds(pid):
    """CPU time of the JIT compilers' threads."""
    ticks = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            stat = (task / "stat").read_text()
        except OSError:
            continue  # it has ended
        name = stat[stat.index("(") + 1 : stat.rindex(")")]
        if name.startswith(("C1 Compiler", "C2 Compiler")):
            fields = stat[stat.rindex(")") + 2 :].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
