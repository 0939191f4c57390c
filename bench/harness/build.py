"""Makes what is compared, and what compares."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
CACHE = BENCH / ".cache"
MODULE = ROOT / "examples/rust-policy/policy.wasm"
REFERENCE_VERSION = "0.1.0"
# Compared with the Rust agent's sibling, or with nothing.
SCRIPT_SUITES = ("js", "js-regexp", "script-calls")
SCRIPTS = BENCH / "scripts"


class Problem(Exception):
    """Something the user has to mend; the message says what."""


@dataclass
class Tools:
    loadgen: Path
    agent: Path
    reference: Path
    reference_v2: Path
    js_agent: Path


def everything(suites):
    tools = Tools(
        loadgen=cargo_build("loadgen"),
        agent=ROOT / "bin/sentinel-wasm-agent",
        reference=rust_agent() if set(suites) - set(SCRIPT_SUITES) else Path(),
        reference_v2=cargo_build("reference-v2") if needs_v2(suites) else Path(),
        js_agent=js_agent() if {"js", "js-regexp"} & set(suites) else Path(),
    )
    # The launcher builds where the jar is older than its sources; --version is over at once.
    run([tools.agent, "--version"])
    if "guest" in suites:
        jmh_jar()
    return tools


def needs_v2(suites):
    return any(suite == "guest" or suite.startswith("v2") for suite in suites)


def rust_agent():
    return installed("sentinel-agent-wasm", "sentinel-wasm-agent", "rust", "RUST_AGENT")


def js_agent():
    return installed("sentinel-agent-js", "sentinel-js-agent", "js", "JS_AGENT")


def installed(crate, program, directory, variable):
    """Installed by cargo, unless a variable names one that is there already."""
    given = os.environ.get(variable)
    if given:
        if not os.access(given, os.X_OK):
            raise Problem(f"{variable}={given} is no program")
        return Path(given)
    binary = CACHE / directory / "bin" / program
    if not binary.exists():
        need("cargo", f"the installation of {crate}")
        need("protoc", f"the build of {crate} (Debian: protobuf-compiler)")
        print(f"installing {crate} {REFERENCE_VERSION} (some minutes) …", flush=True)
        run(
            ["cargo", "install", crate, "--version", REFERENCE_VERSION]
            + ["--locked", "--root", CACHE / directory]
        )
    return binary


def cargo_build(crate):
    need("cargo", "the load generator and the reference")
    if crate == "reference-v2":
        need("protoc", "the reference's protocol crate (Debian: protobuf-compiler)")
    target = Path(os.environ.get("CARGO_TARGET_DIR") or CACHE / "target")
    manifest = BENCH / crate / "Cargo.toml"
    print(f"building {crate} …", flush=True)
    run(
        ["cargo", "build", "--release", "--locked", "--quiet", "--manifest-path", manifest],
        CARGO_TARGET_DIR=str(target),
    )
    return target / "release" / crate


def jmh_jar():
    print("building the JMH benchmarks …", flush=True)
    run([BENCH / "jmh/run", "--build-only"])


def need(program, what_for):
    if not shutil.which(program):
        raise Problem(f"{program} is needed for {what_for}, and not on the path")


def run(command, **environment):
    try:
        subprocess.run(
            [str(word) for word in command],
            check=True,
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
        )
    except subprocess.CalledProcessError as e:
        raise Problem(f"{' '.join(map(str, command))} ended with {e.returncode}") from e
