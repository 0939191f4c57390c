"""async-profiler, attached to a running agent."""

import os
import subprocess
import zipfile
from contextlib import contextmanager
from pathlib import Path
from platform import machine

from . import build
from .machine import java_home

VERSION = "4.6"


def library():
    """ASYNC_PROFILER names the library; without it Maven fetches it."""
    given = os.environ.get("ASYNC_PROFILER")
    if given:
        return Path(given)
    found = build.CACHE / f"async-profiler-{VERSION}/libasyncProfiler.so"
    if not found.exists():
        artifact = f"tools.profiler:async-profiler:{VERSION}"
        build.run(
            [build.ROOT / "mvnw", "-q", "-B", "-ntp", "dependency:copy"]
            + [f"-Dartifact={artifact}", f"-DoutputDirectory={build.CACHE}"]
        )
        found.parent.mkdir(parents=True, exist_ok=True)
        platform = {"x86_64": "linux-x64", "aarch64": "linux-arm64"}[machine()]
        with zipfile.ZipFile(build.CACHE / f"async-profiler-{VERSION}.jar") as jar:
            found.write_bytes(jar.read(f"{platform}/libasyncProfiler.so"))
    return found


@contextmanager
def recording(pid, event, stacks):
    """Writes collapsed stacks, with the thread's name at the root of each, when it is left."""
    agent = library()
    command(pid, agent, f"start,event={event},interval=500us,threads,cstack=vm")
    try:
        yield
    finally:
        command(pid, agent, f"stop,collapsed,threads,file={stacks}")


def command(pid, agent, arguments):
    quoted = f'"{arguments}"'  # jcmd would split them at "="
    jcmd = Path(java_home()) / "bin/jcmd"
    done = subprocess.run(
        [str(jcmd), str(pid), "JVMTI.agent_load", str(agent), quoted],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or "return code: 0" not in done.stdout:
        raise build.Problem(f"async-profiler: {done.stdout}{done.stderr}")
