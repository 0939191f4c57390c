"""What the numbers were measured on, and with."""

import datetime
import os
import platform
import re
import subprocess

from . import build


def describe(tools, suite):
    crate = "sentinel-agent-js" if suite in build.SCRIPT_SUITES else "sentinel-agent-wasm"
    return {
        "when": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": os.cpu_count(),
        "cpu": first(r"model name\s*:\s*(.+)", read("/proc/cpuinfo")),
        "memory_gib": round(int(first(r"MemTotal:\s*(\d+)", read("/proc/meminfo"))) / 2**20, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "load_before": os.getloadavg()[0],
        "jdk": jdk(),
        "rustc": output(["rustc", "--version"]),
        "commit": output(["git", "-C", build.ROOT, "rev-parse", "--short=10", "HEAD"]),
        "changed": bool(output(["git", "-C", build.ROOT, "status", "--porcelain", "--", "src", "bin"])),
        "agent": output([tools.agent, "--version"]),
        "reference": f"{crate} {build.REFERENCE_VERSION}",
        "java_opts": os.environ.get("JAVA_OPTS", ""),
    }


def java_home():
    script = f'. "{build.ROOT}/bin/find-jdk" && printf %s "$JAVA_HOME"'
    return output(["sh", "-c", f'home="{build.ROOT}"; {script}'])


def jdk():
    return first(r'IMPLEMENTOR_VERSION="(.+)"', read(java_home() + "/release"))


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def first(pattern, text):
    match = re.search(pattern, text)
    return match.group(1).strip() if match else "0"


def output(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    return (done.stdout or done.stderr).strip()
