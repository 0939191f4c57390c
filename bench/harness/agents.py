"""The agents that are compared, as processes."""

import json
import os
import socket
import subprocess
import time

from . import build

START_SECONDS = 60


class Agent:
    """One process. `key` names it in the results, `label` in the report."""

    def __init__(self, key, command, socket_path):
        self.key = key
        self.command = [str(word) for word in command]
        self.socket = socket_path
        self.process = None

    def __enter__(self):
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self.log = open(self.socket + ".log", "w")
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT
        )
        try:
            self.await_socket()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def await_socket(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(self.socket)
                    return
            except OSError:
                time.sleep(0.002)
        with open(self.log.name) as log:
            raise build.Problem(f"{self.key} does not listen: {log.read()[-2000:]}")


def module_cache(directory):
    return os.path.join(directory, "modules")


def ours(tools, directory, pool_size, module=build.MODULE):
    path = os.path.join(directory, "agent.sock")
    command = [tools.agent, "--module", module, "--socket", path]
    command += ["--module-cache", module_cache(directory)]
    return Agent("agent", command + ["--pool-size", pool_size, "--admin-port", 0], path)


def reference(tools, directory, pool_size):
    path = os.path.join(directory, "reference.sock")
    command = [tools.reference, "--module", build.MODULE, "--socket", path]
    return Agent("reference", command + ["--pool-size", pool_size], path)


def js_agent(tools, directory, script):
    path = os.path.join(directory, "js.sock")
    return Agent("reference", [tools.js_agent, "--script", script, "--socket", path], path)


def reference_v2(tools, directory, pool_size):
    path = os.path.join(directory, "reference-v2.sock")
    command = [tools.reference_v2, "serve", path, build.MODULE, pool_size]
    return Agent("reference", command, path)


def load(tools, agent, **flags):
    """Runs the load generator against an agent and returns what it measured."""
    command = [str(tools.loadgen), "run", "--socket", agent.socket, "--pid", str(agent.process.pid)]
    for name, value in flags.items():
        command += ["--" + name.replace("_", "-"), str(value)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.stderr:
        print(done.stderr, end="", flush=True)
    if not done.stdout:
        raise build.Problem(f"the load generator failed against {agent.key}: {done.stderr}")
    return json.loads(done.stdout)
