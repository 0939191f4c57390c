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


class Problem(Exception):
    """Something the user has to mend; the message says what."""


@dataclass
class Tools:
    loadgen: Path
    agent: Path
    reference: Path
    reference_v2: Path


def everything(suites):
    tools = Tools(
        loadgen=cargo_build("loadgen"),
        agent=ROOT / "bin/sentinel-wasm-agent",
        reference=rust_agent(),
        reference_v2=cargo_build("reference-v2") if needs_v2(suites) else Path(),
    )
    # The launcher builds where the jar is older than its sources; --version is over at once.
    run([tools.agent, "--version"])
    if "guest" in suites:
        jmh_jar()
    return tools


def needs_v2(suites):
    return any(suite == "guest" or suite.startswith("v2") for suite in suites)


def rust_agent():
    """Installed by cargo, unless RUST_AGENT names one that is there already."""
    given = os.environ.get("RUST_AGENT")
    if given:
        if not os.access(given, os.X_OK):
            raise Problem(f"RUST_AGENT={given} is no program")
        return Path(given)
    binary = CACHE / "rust/bin/sentinel-wasm-agent"
    if not binary.exists():
        need("protoc", "the Rust agent's build (Debian: protobuf-compiler)")
        print(f"installing the Rust agent {REFERENCE_VERSION} (some minutes) …", flush=True)
        run(
            ["cargo", "install", "sentinel-agent-wasm", "--version", REFERENCE_VERSION]
            + ["--locked", "--root", CACHE / "rust"]
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
